import { describe, expect, test } from 'vitest'
import { searchText } from '../../src/engine/receipt_match.ts'
import { cursorAt, receiptPage, ReceiptQuery } from '../../src/engine/receipt_query.ts'
import { receiptOf } from '../adapters/receipt_samples.ts'

describe('a query', () => {
  test('of nothing asks for fifty', () => expect(ReceiptQuery.parse({})).toEqual({ limit: 50 }))

  test('comes out with times as milliseconds and the cursor as a position', () => {
    const query = { from: '2026-03-01', to: '2026-03-01T00:00:00.5Z', cursor: cursorAt(41), limit: '200', q: 'a b' }
    expect(ReceiptQuery.parse(query)).toEqual({
      from: Date.UTC(2026, 2, 1),
      to: Date.UTC(2026, 2, 1) + 500,
      cursor: 41,
      limit: 200,
      q: 'a b'
    })
  })

  test.each([
    { limit: '0' },
    { limit: '201' },
    { limit: '1e2' },
    { limit: ' 5' },
    { limit: '' },
    { limit: true },
    { decision: 'pass' },
    { outcome: '' },
    { user_email: 'nobody' },
    { q: '' },
    { q: 'x'.repeat(201) },
    { workflow: '' },
    { from: 'yesterday' },
    { from: '2026-13-01' },
    { from: '2026-03-01T00:00:00+01:00' },
    { unknown: 'x' },
    { cursor: '' },
    { cursor: '41' },
    { cursor: cursorAt(41) + '=' },
    { cursor: `${cursorAt(41)}A` },
    { cursor: Buffer.from('r1.041').toString('base64url') },
    { cursor: Buffer.from('r1.9007199254740993').toString('base64url') },
    { cursor: Buffer.from('r2.41').toString('base64url') }
  ])('%j is refused', (query) => expect(ReceiptQuery.safeParse(query).success).toBe(false))
})

test('a page has at most its limit, and a cursor exactly when there is more', () => {
  const rows = [9, 7, 4].map((position) => ({ position, receipt: receiptOf(position) }))
  expect(receiptPage(rows, 2)).toMatchObject({
    data: [{ payload: { number: 9 } }, { payload: { number: 7 } }],
    next_cursor: cursorAt(7),
    has_more: true
  })
  expect(receiptPage(rows, 3)).toMatchObject({ next_cursor: null, has_more: false })
  expect(receiptPage([], 3)).toEqual({ data: [], next_cursor: null, has_more: false })
})

test('what is searched has the redacted payload and the reasons of what did not pass, bounded', () => {
  const policy_results = [
    { policy: 'first', passed: false, effect: 'deny' as const, reason: 'Because OF this' },
    { policy: 'second', passed: true, effect: 'allow' as const, reason: 'harmless' }
  ]
  const text = searchText(receiptOf(1, { payload: { Table: 'CUSTOMERS' }, policy_results }))
  expect(text).toContain('because of this')
  expect(text).toContain('{"table":"customers"}')
  expect(text).not.toContain('harmless')
  expect(searchText(receiptOf(1, { payload: { long: 'x'.repeat(100_000) } })).length).toBe(16_384)
})
