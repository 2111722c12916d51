// What a team's own receipts tell of before: the question a policy asks of them, and the answer as it is judged and recorded.
import { recipientsOf } from './recipients.ts'
import type { ActionTaken, Json, JsonObject, Receipt } from './schema.ts'

interface About {
  /** The folded values that a receipt is found by. */
  of(receipt: Receipt): readonly string[]
  /** Whether a run counts at all. */
  counts(receipt: Receipt): boolean
  /** The payload key under which an answer shows the values that matched. */
  readonly shown_as: string
}

/** What receipts can be asked about; a row is an index at the edge. */
const ABOUT = {
  recipient: {
    // The payload may be shown redacted; what a mail's call touched names the folded address, which no secret fits into.
    of: (receipt) => [...recipientsOf(receipt.payload.to, receipt.payload.cc, receipt.payload.bcc), ...touched(receipt, 'mail/to/')],
    counts: isPastEffect,
    shown_as: 'to'
  },
  mail_key: {
    // A call that was cut off by a new configuration has lost what it touched: then the payload speaks for it.
    of: (receipt) => {
      const { idempotency_key } = receipt.payload
      const said = typeof idempotency_key === 'string' && receipt.actions_taken.some(isEffect) ? [idempotency_key] : []
      return [...touched(receipt, 'mail/key/'), ...said]
    },
    // What was sent was sent, whatever policies said of it; but only Enact's own recorder is believed.
    counts: ({ mode, outcome }) => (mode === 'mediated' || mode === 'embedded') && outcome !== 'NONE' && outcome !== 'FAILED',
    shown_as: 'idempotency_key'
  }
} as const satisfies Readonly<Record<string, About>>

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
export function isPastEffect({ mode, run_mode, decision, outcome, actions_taken }: Receipt): boolean {
  // Where every call found its work done before, nothing was done.
  const acted = actions_taken.length === 0 || actions_taken.some(({ status }) => status === 'DONE' || status === 'UNKNOWN')
  return acted && mode !== 'imported' && run_mode === 'enforce' && decision === 'PASS' && outcome !== 'NONE' && outcome !== 'FAILED'
}

/** What an index files this receipt under, `[about, value]` each. Nothing for a run that does not count. */
export function pastValuesOf(receipt: Receipt): [PastAbout, string][] {
  return PAST_ABOUT.flatMap((about) => {
    const { of, counts } = ABOUT[about]
    return counts(receipt) ? [...new Set(of(receipt))].map((value): [PastAbout, string] => [about, value]) : []
  })
}

/** Whether a receipt answers the question. */
export function matchesPast(receipt: Receipt, { about, values, did, since }: PastQuery): boolean {
  return (
    ABOUT[about].counts(receipt) &&
    Date.parse(receipt.timestamp) >= since &&
    (receipt.workflow === did || receipt.actions_taken.some((taken) => taken.action === did && isEffect(taken))) &&
    ABOUT[about].of(receipt).some((value) => values.includes(value))
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

/** The newest call of `action` that the team's receipts tell of under one of these values, null where there is none; however long ago. */
export async function pastCall(
  past: Past,
  teamId: string,
  query: Pick<PastQuery, 'about' | 'values'>,
  action: string
): Promise<ActionTaken | null> {
  const asked = { ...query, did: action, since: 0 }
  const receipts = (await past.find(teamId, asked, PAST_MAX + 1)).filter((receipt) => matchesPast(receipt, asked))
  const calls = receipts.flatMap((receipt) =>
    receipt.actions_taken.filter((taken) => {
      const only = { ...receipt, actions_taken: [taken] }
      return taken.action === action && isEffect(taken) && ABOUT[query.about].of(only).some((value) => query.values.includes(value))
    })
  )
  // Of several, one that did it for certain says more than one that only found it done.
  return calls.find(({ status }) => status === 'DONE') ?? calls[0] ?? null
}

function pastReceipt(receipt: Receipt, { about, values }: PastQuery): JsonObject {
  const { run_id, workflow, decision, outcome, run_mode, timestamp, actions_taken } = receipt
  const matched = [...new Set(ABOUT[about].of(receipt).filter((value) => values.includes(value)))].sort()
  const actions = [...new Set(actions_taken.map(({ action }) => action))].sort()
  return { run_id, workflow, actions, decision, outcome, run_mode, timestamp, payload: { [ABOUT[about].shown_as]: matched } }
}

/** Two questions may have found one run by different values. */
function joined(before: JsonObject | undefined, now: JsonObject): JsonObject {
  if (before === undefined) return now
  const payload: Record<string, Json> = { ...(before.payload as JsonObject) }
  for (const [key, values] of Object.entries(now.payload as JsonObject))
    payload[key] = [...new Set([...((payload[key] as string[] | undefined) ?? []), ...(values as string[])])].sort()
  return { ...now, payload }
}

/** The rest of every path that begins so, of the calls that had an effect or may have had one. */
function touched({ actions_taken }: Receipt, prefix: string): string[] {
  return actions_taken
    .filter(isEffect)
    .flatMap(({ resources }) => resources.flatMap((path) => (path.startsWith(prefix) ? [decoded(path.slice(prefix.length))] : [])))
}

function isEffect({ status }: ActionTaken): boolean {
  return status === 'DONE' || status === 'ALREADY' || status === 'UNKNOWN'
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
