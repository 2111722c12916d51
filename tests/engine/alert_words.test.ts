// Quiet hours by the wall's clock, where a notice goes, and what it says: never markup, a mention or a link of an agent's.
import { describe, expect, test } from 'vitest'
import {
  planNotice,
  QuietHours,
  quietUntil,
  smsOf,
  unlinked,
  wordsOfParcel,
  type Alert,
  type AlertChannel,
  type AlertNotice,
  type AlertTold
} from '../../src/engine/index.ts'

const quiet = (start: string, end: string, time_zone: string, except: 'critical' | null = 'critical'): QuietHours => ({
  start,
  end,
  time_zone,
  except
})

describe('quiet hours', () => {
  test.each([
    ['before', quiet('22:00', '07:00', 'UTC'), '2026-11-28T21:59:59Z', null],
    ['begin', quiet('22:00', '07:00', 'UTC'), '2026-11-28T22:00:00Z', '2026-11-29T07:00:00Z'],
    ['over midnight', quiet('22:00', '07:00', 'UTC'), '2026-11-29T03:30:15Z', '2026-11-29T07:00:00Z'],
    ['end', quiet('22:00', '07:00', 'UTC'), '2026-11-29T07:00:00Z', null],
    ['within a day', quiet('12:00', '13:30', 'Asia/Kolkata'), '2026-11-28T07:00:00Z', '2026-11-28T08:00:00Z'],
    ['a zone ahead', quiet('22:00', '07:00', 'Asia/Tokyo'), '2026-11-28T14:00:00Z', '2026-11-28T22:00:00Z'],
    ['a zone behind', quiet('22:00', '07:00', 'America/Los_Angeles'), '2026-11-29T07:00:00Z', '2026-11-29T15:00:00Z'],
    ['a quarter of an hour off', quiet('22:00', '07:00', 'Asia/Kathmandu'), '2026-11-28T17:00:00Z', '2026-11-29T01:15:00Z'],
    ['the night that is an hour shorter', quiet('22:00', '07:00', 'Europe/Berlin'), '2026-03-28T22:00:00Z', '2026-03-29T05:00:00Z'],
    ['the night that is an hour longer', quiet('22:00', '07:00', 'Europe/Berlin'), '2026-10-24T21:00:00Z', '2026-10-25T06:00:00Z'],
    ['an end that the wall skips', quiet('22:00', '02:30', 'Europe/Berlin'), '2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z'],
    [
      'an end that the wall shows twice: the first',
      quiet('22:00', '02:30', 'Europe/Berlin'),
      '2026-10-24T23:30:00Z',
      '2026-10-25T00:30:00Z'
    ]
  ])('%s', (_name, hours, now, until) => {
    const found = quietUntil(hours, Date.parse(now))
    expect(found === null ? null : new Date(found).toISOString().replace('.000', '')).toBe(until)
  })

  test('end after they are asked about, at every minute of every night on which clocks are changed', () => {
    for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'UTC'])
      for (const night of ['2026-03-08', '2026-03-28', '2026-04-04', '2026-10-03', '2026-10-24', '2026-10-31'])
        for (let minute = 0; minute < 2_160; minute += 7) {
          const now = Date.parse(`${night}T12:00:00Z`) + minute * 60_000
          const until = quietUntil(quiet('22:00', '02:30', zone), now)
          if (until !== null) expect(until > now && until - now <= 6.1 * 3_600_000, `${zone} ${new Date(now).toISOString()}`).toBe(true)
        }
  })

  test.each([
    { start: '24:00', end: '07:00', time_zone: 'UTC' },
    { start: '22:00', end: '22:00', time_zone: 'UTC' },
    { start: '22:00', end: '07:00', time_zone: 'Mars/Olympus' },
    { start: '22:00', end: '07:00', time_zone: '+02:00' },
    { start: '22:00', end: '07:00', time_zone: 'UTC', except: 'warning' }
  ])('%j are none', (given) => expect(QuietHours.safeParse(given).success).toBe(false))
})

const ALERT: Alert = {
  alert_id: '01a22160-5fd7-7a7c-a32b-47cb8a9ea6a4',
  rule: 'first_block',
  title: 'First block',
  severity: 'warning',
  status: 'OPEN',
  subject: 's',
  message: 'm',
  first_at: 0,
  last_at: 0,
  count: 1,
  run_ids: [],
  acknowledged_by: null,
  acknowledged_at: null,
  note: null,
  resolved_at: null,
  notified_at: 0
}
const CHANNEL: AlertChannel = {
  id: 'c',
  kind: 'mail',
  name: null,
  target: 'a@b.c',
  min_severity: 'info',
  rules: [],
  quiet_hours: null,
  enabled: true
}

