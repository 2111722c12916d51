// Random searches and receipts for whoever must agree on what they mean: the parser, the memory and file stores, D1.
import fc from 'fast-check'
import type { SearchTerm } from '../../src/engine/receipt_search.ts'
import type { Receipt } from '../../src/engine/schema.ts'
import { receiptOf } from './receipt_samples.ts'

/** What is hard to quote, in LIKE, GLOB, SQL, JSON and the language itself. */
const NASTY = ["'", '"', '%', '_', '[', ']', '?', '\\', '-', ',', ':', 'É', '😀', '\uffff', '\u{10ffff}', "' OR 1=1 --", '[a-z]', 'Z']
const piece = fc.oneof(fc.constantFrom('a', 'b', 'ab', 'dev', 'A'), fc.constantFrom(...NASTY))
const word = fc.array(piece, { minLength: 1, maxLength: 3 }).map((all) => all.join(''))
const wild = fc.oneof(
  word,
  word.map((text) => `${text}*`),
  fc.tuple(word, word).map(([a, b]) => `${a}*${b}`),
  word.map((text) => `*${text}`),
  fc.constant('*')
)
const some = (value: fc.Arbitrary<string>) => fc.array(value, { minLength: 1, maxLength: 3 })
const time = fc.oneof(
  fc.constantFrom('5m', '24h', '1d', '2026-03-01'),
  fc.integer({ min: 0, max: 40 }).map((n) => new Date(Date.UTC(2026, 2, 1) + n * 60_000).toISOString())
)

const VALUES: Record<SearchTerm['field'], fc.Arbitrary<string[]>> = {
  text: fc
    .oneof(
      word,
      fc.tuple(word, word).map(([a, b]) => `${a} ${b}`)
    )
    .map((value) => [value]),
  decision: some(fc.constantFrom('pass', 'block', 'partial', 'held')),
  outcome: some(fc.constantFrom('none', 'succeeded', 'partial', 'failed', 'unknown')),
  mode: some(fc.constantFrom('enforce', 'shadow', 'dry_run')),
  agent: some(
    fc.oneof(
      wild,
      word.map((text) => `${text}@x.com`)
    )
  ),
  key: some(word),
  workflow: some(wild),
  policy: some(wild),
  system: some(wild),
  since: time.map((value) => [value]),
  until: time.map((value) => [value])
}

const term = fc
  .constantFrom(...(Object.keys(VALUES) as SearchTerm['field'][]))
  .chain((field) => fc.record({ field: fc.constant(field), not: fc.boolean(), values: VALUES[field] }))

/** Searches of up to `maxLength` terms that the language can say. */
export const searches = (maxLength = 4): fc.Arbitrary<SearchTerm[]> => fc.array(term, { maxLength })

/** Receipts that such searches find now and then. */
export const receipts = (n: number): fc.Arbitrary<Receipt> =>
  fc
    .record({
      decision: fc.constantFrom('PASS' as const, 'BLOCK' as const, 'PARTIAL' as const),
      outcome: fc.constantFrom('NONE' as const, 'SUCCEEDED' as const, 'PARTIAL' as const, 'FAILED' as const, 'UNKNOWN' as const),
      run_mode: fc.constantFrom('enforce' as const, 'shadow' as const, 'dry_run' as const),
      user_email: fc.oneof(
        word,
        word.map((text) => `${text}@x.com`)
      ),
      workflow: word,
      api_key_id: fc.option(word),
      payload: fc.dictionary(word, word, { maxKeys: 2 }),
      policies: fc.array(fc.tuple(word, fc.boolean(), word), { maxLength: 3 }),
      systems: fc.array(word, { maxLength: 2 }),
      minute: fc.integer({ min: 0, max: 40 })
    })
    .map(({ api_key_id, policies, systems, minute, ...more }) =>
      receiptOf(n, {
        ...more,
        actor: { api_key_id, session_id: null },
        policy_results: policies.map(([policy, passed, reason]) => ({ policy, passed, effect: passed ? 'allow' : 'deny', reason })),
        actions_taken: systems.map((system) => ({
          action: 'act',
          system,
          success: true,
          status: 'DONE',
          output: {},
          rollback_data: null,
          resources: [],
          started_at: '2026-03-01T00:00:00Z',
          finished_at: '2026-03-01T00:00:00Z',
          error: null
        })),
        timestamp: new Date(Date.UTC(2026, 2, 1) + minute * 60_000).toISOString()
      })
    )
