// update_message and what takes it back: the message as it was before.
import * as z from 'zod'
import { alreadyDone, conflict, done, failed, type Json, type JsonObject } from '../../engine/index.ts'
import { writing, type Planned } from './action.ts'
import { Blocks } from './blocks.ts'
import { asText, ConversationId, MessageTs, messageResource, Text } from './inputs.ts'
import { marked, markOf, marksOn, type Metadata } from './mark.ts'
import { asksSomething, contentOf, type Message, readMessage } from './messages.ts'
import { QUIET } from './post.ts'
import type { Workspace } from './workspace.ts'

type Before = { text: string; blocks: Json[]; metadata: Metadata | null; edited_ts: string | null }
type Updated = { channel: string; ts: string; mark: string | null; edited_ts: string | null; before: Before }
type At = { channel: string; ts: string }

/** Changes a message of the bot's own: text and blocks both, so that what was judged is all there is. */
export const update_message = writing({
  title: 'Change a message',
  input: z.strictObject({ channel: ConversationId, ts: MessageTs, text: Text, blocks: Blocks.optional() }),
  resources: ({ channel, ts }) => [messageResource(channel, ts)],
  async plan(workspace, { channel, ts, text, blocks }): Promise<Planned<Updated>> {
    const message = await readMessage(workspace, channel, ts)
    if (message === null) return failed('message_not_found', 'there is no such message')
    const mark = markOf(workspace.call.idempotencyKey)
    const noted = workspace.noted()['before'] as Before | undefined
    if (noted !== undefined && marksOn(message.metadata)?.mark === mark)
      return alreadyDone('updated', described({ channel, ts }, message, mark, noted))
    const { bot_id } = await workspace.self()
    if (bot_id !== null && message.bot_id !== bot_id) return failed('cant_update_message', 'the bot can change its own messages only')
    if (asksSomething(message)) return failed('asks_people', 'the message asks people something: it is not for agents to change')
    const before: Before = { text: message.text, blocks: message.blocks, metadata: message.metadata, edited_ts: message.edited_ts }
    const metadata = markFor(message, mark)
    return {
      shows: { channel, ts, before: { text: message.text } },
      async act() {
        await workspace.call.note({ before: before as unknown as JsonObject })
        // Slack keeps the blocks that stand there unless it is told that there are none.
        const content = { text: asText(text), blocks: (blocks ?? []) as never }
        await workspace.effect(
          workspace.api.chat.update({ channel, ts, ...content, ...(metadata ? { metadata: metadata as never } : {}), ...QUIET })
        )
        return done(described({ channel, ts }, await lookAfter(workspace, { channel, ts }), metadata ? mark : null, before))
      }
    }
  },
  async look(workspace, { channel, ts }) {
    const before = workspace.noted()['before'] as Before | undefined
    if (before === undefined) return { kind: 'not_done' }
    const message = await readMessage(workspace, channel, ts)
    if (message === null) return { kind: 'unknown' }
    const mark = markOf(workspace.call.idempotencyKey)
    if (marksOn(message.metadata)?.mark === mark) return { kind: 'done', output: described({ channel, ts }, message, mark, before) }
    return isAs(message, before) ? { kind: 'not_done' } : { kind: 'unknown' }
  },
  inverse: (_input, { channel, ts, mark, edited_ts, before }: Updated) => ({
    action: 'restore_message',
    input: { channel, ts, text: before.text, blocks: before.blocks, metadata: before.metadata },
    expect: { mark, edited_ts }
  })
})

/** Sets a message back to what it said before, unless somebody has changed it since. */
export const restore_message = writing({
  title: 'Set a message back',
  internal: true,
  input: z.strictObject({
    channel: ConversationId,
    ts: MessageTs,
    text: z.string(),
    blocks: z.array(z.record(z.string(), z.json())),
    metadata: z.strictObject({ event_type: z.string(), event_payload: z.record(z.string(), z.json()) }).nullable()
  }),
  resources: ({ channel, ts }) => [messageResource(channel, ts)],
  async plan(workspace, { channel, ts, text, blocks, metadata }): Promise<Planned<At>> {
    const message = await readMessage(workspace, channel, ts)
    if (message === null) return conflict('the message was deleted since', { ts })
    if (contentOf(message) === contentOf({ text, blocks })) return alreadyDone('restored', { channel, ts })
    const { mark = null, edited_ts = null } = workspace.call.expect ?? {}
    const isOurs = (mark === null || marksOn(message.metadata)?.mark === mark) && (edited_ts === null || message.edited_ts === edited_ts)
    if (!isOurs || (mark === null && edited_ts === null))
      return conflict('the message was changed since', { ts, edited_ts: message.edited_ts })
    return {
      shows: { channel, ts },
      async act() {
        // An empty object takes the metadata away.
        const given = mark === null ? {} : { metadata: (metadata ?? {}) as never }
        const content = { text, blocks: blocks as never, ...given }
        await workspace.effect(workspace.api.chat.update({ channel, ts, ...content, ...QUIET }))
        return done({ channel, ts })
      }
    }
  },
  async look(workspace, { channel, ts, text, blocks }) {
    const message = await readMessage(workspace, channel, ts)
    if (message === null) return { kind: 'unknown' }
    if (contentOf(message) === contentOf({ text, blocks })) return { kind: 'done', output: { channel, ts } }
    return message.edited_ts === workspace.call.expect?.['edited_ts'] ? { kind: 'not_done' } : { kind: 'unknown' }
  },
  inverse: () => null
})

/** A mark of ours may take the place of one of ours, or of none; what another program has written there stays. */
function markFor({ metadata }: Message, mark: string): Metadata | null {
  const before = marksOn(metadata)
  if (metadata !== null && before === null) return null
  return marked(mark, before?.posted ?? '')
}

/** The message once it is changed; what cannot be read any more is only not compared later. */
async function lookAfter(workspace: Workspace, { channel, ts }: At): Promise<Message | null> {
  try {
    return await readMessage(workspace, channel, ts)
  } catch {
    return null
  }
}

function described(at: At, message: Message | null, mark: string | null, before: Before): Updated {
  return { ...at, mark, edited_ts: message?.edited_ts ?? null, before }
}

function isAs(message: Message, before: Before): boolean {
  return message.edited_ts === before.edited_ts && contentOf(message) === contentOf(before)
}