describe('a notice goes', () => {
  const night = quiet('22:00', '07:00', 'UTC')
  const NIGHT = Date.parse('2026-11-28T23:00:00Z')
  const MORNING = Date.parse('2026-11-29T07:00:00Z')
  const table: [string, Partial<AlertChannel>, Partial<AlertNotice>, [number, number | null] | null][] = [
    ['to a channel of any kind', {}, {}, [NIGHT, null]],
    ['not to one that is off', { enabled: false }, {}, null],
    ['not to one for what is graver', { min_severity: 'critical' }, {}, null],
    ['to one for this grave', { min_severity: 'warning' }, {}, [NIGHT, null]],
    ['to one for its rule', { rules: ['first_block'] }, {}, [NIGHT, null]],
    ['not to one for other rules', { rules: ['kill_switch_thrown'] }, {}, null],
    ['later in quiet hours, with all others', { quiet_hours: night }, {}, [MORNING, MORNING]],
    ['at once where it is critical', { quiet_hours: night }, { alert: { ...ALERT, severity: 'critical' } }, [NIGHT, null]],
    [
      'later all the same where nothing is excepted',
      { quiet_hours: { ...night, except: null } },
      { alert: { ...ALERT, severity: 'critical' } },
      [MORNING, MORNING]
    ],
    ['by itself to PagerDuty', { kind: 'pagerduty', quiet_hours: night }, {}, [MORNING, null]],
    ['not to people when it is over', {}, { type: 'alert.resolved' }, null],
    ['to PagerDuty when it is over, at any hour', { kind: 'pagerduty', quiet_hours: night }, { type: 'alert.resolved' }, [NIGHT, null]],
    ['to PagerDuty when somebody sees to it', { kind: 'pagerduty' }, { type: 'alert.acknowledged' }, [NIGHT, null]]
  ]
  test.each(table)('%s', (_name, channel, notice, planned) => {
    const plan = planNotice([{ ...CHANNEL, ...channel }], { type: 'alert.fired', alert: ALERT, ...notice }, NIGHT)
    expect(plan.map(({ dueAt, heldUntil }) => [dueAt, heldUntil])).toEqual(planned === null ? [] : [planned])
  })
})

describe('what it says', () => {
  const told: AlertTold = {
    alert: 'First block',
    rule: 'first_block',
    alert_id: ALERT.alert_id,
    severity: 'warning',
    status: 'OPEN',
    subject: 'protect_tables agent@evil.example',
    message: 'see https://evil.example/login?x=1 or www.evil.example, <!channel> <@U123> mailto:a@b.c javascript:alert(1)',
    count: 12,
    first_at: '2026-11-28T12:00:00.000Z'
  }
  test('is the alert, how often, the team, and a link to this installation alone', () => {
    expect(wordsOfParcel({ kind: 'alert', team_id: 'acme', told }, 'https://enact.example')).toEqual({
      headline: 'Warning: First block: protect_tables agent@evil.example',
      lines: [
        'see hxxps[:]//evil[.]example/login?x=1 or www[.]evil[.]example, <!channel> <@U123> mailto[:]a@b.c javascript[:]alert(1)',
        '12 times since 2026-11-28T12:00:00.000Z',
        'Team acme'
      ],
      link: `https://enact.example/app/alerts?alert_id=${ALERT.alert_id}`
    })
  })

  test.each([
    ['http://a.b', 'hxxp[:]//a[.]b'],
    ['HTTPS://A.B', 'hxxPS[:]//A[.]B'],
    ['ftp://x', 'ftp[:]//x'],
    ['evil.com/path.html', 'evil[.]com/path[.]html'],
    ['(evil.com)', '(evil[.]com)'],
    ['"evil.com"', '"evil[.]com"'],
    ['a@evil.com', 'a@evil.com'],
    ['1.2.3.4', '1[.]2[.]3[.]4'],
    ['file:\\\\x', 'file[:]\\\\x'],
    ['the end. And on.', 'the end. And on.']
  ])('of %j leaves %j', (text, expected) => expect(unlinked(text)).toBe(expected))

  test('fits a text message: 320 characters, one line, the link whole', () => {
    const long = { ...told, message: 'x '.repeat(400) }
    const sms = smsOf(wordsOfParcel({ kind: 'alert', team_id: 'acme', told: long }, 'https://enact.example'))
    expect([sms.length <= 320, sms.includes('\n'), sms.endsWith(`?alert_id=${ALERT.alert_id}`)]).toEqual([true, false, true])
    expect(smsOf(wordsOfParcel({ kind: 'alert', team_id: 'acme', told }, null)).length <= 320).toBe(true)
    expect(smsOf(wordsOfParcel({ kind: 'test', team_id: 'acme' }, `https://${'x'.repeat(300)}.example`)).length <= 320).toBe(true)
  })

  test('of a digest is one line an alert, and how many more', () => {
    const words = wordsOfParcel({ kind: 'digest', team_id: 'acme', told: Array.from({ length: 25 }, () => told) }, null)
    expect(words.headline).toBe('25 alerts came during quiet hours')
    expect(words.lines).toHaveLength(22)
    expect(words.lines[0]).toBe('Warning: First block: protect_tables agent@evil.example (12×)')
    expect(words.lines.slice(-2)).toEqual(['… and 5 more', 'Team acme'])
  })
})
