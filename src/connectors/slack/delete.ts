// delete_message: the one write to Slack that nothing takes back.
import * as z from 'zod'
import { alreadyDone, done, failed } from '../../engine/index.ts'
import { writing, type Planned } from './action.ts'
import { ConversationId, MessageTs, messageResource } from './inputs.ts'
import { asksSomething, readMessage } from './messages.ts'

type Deleted = { channel: string; ts: string; user: string | null; text: string | null }

/** Deletes a message of the bot's own. A message posted anew would be another one, at another place and without its thread: it cannot be undone. */
export const delete_message = writing({
  title: 'Delete a message',
  input: z.strictObject({ channel: ConversationId, ts: MessageTs }),
  resources: ({ channel, ts }) => [messageResource(channel, ts)],
  async plan(workspace, { channel, ts }): Promise<Planned<Deleted>> {
    const message = await readMessage(workspace, channel, ts)
    if (message === null) return alreadyDone('deleted', { channel, ts, user: null, text: null })
    if (asksSomething(message)) return failed('asks_people', 'the message asks people something: it is not for agents to delete')
    const { user, text } = message
    return {
      shows: { channel, ts, user, text },
      async act() {
        await workspace.effect(workspace.api.chat.delete({ channel, ts }))
        return done({ channel, ts, user, text })
      }
    }
  },
  async look(workspace, { channel, ts }) {
    const message = await readMessage(workspace, channel, ts)
    return message === null ? { kind: 'done', output: { channel, ts, user: null, text: null } } : { kind: 'not_done' }
  },
  inverse: 'irreversible'
})
