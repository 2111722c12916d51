// post_slack_message: one message to one place, which is found first, so that what is judged is where it goes.
import * as z from 'zod'
import { slack } from '../connectors/index.ts'
import { defineWorkflow } from '../engine/workflow.ts'

const { channel } = slack.actions.resolve_channel.input.shape
const { channel: Destination, text, blocks, thread_ts, reply_broadcast } = slack.actions.post_message.input.shape

/** Posts `text` (and `blocks` in its place) to a channel or person by name or id, or into the thread of `thread_ts`. */
export const postSlackMessage = defineWorkflow({
  id: 'post_slack_message',
  title: 'Post a message in Slack',
  payload: z.strictObject({ channel, text, blocks, thread_ts, reply_broadcast }),
  uses: { slack: slack.uses('resolve_channel', 'post_message') },
  // Of a name nobody knows yet what it stands for: its message is locked when it is posted.
  resources: ({ channel, ...message }) =>
    Destination.safeParse(channel).success ? slack.actions.post_message.resources({ channel, ...message }) : [],
  async run({ slack }, { channel, ...message }) {
    const { id } = await slack.resolve_channel({ channel })
    await slack.post_message({ channel: id, ...message })
  }
})
