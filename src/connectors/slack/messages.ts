// Messages as they stand in Slack: one by its time stamp, and the one that a call of ours may have left.
import type { Json, Recovered } from '../../engine/index.ts'
import { canonicalize, toJson } from '../../engine/index.ts'
import { marksOn, type Metadata } from './mark.ts'
import { orNull, type Workspace } from './workspace.ts'

/** What there is to know of a message. `text` is in Slack's own spelling. */
export interface Message {
  readonly ts: string
  readonly thread_ts: string | null
  readonly text: string
  readonly blocks: Json[]
  readonly metadata: Metadata | null
  /** Of the last change; null where it stands as it was posted. */
  readonly edited_ts: string | null
  readonly bot_id: string | null
  readonly user: string | null
  readonly reply_count: number
}

const PAGE_SIZE = 200
const PAGES_MAX = 5

/** The message, or null where it is gone. A thread's first message that was deleted leaves a stone, which is none. */
export async function readMessage(workspace: Workspace, channel: string, ts: string): Promise<Message | null> {
  const answer = await orNull(
    workspace.api.conversations.replies({ channel, ts, oldest: ts, latest: ts, inclusive: true, limit: 2, include_all_metadata: true }),
    'thread_not_found',
    'message_not_found'
  )
  const found = answer?.messages?.find((message) => message.ts === ts)
  return found === undefined || (found as Raw).subtype === 'tombstone' ? null : messageOf(found as Raw)
}

/** Whether somebody else than the message's own bot has answered in its thread. */
export async function isAnswered(workspace: Workspace, channel: string, message: Message): Promise<boolean> {
  if (message.reply_count === 0) return false
  const { messages = [], has_more } = await workspace.api.conversations.replies({ channel, ts: message.ts, limit: PAGE_SIZE })
  const isOthers = (reply: Raw) => reply.ts !== message.ts && (message.bot_id === null || reply.bot_id !== message.bot_id)
  return has_more === true || (messages as Raw[]).some(isOthers)
}

/**
 * The message that bears a call's mark, among those since `since`. `unknown` where that cannot be told: more messages than may be read, or
 * one of ours that says the same and bears no mark.
 */
export async function findPosted(
  workspace: Workspace,
  { channel, thread_ts, since, mark, text }: { channel: string; thread_ts: string | null; since: number | null; mark: string; text: string }
): Promise<Recovered<{ ts: string }>> {
  const { bot_id } = await workspace.self()
  const oldest = since === null ? {} : { oldest: since.toFixed(6) }
  let cursor = ''
  let isDoubtful = false
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const asked = { channel, limit: PAGE_SIZE, include_all_metadata: true, ...oldest, ...(cursor === '' ? {} : { cursor }) }
    const { messages, response_metadata } =
      thread_ts === null
        ? await workspace.api.conversations.history(asked)
        : await workspace.api.conversations.replies({ ...asked, ts: thread_ts })
    for (const message of ((messages ?? []) as Raw[]).map(messageOf)) {
      // Metadata can be written by any app of the workspace.
      if (bot_id !== null && message.bot_id !== bot_id) continue
      // A thread's first message comes with every page, however old it is.
      if (since !== null && Number(message.ts) < since) continue
      if (marksOn(message.metadata)?.posted === mark) return { kind: 'done', output: { ts: message.ts } }
      if (message.metadata === null && message.text === text) isDoubtful = true
    }
    cursor = response_metadata?.next_cursor ?? ''
    if (cursor === '') return { kind: isDoubtful ? 'unknown' : 'not_done' }
  }
  return { kind: 'unknown' }
}

/**
 * Whether a message has something to press. The same bot asks people for approvals: what it asks is not for agents to change or to remove.
 */
export function asksSomething({ blocks }: Message): boolean {
  return blocks.some((block) => {
    const { type, accessory } = (block ?? {}) as { type?: Json; accessory?: { type?: Json } }
    return type === 'actions' || type === 'input' || (accessory !== undefined && accessory.type !== 'image')
  })
}

/** The message's words and blocks as one text, to be compared. */
export function contentOf({ text, blocks }: { readonly text: string; readonly blocks: Json[] }): string {
  return canonicalize([text, blocks])
}

interface Raw {
  readonly ts?: string
  readonly thread_ts?: string
  readonly subtype?: string
  readonly text?: string
  readonly blocks?: unknown
  readonly metadata?: unknown
  readonly edited?: { readonly ts?: string }
  readonly bot_id?: string
  readonly user?: string
  readonly reply_count?: number
}

function messageOf(raw: Raw): Message {
  const { event_type, event_payload } = (raw.metadata ?? {}) as { event_type?: unknown; event_payload?: unknown }
  const isMarked = typeof event_type === 'string' && typeof event_payload === 'object' && event_payload !== null
  return {
    ts: raw.ts ?? '',
    thread_ts: raw.thread_ts ?? null,
    text: raw.text ?? '',
    blocks: Array.isArray(raw.blocks) ? (toJson(raw.blocks) as Json[]) : [],
    metadata: isMarked ? { event_type, event_payload: toJson(event_payload) as Metadata['event_payload'] } : null,
    edited_ts: raw.edited?.ts ?? null,
    bot_id: raw.bot_id ?? null,
    user: raw.user ?? null,
    reply_count: raw.reply_count ?? 0
  }
}
