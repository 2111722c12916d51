// What changed, the run in time, and the steps of a rollback: from receipts as anybody may have written them.
import fc from 'fast-check'
import type { JsonObject } from '../../src/engine/schema.ts'
import { describe, expect, it } from 'vitest'
import { changesOf, isRedacted, safeAddress } from '../../src/ui/receipt/changes.ts'
import { openSteps, stepsOf } from '../../src/ui/receipt/plan.ts'
import { startOf, timelineOf } from '../../src/ui/receipt/timeline.ts'
import { headlineOf } from '../../src/ui/receipt/headline.ts'
import { targetOf } from '../../src/ui/receipt/target.ts'
import { whyOf } from '../../src/ui/receipt/why.ts'
import { receiptOf, rowsOf, takenOf } from './samples.ts'

const textsOf = (lines: readonly { sign: string; parts: readonly { text: string }[] }[]) =>
  lines.map(({ sign, parts }) => sign + parts.map(({ text }) => text).join(''))

describe('rows', () => {
  it('that were deleted are lines that went, the key first', () => {
    const [change] = changesOf(receiptOf({ actions_taken: [takenOf({ output: rowsOf([{ email: 'a@x', id: '7' }], []) })] }))
    expect(change).toMatchObject({ title: 'customers', detail: '1 row' })
    expect(textsOf(change!.lines)).toEqual(['-{"id": "7", "email": "a@x"}'])
  })

  it('that were changed stand beside what they were, the columns that differ marked', () => {
    const output = rowsOf([{ id: '7', plan: 'free' }], [{ id: '7', plan: 'team' }])
    const [change] = changesOf(receiptOf({ actions_taken: [takenOf({ action: 'update_row', output })] }))
    expect(textsOf(change!.lines)).toEqual(['-{"id": "7", "plan": "free"}', '+{"id": "7", "plan": "team"}'])
    expect(change!.lines.map(({ parts }) => parts.filter(({ isChanged }) => isChanged).map(({ text }) => text))).toEqual([
      ['"plan": "free"'],
      ['"plan": "team"']
    ])
  })

  it('are all there, however many', () => {
    const rows = Array.from({ length: 3_000 }, (_, i) => ({ id: String(i) }))
    expect(changesOf(receiptOf({ actions_taken: [takenOf({ output: rowsOf(rows, []) })] }))[0]!.lines).toHaveLength(3_000)
  })

  it('whose values were redacted say so', () => {
    const [change] = changesOf(receiptOf({ actions_taken: [takenOf({ output: rowsOf([{ id: '1', token: '[redacted:key]' }], []) })] }))
    expect(change!.lines[0]!.parts.find(({ isRedacted }) => isRedacted)?.text).toBe('"token": "[redacted:key]"')
    expect(isRedacted('plain')).toBe(false)
  })
})

describe('other calls', () => {
  it('show files line by line, deletions as such, and bytes as a count', () => {
    const payload: JsonObject = {
      files: [
        { path: 'a.ts', content: 'x\ny\n' },
        { path: 'b.ts', delete: true },
        { path: 'c.png', content: 'AAAA', encoding: 'base64' }
      ]
    }
    const [change] = changesOf(
      receiptOf({ payload, actions_taken: [takenOf({ action: 'push_commit', output: { branch: 'b', commit_sha: '1234567890abcdef' } })] })
    )
    expect(textsOf(change!.lines)).toEqual([' a.ts', '+x', '+y', '-b.ts', ' c.png (4 characters of base64)'])
    expect(change).toMatchObject({ title: 'commit 1234567890', detail: 'on b · 3 files' })
  })

  it('link only to the web', () => {
    expect(safeAddress('https://github.com/x/pull/1')).toBe('https://github.com/x/pull/1')
    for (const text of ['javascript:alert(1)', ' javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//x', '', null])
      expect(safeAddress(text)).toBeNull()
  })

  it('that are not known are shown as they answered', () => {
    const [change] = changesOf(
      receiptOf({ actions_taken: [takenOf({ action: 'send', system: 'mail', output: { already_done: false, id: 'm1' } })] })
    )
    expect(change).toMatchObject({ call: 'mail.send', rest: { id: 'm1' }, lines: [] })
  })
})

