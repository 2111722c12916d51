// What a team's own receipts tell of before: the question a policy asks of them, and the answer as it is judged and recorded.
import { recipientsOf } from './recipients.ts'
import type { Json, JsonObject, Receipt } from './schema.ts'

/** What receipts can be asked about: the values one is found by. A row here is an index at the edge. */
const ABOUT = {
  recipient: ({ payload, actions_taken }: Receipt) => {
    // The payload may be shown redacted; what a mail's call touched names the folded address, which no secret fits into.
    const touched = actions_taken.flatMap(({ resources }) => resources.flatMap((path) => /^mail\/to\/(.+)$/.exec(path)?.[1] ?? []))
    return [...recipientsOf(payload.to, payload.cc, payload.bcc), ...touched.map(decoded)]
  },
  mail_key: ({ actions_taken }: Receipt) =>
    actions_taken.flatMap(({ resources }) => resources.flatMap((path) => /^mail\/key\/(.+)$/.exec(path)?.[1] ?? [])).map(decoded)
} as const satisfies Readonly<Record<string, (receipt: Receipt) => readonly string[]>>

/** The payload key under which the answer shows the values that matched. */
const SHOWN_AS: Readonly<Record<PastAbout, string>> = { recipient: 'to', mail_key: 'idempotency_key' }

export type PastAbout = keyof typeof ABOUT
export const PAST_ABOUT = Object.keys(ABOUT) as readonly PastAbout[]

/** Receipts of runs that did `did` (a workflow, or an action that one of its calls made) since then, about one of `values`, which are folded. */
export interface PastQuery {
  readonly about: PastAbout
  readonly values: readonly string[]
  readonly did: string
  /** Milliseconds since the epoch, included. */
  readonly since: number
}

/** A policy's question: null where this payload raises none. The answer is the fact `fact`, a list of `PastReceipt`. */
export interface PastQuestion {
  readonly fact: string
  ask(payload: JsonObject, now: number): PastQuery | null
}

/** A team's past receipts. What it finds is narrowed again by the engine; it may find more, never less. */
export interface Past {
  /** At most `limit` receipts, each at its newest revision, of everything that was in the ledger before the call. Rejects where it cannot tell. */
  find(teamId: string, query: PastQuery, limit: number): Promise<readonly Receipt[]>
}

/** More receipts than this are no answer: a part of them would be taken for all. */
export const PAST_MAX = 50

/** Whether a run counts: it was enforced here, passed, and had an effect or may have had one. What was imported was judged elsewhere. */
export function isPastEffect({ mode, run_mode, decision, outcome }: Receipt): boolean {
  return mode !== 'imported' && run_mode === 'enforce' && decision === 'PASS' && outcome !== 'NONE' && outcome !== 'FAILED'
}

/** What an index files this receipt under, `[about, value]` each. Nothing for a run that does not count. */
export function pastValuesOf(receipt: Receipt): [PastAbout, string][] {
  if (!isPastEffect(receipt)) return []
  return PAST_ABOUT.flatMap((about) => [...new Set(ABOUT[about](receipt))].map((value): [PastAbout, string] => [about, value]))
}

/** Whether a receipt answers the question. */
export function matchesPast(receipt: Receipt, { about, values, did, since }: PastQuery): boolean {
  return (
    isPastEffect(receipt) &&
    Date.parse(receipt.timestamp) >= since &&
    (receipt.workflow === did ||
      receipt.actions_taken.some(({ action, status }) => action === did && status !== 'SKIPPED' && status !== 'FAILED')) &&
    ABOUT[about](receipt).some((value) => values.includes(value))
  )
}

/** The answers to these questions, of one fact together: each run once, newest first, with nothing of its payload but what was asked about. */
export async function askPast(past: Past, teamId: string, queries: readonly PastQuery[]): Promise<Json> {
  const found = await Promise.all(
    queries.map(async (query) => {
      const receipts = await past.find(teamId, query, PAST_MAX + 1)
      if (receipts.length > PAST_MAX) throw new Error(`more than ${PAST_MAX} receipts answer it`)
      return receipts.filter((receipt) => matchesPast(receipt, query)).map((receipt) => pastReceipt(receipt, query))
    })
  )
  const runs = new Map<string, JsonObject>()
  for (const one of found.flat()) runs.set(String(one.run_id), joined(runs.get(String(one.run_id)), one))
  return [...runs.values()].sort(
    (a, b) => String(b.timestamp).localeCompare(String(a.timestamp)) || String(b.run_id).localeCompare(String(a.run_id))
  )
}

function pastReceipt(receipt: Receipt, { about, values }: PastQuery): JsonObject {
  const { run_id, workflow, decision, outcome, run_mode, timestamp, actions_taken } = receipt
  const matched = [...new Set(ABOUT[about](receipt).filter((value) => values.includes(value)))].sort()
  const actions = [...new Set(actions_taken.map(({ action }) => action))].sort()
  return { run_id, workflow, actions, decision, outcome, run_mode, timestamp, payload: { [SHOWN_AS[about]]: matched } }
}

/** Two questions may have found one run by different values. */
function joined(before: JsonObject | undefined, now: JsonObject): JsonObject {
  if (before === undefined) return now
  const payload: Record<string, Json> = { ...(before.payload as JsonObject) }
  for (const [key, values] of Object.entries(now.payload as JsonObject))
    payload[key] = [...new Set([...((payload[key] as string[] | undefined) ?? []), ...(values as string[])])].sort()
  return { ...now, payload }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
