// Receipts seen together: how many when, and which have to do with one another.
import * as z from 'zod'
import { Decision, fault, Outcome, ReceiptQuery, RELATIONS, RunId, timeText } from '../../engine/index.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { count, RunPath } from '../schema.ts'

const DAY_MS = 86_400_000
const SPAN_MAX_MS = 3_660 * DAY_MS

const Counts = { pass: z.int(), block: z.int(), partial: z.int() }
const Histogram = z.strictObject({
  from: z.string(),
  to: z.string(),
  bucket_ms: z.int(),
  buckets: z.array(z.strictObject({ at: z.string(), ...Counts })),
  totals: z.strictObject({ receipts: z.int(), ...Counts })
})
const Related = z.strictObject({
  relation: z.enum(RELATIONS),
  run_id: RunId,
  workflow: z.string(),
  decision: Decision,
  outcome: Outcome,
  timestamp: z.string()
})

/** `GET /receipts/histogram`. Listed before the route that would take it for a run. */
export const countReceipts = route({
  id: 'countReceipts',
  method: 'GET',
  path: '/receipts/histogram',
  access: ['read'],
  title: 'Count receipts over time',
  about:
    'By decision, in up to 200 equal stretches of the time between `from` (included) and `to` (not): the last 24 hours unless you say otherwise. A receipt counts at the time of its newest revision. `search` as in the list.',
  tag: 'receipts',
  query: ReceiptQuery.pick({ search: true, from: true, to: true }).extend({ buckets: count(1, 200, 48) }),
  answers: { 200: { title: 'The counts', schema: Histogram } },
  async handle({ host, actor, query: { search, from: given, to: end, buckets: asked } }) {
    const to = end ?? host.ports.clock.now()
    const from = given ?? to - DAY_MS
    if (from >= to || to - from > SPAN_MAX_MS) {
      throw fault('invalid', '`from` must be before `to`, by ten years at most', {
        errors: [{ pointer: '/from', detail: 'is not before `to`, or too long before it' }]
      })
    }
    const bucket_ms = Math.ceil((to - from) / asked)
    await host.ledger.project(actor.team_id)
    const filter = { to, ...(search === undefined ? {} : { search }) }
    const found = await host.receipts.histogram(actor.team_id, filter, from, bucket_ms, Math.ceil((to - from) / bucket_ms))
    const sum = (name: keyof typeof Counts) => found.reduce((total, bucket) => total + bucket[name], 0)
    const totals = { pass: sum('pass'), block: sum('block'), partial: sum('partial') }
    return answer(200, {
      from: timeText(from),
      to: timeText(to),
      bucket_ms,
      buckets: found.map(({ at, pass, block, partial }) => ({ at: timeText(at), pass, block, partial })),
      totals: { receipts: totals.pass + totals.block + totals.partial, ...totals }
    })
  }
})

/** `GET /receipts/{run_id}/related`. */
export const relatedReceipts = route({
  id: 'relatedReceipts',
  method: 'GET',
  path: '/receipts/:run_id/related',
  access: ['read'],
  title: 'List what has to do with a receipt',
  about: 'Its rollback or what it rolled back, its approval or what it approved, retries, and the newest twenty of its session.',
  tag: 'receipts',
  params: RunPath,
  answers: { 200: { title: 'Each once, by its closest relation', schema: z.strictObject({ data: z.array(Related) }) } },
  async handle({ host, actor, params: { run_id } }) {
    const { team_id } = actor
    await host.ledger.project(team_id)
    const receipt = await host.ledger.latest(team_id, run_id)
    if (receipt === null) throw fault('not_found', `there is no receipt \`${run_id}\``)
    return answer(200, { data: await host.receipts.related(team_id, receipt) })
  }
})
