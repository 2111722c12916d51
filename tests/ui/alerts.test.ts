// What the page of alerts says and sends: the order of what is open, rows that stay where they are, channels, mutes, budgets.
import { describe, expect, it } from 'vitest'
import { quietText, standingOf, type Channel } from '../../src/ui/pages/alerts/channel.ts'
import { blankForm, bodyOf, formOf } from '../../src/ui/pages/alerts/channel_fields.ts'
import { isMuted, muteUntil } from '../../src/ui/pages/alerts/mute.ts'
import { addressOf, gravestFirst, severityOf, type Alert } from '../../src/ui/pages/alerts/wire.ts'
import { limitText, meterOf, usedText, type BudgetShown } from '../../src/ui/pages/policies/budget_text.ts'
import { steadied } from '../../src/ui/parts/steady.ts'

const NOW = Date.parse('2026-11-28T10:00:00.000Z')
const ZONE = 'Europe/Berlin'

describe('what is open', () => {
  const alert = (alert_id: string, severity: Alert['severity'], last_at: string) => ({ alert_id, severity, last_at }) as Alert
  it('comes gravest first, of these what was seen last', () => {
    const alerts = [alert('a', 'info', '3'), alert('b', 'critical', '1'), alert('c', 'warning', '9'), alert('d', 'critical', '2')]
    expect(gravestFirst(alerts).map(({ alert_id }) => alert_id)).toEqual(['d', 'b', 'c', 'a'])
  })
  it('is filtered by what exists, and linked so that no id leaves its place', () => {
    expect([severityOf('critical'), severityOf('worst'), severityOf(null)]).toEqual(['critical', null, null])
    expect(addressOf('a&status=RESOLVED#x')).toBe('/app/alerts?alert_id=a%26status%3DRESOLVED%23x')
  })
})

describe('a list that follows what happens', () => {
  const idOf = ({ id }: { id: string }) => id
  const one = (id: string, count = 1) => ({ id, count })
  it.each([
    ['nothing new', [one('a'), one('b')], [one('a'), one('b')], [one('a'), one('b')], false],
    ['a row that changed', [one('a'), one('b')], [one('a', 7), one('b')], [one('a', 7), one('b')], false],
    ['another order', [one('a'), one('b')], [one('b'), one('a')], [one('a'), one('b')], false],
    ['a new one', [one('b')], [one('a'), one('b', 2)], [one('b', 2)], true],
    ['one that is gone', [one('a'), one('b')], [one('b', 2)], [one('a'), one('b', 2)], true],
    ['one for another', [one('a')], [one('b')], [one('a')], true]
  ])('%s moves no row', (_what, shown, latest, rows, isMoved) => {
    expect(steadied(shown, latest, idOf)).toEqual({ rows, isMoved })
  })
})

describe('a channel', () => {
  const channel: Channel = {
    id: 'c',
    kind: 'mail',
    name: 'On-call',
    target: 'ops@acme.dev',
    min_severity: 'critical',
    rules: ['first_block'],
    quiet_hours: { start: '22:00', end: '07:00', time_zone: ZONE, except: null },
    enabled: true,
    problem: null,
    last_delivery: null,
    created_at: ''
  }
  it('goes through the form unchanged', () => {
    const { name, min_severity, rules, quiet_hours } = channel
    expect(bodyOf(formOf(channel, 'UTC'), false)).toEqual({ body: { to: 'ops@acme.dev', name, min_severity, rules, quiet_hours } })
  })
  it.each([
    ['slack', ' C0123 ', { kind: 'slack', channel: 'C0123' }],
    ['pagerduty', 'k'.repeat(32), { kind: 'pagerduty', routing_key: 'k'.repeat(32) }],
    ['mail', 'a@b.c', { kind: 'mail', to: 'a@b.c' }],
    ['sms', '+49', { kind: 'sms', to: '+49' }]
  ] as const)('of kind %s is sent with the address under its own name', (kind, address, expected) => {
    expect(bodyOf({ ...blankForm(ZONE), kind, address }, true)).toEqual({
      body: { ...expected, name: null, min_severity: 'warning', rules: [], quiet_hours: null }
    })
  })
  it.each([
    ['no address', { kind: 'sms' as const }, true, '/to'],
    ['no key', { kind: 'pagerduty' as const, address: ' ' }, true, '/routing_key'],
    ['quiet hours that never begin', { address: 'C1', isQuiet: true, start: '' }, true, '/quiet_hours/start'],
    ['quiet hours that never end', { address: 'C1', isQuiet: true, end: '' }, false, '/quiet_hours/end']
  ])('with %s is refused at the field', (_what, given, isNew, pointer) => {
    expect(bodyOf({ ...blankForm(ZONE), ...given }, isNew)).toMatchObject({ pointer })
  })
  it('that is changed keeps a secret that nobody typed anew', () => {
    const form = formOf({ ...channel, kind: 'pagerduty', target: '' }, ZONE)
    expect(bodyOf(form, false)).toMatchObject({ body: { name: 'On-call' } })
    expect(JSON.stringify(bodyOf(form, false))).not.toContain('routing_key')
    expect(bodyOf({ ...form, address: 'n'.repeat(32) }, false)).toMatchObject({ body: { routing_key: 'n'.repeat(32) } })
  })
  it('says whether it works, and when it is silent', () => {
    expect(standingOf(channel).word).toBe('On')
    expect(standingOf({ ...channel, problem: 'set SLACK_BOT_TOKEN' })).toEqual({ tone: 'held', word: 'Not set up' })
    expect(standingOf({ ...channel, enabled: false, problem: 'x' }).word).toBe('Switched off')
    expect(quietText(channel.quiet_hours!)).toBe('22:00 to 07:00 Europe/Berlin')
    expect(quietText({ ...channel.quiet_hours!, except: 'critical' })).toBe('22:00 to 07:00 Europe/Berlin, but for critical ones')
  })
})

