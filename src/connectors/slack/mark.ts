// The trace of a call on a message: metadata that readers do not see and that tells, after a crash, whose work it is.
import type { Json } from '../../engine/index.ts'

const EVENT = 'enact_call'

/** Metadata as Slack gives and takes it. */
export type Metadata = { event_type: string; event_payload: { [key: string]: Json } }

/** A call's own word: no secret, since every app of the workspace can read it. */
export function markOf(key: string): string {
  return key.replace(/[^A-Za-z0-9]+/g, '-')
}

/** Metadata that says which call wrote the message last, and which one posted it. */
export function marked(mark: string, posted: string = mark): Metadata {
  return { event_type: EVENT, event_payload: { mark, posted } }
}

/** The marks on a message; null where it has none of ours. */
export function marksOn(metadata: Metadata | null): { readonly mark: string; readonly posted: string } | null {
  if (metadata?.event_type !== EVENT) return null
  const { mark, posted } = metadata.event_payload
  return typeof mark === 'string' && typeof posted === 'string' ? { mark, posted } : null
}
