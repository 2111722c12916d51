// post_message, and what takes it back.
import * as z from 'zod'
import { alreadyDone, conflict, done, failed, type JsonObject } from '../../engine/index.ts'
import { writing, type Planned } from './action.ts'
import { Blocks } from './blocks.ts'
import { type Conversation, readConversation } from './conversations.ts'
import { asText, ConversationId, Destination, MessageTs, messageResource, newMessageResource, Text } from './inputs.ts'
import { marked, markOf, marksOn } from './mark.ts'
import { findPosted, isAnswered, readMessage } from './messages.ts'
import { notAllowed, type Workspace } from './workspace.ts'

type Posted = { channel: string; ts: string; thread_ts: string | null; mark: string }

/** Slack's clock and its stamps may differ a little. */
const MARGIN_SECONDS = 120

const Post = z.strictObject({
  channel: Destination,
  text: Text,
  blocks: Blocks.optional(),
  /** Of the message whose thread it answers in. */
  thread_ts: MessageTs.optional(),
  /** Shows an answer in the channel too. */
  reply_broadcast: z.boolean().optional()
})

/** Posts a message as text; `blocks` are shown in its place where they are given. A message that this call has posted is never posted again. */
export const post_message = writing({
  title: 'Post a message',
  input: Post,
  resources: ({ channel, thread_ts, text }) => [newMessageResource(channel, thread_ts, text)],
  async plan(workspace, input): Promise<Planned<Posted>> {
    if (workspace.noted()['posting'] !== undefined) {
      const found = await findMine(workspace, input)
      if (found.kind === 'done') return alreadyDone('posted', found.output)
      if (found.kind === 'unknown' || workspace.noted()['unanswered'] === true)
        return failed('effect_unknown', 'whether an earlier attempt has posted cannot be told', 'unknown')
    }
    const conversation = await readConversation(workspace, input.channel)
    if (conversation.is_archived) return failed('is_archived', `\`${conversation.name ?? input.channel}\` is archived`)
    return { shows: shown(conversation), act: () => post(workspace, input) }
  },
  async look(workspace, input) {
    // The note comes before the request: without it nothing was sent.
    return workspace.noted()['posting'] === undefined ? { kind: 'not_done' } : findMine(workspace, input)
  },
  inverse: (_input, { channel, ts, mark }: Posted) => ({ action: 'retract_message', input: { channel, ts }, expect: { mark } })
})

async function post(workspace: Workspace, { channel: to, text, blocks, thread_ts, reply_broadcast }: z.output<typeof Post>) {
  const { api, call, client } = workspace
  let channel = to
  if (/^[UW]/.test(to)) {
    // Opening a direct message shows nothing to anybody; its id is what a later look needs.
    const opened = await api.conversations.open({ users: to })
    channel = opened.channel?.id ?? ''
    if (!channel.startsWith('D')) return failed('no_direct_message', `slack opens no direct message with \`${to}\``)
    if (!client.allows(channel)) return notAllowed(channel)
  }
  const now = client.time()
  await call.note({ posting: channel, since: now === null ? null : now - MARGIN_SECONDS })
  const mark = markOf(call.idempotencyKey)
  const { postMessage: send } = api.chat
  const sent = await workspace.effect(
    send({
      channel,
      text: asText(text),
      ...(blocks ? { blocks: blocks as never } : {}),
      metadata: marked(mark) as never,
      ...threaded(thread_ts, reply_broadcast),
      ...QUIET,
      // Slack would fetch every address in the text, which makes it a way out for data.
      unfurl_links: false,
      unfurl_media: false
    })
  )
  return done({ channel: sent.channel ?? channel, ts: sent.ts ?? '', thread_ts: thread_ts ?? null, mark })
}

/** Names in the text stay names. */
export const QUIET = { parse: 'none', link_names: false } as const

function threaded(thread_ts: string | undefined, reply_broadcast: boolean | undefined) {
  if (thread_ts === undefined) return {}
  return reply_broadcast === true ? { thread_ts, reply_broadcast: true } : { thread_ts }
}

async function findMine(workspace: Workspace, { text, thread_ts = null }: { text: string; thread_ts?: string | null | undefined }) {
  const { posting, since } = workspace.noted()
  const channel = String(posting)
  const mark = markOf(workspace.call.idempotencyKey)
  const wanted = { channel, thread_ts, mark, text: asText(text), since: typeof since === 'number' ? since : null }
  const found = await findPosted(workspace, wanted)
  return found.kind === 'done' ? { kind: found.kind, output: { channel, ts: found.output.ts, thread_ts, mark } } : found
}

/** What a person who must approve sees. Few people come and go without anybody's doing: their number is told roughly, or no approval would last. */
function shown({ id, name, kind, user, is_ext_shared, num_members, externals }: Conversation): JsonObject {
  return { channel: id, name, kind, is_ext_shared, members: roughly(num_members), externals, ...(user ? { user } : {}) }
}

function roughly(count: number | null): string {
  const most = [10, 100, 1_000, 10_000, 100_000].find((limit) => (count ?? Infinity) <= limit)
  return count === null ? 'unknown' : most === undefined ? 'more than 100000' : `at most ${most}`
}

/** Deletes what `post_message` posted, unless somebody has changed it or answered to it since. */
export const retract_message = writing({
  title: 'Take a message back',
  internal: true,
  input: z.strictObject({ channel: ConversationId, ts: MessageTs }),
  resources: ({ channel, ts }) => [messageResource(channel, ts)],
  async plan(workspace, { channel, ts }): Promise<Planned<{ channel: string; ts: string }>> {
    const message = await readMessage(workspace, channel, ts)
    if (message === null) return alreadyDone('deleted', { channel, ts })
    if (message.edited_ts !== null || marksOn(message.metadata)?.mark !== workspace.call.expect?.['mark'])
      return conflict('the message was changed since', { ts, edited_ts: message.edited_ts })
    // Their words would stay behind as answers to nothing.
    if (await isAnswered(workspace, channel, message))
      return conflict('somebody has answered to the message', { ts, replies: message.reply_count })
    return {
      shows: { channel, ts },
      async act() {
        await workspace.effect(workspace.api.chat.delete({ channel, ts }))
        return done({ channel, ts })
      }
    }
  },
  async look(workspace, { channel, ts }) {
    return (await readMessage(workspace, channel, ts)) === null ? { kind: 'done', output: { channel, ts } } : { kind: 'not_done' }
  },
  inverse: () => null
})