describe('anything at all in the place of an output', () => {
  it('is shown without a mistake, and nothing of it is lost in rows', () => {
    const json = fc.jsonValue({ maxDepth: 3 })
    const output = fc.dictionary(
      fc.constantFrom(
        'table',
        'key',
        'before',
        'after',
        'affected',
        'input',
        'branch',
        'pr_number',
        'url',
        'would',
        '__proto__',
        'constructor'
      ),
      json
    )
    const action = fc.constantFrom('delete_row', 'push_commit', 'create_pr', 'constructor', 'toString', 'x')
    fc.assert(
      fc.property(output, action, json, (found, name, payload) => {
        const receipt = receiptOf({
          payload: { files: payload, repo: payload, table: payload } as never,
          actions_taken: [takenOf({ action: name, output: found as never })]
        })
        expect(changesOf(receipt)).toHaveLength(1)
        expect(typeof headlineOf(receipt) + typeof targetOf(receipt) + typeof whyOf(receipt).text).toBe('stringstringstring')
        expect(stepsOf(receipt)).toHaveLength(1)
      }),
      { seed: 7, numRuns: 1_500 }
    )
  })
})

describe('the timeline', () => {
  const approval = {
    hitl_id: 'h',
    decision: 'APPROVED' as const,
    votes: [{ by: 'ops@acme.dev', via: 'api', assurance: 'key', decided_at: '2026-11-28T10:00:00.000Z', reason: null }],
    request_digest: ''
  }
  const allow = { policy: 'p', passed: true, effect: 'allow', reason: '' } as const

  it('has the human wait from when they were asked to when they answered', () => {
    const receipt = receiptOf({
      judged_at: '2026-11-28T10:00:00.010Z',
      policy_results: [allow],
      approval,
      timestamp: '2026-11-28T10:00:00.500Z',
      actions_taken: [takenOf({ started_at: '2026-11-28T10:00:00.100Z', finished_at: '2026-11-28T10:00:00.400Z' })]
    })
    const bars = timelineOf(receipt, Date.parse('2026-11-28T09:00:00Z'))
    expect(bars.map(({ name, kind }) => [name, kind])).toEqual([
      ['approval: ops@acme.dev', 'person'],
      ['policies', 'machine'],
      ['postgres.delete_row', 'machine'],
      ['sign and chain', 'machine']
    ])
    expect(bars[0]!.to - bars[0]!.from).toBe(3_600_000)
    // An hour leaves room for what took milliseconds.
    expect(bars[2]!.width).toBeGreaterThan(0.1)
  })

  it('keeps bars in order and inside, whatever the times', () => {
    const time = fc.integer({ min: 0, max: 4_000_000_000_000 }).map((ms) => new Date(ms).toISOString())
    fc.assert(
      fc.property(fc.array(fc.tuple(time, time), { maxLength: 6 }), time, time, (calls, judged_at, timestamp) => {
        const bars = timelineOf(
          receiptOf({
            judged_at,
            timestamp,
            policy_results: [allow],
            actions_taken: calls.map(([started_at, finished_at]) => takenOf({ started_at, finished_at }))
          })
        )
        for (const { left, width } of bars) {
          expect(left).toBeGreaterThanOrEqual(0)
          expect(width).toBeGreaterThan(0)
          expect(left + width).toBeLessThanOrEqual(1.000001)
        }
        expect(bars.map(({ from }) => from)).toEqual(bars.map(({ from }) => from).toSorted((a, b) => a - b))
      }),
      { seed: 3, numRuns: 500 }
    )
  })

  it('reads a moment from a UUIDv7 alone, and only one that fits', () => {
    const at = Date.parse('2026-11-28T09:00:00Z')
    const hex = at.toString(16).padStart(12, '0')
    expect(startOf(`${hex.slice(0, 8)}-${hex.slice(8)}-7a7c-a32b-47cb8a9ea6a4`, at + 5)).toBe(at)
    expect(startOf(`${hex.slice(0, 8)}-${hex.slice(8)}-4a7c-a32b-47cb8a9ea6a4`, at + 5)).toBeNull()
    expect(startOf(`${hex.slice(0, 8)}-${hex.slice(8)}-7a7c-a32b-47cb8a9ea6a4`, at - 5)).toBeNull()
    expect(startOf('ffffffff-ffff-7a7c-a32b-47cb8a9ea6a4', at)).toBeNull()
  })
})

describe('the plan of a rollback', () => {
  it('has what cannot be undone first, and counts what can', () => {
    const skipped = (would: string) =>
      takenOf({ status: 'SKIPPED', output: { would, input: { table: 'public.customers', rows: [{}, {}] } } })
    const steps = stepsOf(
      receiptOf({
        actions_taken: [
          skipped('REVERTED'),
          takenOf({ status: 'ALREADY' }),
          takenOf({ status: 'IRREVERSIBLE' }),
          skipped('CONFLICT'),
          skipped('nonsense')
        ]
      })
    )
    expect(steps.map(({ word }) => word)).toEqual(['CONFLICT', 'IRREVERSIBLE', 'UNKNOWN', 'REVERTED', 'ALREADY'])
    expect(steps[0]!.target).toBe('customers · 2 rows')
    expect(openSteps(steps)).toBe(2)
  })
})