describe('a mute', () => {
  it.each([
    ['1h', '', '2026-11-28T11:00:00.000Z'],
    ['8h', '', '2026-11-28T18:00:00.000Z'],
    ['7d', '', '2026-12-05T10:00:00.000Z'],
    ['until', '2026-11-29T00:00Z', '2026-11-29T00:00:00.000Z']
  ] as const)('for %s %s ends at %s', (id, typed, at) => {
    expect(muteUntil(id, typed, NOW)).toEqual({ at })
  })
  it.each([
    ['', 'say a day and a time'],
    ['2026-11-28T10:00Z', 'is over already']
  ])('until `%s` %s', (typed, wrong) => {
    expect(muteUntil('until', typed, NOW)).toEqual({ wrong })
  })
  it('ends by itself', () => {
    expect([isMuted(null, NOW), isMuted('2026-11-28T10:00:00.000Z', NOW), isMuted('2026-11-28T10:00:00.001Z', NOW)]).toEqual([
      false,
      false,
      true
    ])
  })
})

describe('a budget', () => {
  const budget = { params: { max: 10 }, on: ['delete_row'], per: 'key', max: 10, window_seconds: 60 } as unknown as BudgetShown
  it.each([
    [{}, 'at most 10 calls in 1 min for each key'],
    [{ on: null, window_seconds: 3_600 }, 'at most 10 requests in 1 h for each key'],
    [{ params: { field: ['to', 'cc'] } }, 'at most 10 to, cc in 1 min for each key'],
    [{ params: { output: 'affected' }, on: null }, 'at most 10 affected in 1 min for each key'],
    [{ params: null }, 'at most 10 calls in 1 min for each key'],
    [{ window_seconds: 90 }, 'at most 10 calls in 90 s for each key'],
    [{ window_seconds: 86_400 }, 'at most 10 calls in 1 day for each key'],
    [
      { params: { field: 'amount' }, max: 2_500.5, window_seconds: 604_800, per: 'team' as const },
      'at most 2,500.5 amount in 7 days for the team'
    ]
  ])('%j is said as `%s`', (more, expected) => {
    expect(limitText({ ...budget, ...more })).toBe(expected)
  })
  it('says what is used and what is on its way', () => {
    expect(usedText({ used: 7, in_flight: 2, max: 1_000 })).toBe('7 used, 2 in flight, of 1,000')
    expect(usedText({ used: 0.1 + 0.2, in_flight: 0, max: 1 })).toBe('0.3 used, of 1')
  })
  it.each([
    [
      { used: 5, in_flight: 2, max: 10 },
      { used: 0.5, inFlight: expect.closeTo(0.2), isFull: false }
    ],
    [
      { used: 8, in_flight: 8, max: 10 },
      { used: 0.8, inFlight: expect.closeTo(0.2), isFull: true }
    ],
    [
      { used: 30, in_flight: 1, max: 10 },
      { used: 1, inFlight: 0, isFull: true }
    ],
    [
      { used: 0, in_flight: 0, max: 0 },
      { used: 1, inFlight: 0, isFull: true }
    ]
  ])('%j is a meter that never leaves its box', (given, expected) => {
    expect(meterOf(given)).toEqual(expected)
  })
})
