// The search's text as chips, ranges and offers change it, and which approvals that wait belong to it.
import { describe, expect, it } from 'vitest'
import { offersAt } from '../../src/ui/pages/activity/complete.ts'
import {
  barsRange,
  isOnlyWaiting,
  isWaitingShown,
  rangeOf,
  readQuery,
  toggled,
  withRange,
  without
} from '../../src/ui/pages/activity/query.ts'

const NOW = Date.parse('2026-11-28T12:00:00Z')
const termsOf = (text: string) => readQuery(text).terms ?? []

describe('ranges and chips', () => {
  it.each([
    ['', '24h', 'since:24h'],
    ['decision:block since:7d', '24h', 'decision:block since:24h'],
    ['since:7d "free plan" until:1h', null, '"free plan"'],
    ['a  since:1h  b', '1h', 'a b since:1h'],
    ['decision:maybe since:1h', '24h', 'decision:maybe since:1h since:24h']
  ])('%j in range %j is %j', (text, since, expected) => expect(withRange(text, since)).toBe(expected))

  it.each([
    ['', ''],
    ['since:24h', '24h'],
    ['since:24h until:1h', null],
    ['-since:24h', null],
    ['until:1h', null]
  ])('the range of %j is %j', (text, range) => expect(rangeOf(termsOf(text))).toBe(range))

  it('a chip goes in, in the place of what was said about its field, and out again', () => {
    expect(toggled('customers', 'decision', ['block'])).toBe('customers decision:block')
    expect(toggled('decision:pass customers', 'decision', ['block'])).toBe('customers decision:block')
    expect(toggled('customers decision:block', 'decision', ['block'])).toBe('customers')
  })

  it('a term is left out, and nothing else', () => {
    const text = 'decision:block "a b" -agent:x'
    expect(without(text, termsOf(text)[1]!)).toBe('decision:block -agent:x')
  })

  it('what cannot be read names the word', () => {
    expect(readQuery('decision:maybe').wrong).toContain('`decision:maybe`')
    expect(readQuery('colour:red').wrong).toContain('`colour:red`')
  })
})

describe('the bars', () => {
  it('cover what the search names, else back to the oldest that is here, else 30 days', () => {
    expect(barsRange(termsOf('since:24h'), null, NOW)).toEqual({
      from: '2026-11-27T12:00:00.000Z',
      to: '2026-11-28T12:00:00.000Z',
      says: ' in the last 24h'
    })
    expect(barsRange(termsOf('until:2026-11-01'), null, NOW).to).toBe('2026-11-01T00:00:00.000Z')
    expect(barsRange([], '2026-11-20T00:00:00Z', NOW)).toEqual({
      from: '2026-11-20T00:00:00.000Z',
      to: '2026-11-28T12:00:00.000Z',
      says: ''
    })
    expect(barsRange([], null, NOW).says).toBe(' in the last 30d')
  })
})

describe('an approval that waits', () => {
  const waiting = {
    hitl_id: 'h1',
    workflow: 'postgres.update_row',
    run_id: 'r1',
    user_email: 'Billing-Bot@acme.dev',
    created_at: '2026-11-28T11:00:00Z',
    expires_at: '2026-11-28T13:00:00Z'
  }
  it.each([
    ['', true],
    ['decision:held', true],
    ['decision:block,held', true],
    ['decision:block', false],
    ['-decision:held', false],
    ['agent:billing-*', true],
    ['agent:ops', false],
    ['workflow:postgres.*', true],
    ['since:30m', false],
    ['since:2h', true],
    ['update_row', true],
    ['zzz', false],
    ['outcome:failed', false],
    ['policy:x', false]
  ])('%j: %s', (text, shown) => expect(isWaitingShown(waiting, termsOf(text), NOW)).toBe(shown))

  it('is all that can be meant by `decision:held`', () => {
    expect(isOnlyWaiting(termsOf('decision:held'))).toBe(true)
    expect(isOnlyWaiting(termsOf('decision:held,block'))).toBe(false)
    expect(isOnlyWaiting(termsOf('-decision:held'))).toBe(false)
  })
})

describe('offers', () => {
  it.each([
    ['dec', ['decision:']],
    ['decision:bl', ['block']],
    ['decision:block,pa', ['pass', 'partial']],
    ['-out', ['outcome:']],
    ['agent:a', ['agent@company.com']],
    ['since:2', ['24h']],
    ['"dec', []],
    ['colour:', []]
  ])('%j: %j', (text, shown) =>
    expect(offersAt(text, text.length, { agent: ['agent@company.com'] }).map((one) => one.shown)).toEqual(shown)
  )

  it('put what is taken at the caret, and keep what stands behind it', () => {
    const [offer] = offersAt('a dec b', 5)
    expect(offer).toMatchObject({ text: 'a decision: b', caret: 11 })
    expect(offersAt('-decision:block,he', 18)[0]).toMatchObject({ text: '-decision:block,held' })
  })
})
