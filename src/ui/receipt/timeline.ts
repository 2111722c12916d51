// When what happened, and how long it took: judging, people, calls, signing. Bars keep their order and say their exact times; lengths are compressed.
import type { Receipt } from '../../engine/schema.ts'
import { callName } from './call_name.ts'
import { msOf } from './took.ts'

export interface Bar {
  readonly name: string
  readonly kind: 'machine' | 'person' | 'failed'
  readonly from: number
  /** The same as `from` = a moment. */
  readonly to: number
  /** Shares of the width, 0 to 1. */
  readonly left: number
  readonly width: number
}

const WIDTH_MIN = 0.015
const DAY_MS = 86_400_000
/** Longer than any approval may be open. */
const WAIT_MAX_MS = 31 * DAY_MS

/** Empty where the receipt tells no time but its own. `askedAt` is when people were asked, if that is known. */
export function timelineOf(receipt: Receipt, askedAt: number | null = null): Bar[] {
  const spans = spansOf(receipt, askedAt)
  if (spans.length < 2) return []
  const place = scaleOf(spans.flatMap(({ from, to }) => [from, to]))
  return spans.map((span) => {
    const left = Math.min(place(span.from), 1 - WIDTH_MIN)
    return { ...span, left, width: Math.max(WIDTH_MIN, place(span.to) - left) }
  })
}

type Span = Omit<Bar, 'left' | 'width'>

function spansOf({ run_id, judged_at, approval, actions_taken, timestamp, policy_results }: Receipt, askedAt: number | null): Span[] {
  const signed = msOf(timestamp)
  if (signed === null) return []
  const spans: Span[] = []
  const judged = msOf(judged_at)
  const decided = (approval?.votes ?? []).map(({ decided_at }) => msOf(decided_at)).filter((ms) => ms !== null)
  const answered = decided.length === 0 ? null : Math.max(...decided)
  const begun = askedAt ?? startOf(run_id, answered ?? judged ?? signed)
  if (approval !== null) {
    const to = answered ?? judged ?? signed
    const from = begun !== null && begun <= to ? begun : judged !== null && judged <= to ? judged : to
    const names = [...new Set(approval.votes.map(({ by }) => by))].join(', ')
    spans.push({ name: names === '' ? 'waiting for a person' : `approval: ${names}`, kind: 'person', from, to })
  }
  if (judged !== null && policy_results.length > 0) spans.push({ name: 'policies', kind: 'machine', from: judged, to: judged })
  for (const taken of actions_taken) {
    const [from, to] = [msOf(taken.started_at), msOf(taken.finished_at)]
    if (from !== null && to !== null)
      spans.push({ name: callName(taken), kind: taken.success ? 'machine' : 'failed', from, to: Math.max(from, to) })
  }
  const last = spans.length === 0 ? signed : Math.max(...spans.map(({ to }) => to))
  spans.push({ name: 'sign and chain', kind: 'machine', from: Math.min(last, signed), to: signed })
  return spans.toSorted((a, b) => a.from - b.from)
}

/** The moment in a UUIDv7, where it is one that can be the beginning of what ended at `end`. */
export function startOf(runId: string, end: number): number | null {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(runId)) return null
  const ms = Number.parseInt(runId.slice(0, 8) + runId.slice(9, 13), 16)
  return ms <= end && end - ms <= WAIT_MAX_MS ? ms : null
}

/** Where a moment stands between 0 and 1: each stretch between two moments is as wide as its logarithm, so that an hour leaves room for a millisecond. */
function scaleOf(moments: readonly number[]): (moment: number) => number {
  const marks = [...new Set(moments)].toSorted((a, b) => a - b)
  const places = new Map<number, number>([[marks[0]!, 0]])
  let sum = 0
  for (let i = 1; i < marks.length; i++) {
    sum += Math.log2(2 + marks[i]! - marks[i - 1]!)
    places.set(marks[i]!, sum)
  }
  return (moment) => (sum === 0 ? 0 : (places.get(moment) ?? 0) / sum)
}
