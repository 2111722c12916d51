// `enact alerts` and `enact budgets` against an address that answers as the routes do; tests/browser/alerts.test.ts has the real ones.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { untilOf } from '../../src/cli/alerts/until.ts'
import { enact } from './receipts_cli.ts'

const ID = '0198c0de-0000-7000-8000-000000000001'
const EVIL = 'agent\u001b[2J\u202e'
const alert = {
  alert_id: ID,
  rule: 'first_block',
  title: 'First block',
  severity: 'warning',
  status: 'OPEN',
  subject: EVIL,
  message: `stopped ${EVIL}`,
  first_at: '2026-11-28T10:00:00.000Z',
  last_at: '2026-11-28T10:05:00.000Z',
  count: 3,
  run_ids: [ID],
  acknowledged_by: 'ops@acme.dev',
  acknowledged_at: null,
  note: 'at it',
  resolved_at: null,
  notified_at: null
}
const delivery = {
  id: ID,
  type: 'alert.fired',
  channel_id: ID,
  endpoint_id: null,
  to: 'mail ops@acme.dev',
  status: 'DEAD',
  next_attempt_at: null,
  created_at: '2026-11-28T10:00:01.000Z',
  attempts: [{ number: 1, at: '2026-11-28T10:00:01.000Z', status: 500, error: `no ${EVIL}`, duration_ms: 3 }]
}
const rule = {
  rule: 'first_block',
  title: 'First block',
  description: 'd',
  severity: 'info',
  default_severity: 'warning',
  muted_until: null,
  fired_24h: 4,
  last_at: null
}
const channel = {
  id: ID,
  kind: 'pagerduty',
  name: null,
  target: '',
  min_severity: 'critical',
  rules: ['first_block'],
  quiet_hours: null,
  enabled: true,
  problem: 'set SLACK_BOT_TOKEN',
  last_delivery: { status: 'DELIVERED', at: '2026-11-28T10:00:01.000Z', error: null },
  created_at: '2026-11-28T10:00:00.000Z'
}
const budget = {
  budget: 'b',
  policy: 'limit_rate',
  params: { max: 10 },
  on: ['delete_row'],
  mode: 'enforce',
  per: 'key',
  scope: EVIL,
  used: 7,
  in_flight: 2,
  max: 10,
  window_seconds: 60,
  frees_at: '2026-11-28T10:00:59.000Z'
}

const asked: string[] = []
let answer: (method: string, url: string) => [number, unknown]
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    asked.push(`${request.method} ${request.url}${body === '' ? '' : ` ${body}`}`)
    const [status, json] = answer(request.method!, request.url!)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  })
})
let env: Record<string, string>
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  env = { ENACT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ENACT_API_KEY: 'enact_live_secret' }
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(() => void (asked.length = 0))

const page = (...data: unknown[]) => [200, { data, next_cursor: null, has_more: false }] as [number, unknown]
const run = (...words: string[]) => enact(words, env)

describe('lists', () => {
  test.each<[string, string[], unknown, string, string[]]>([
    ['alerts', ['alerts', 'list'], alert, 'GET /alerts?limit=50', ['first_block', 'warning', 'OPEN', '3']],
    ['rules', ['alerts', 'rules'], rule, 'GET /alert-rules?limit=200', ['first_block', 'info', '4']],
    ['channels', ['alerts', 'channels'], channel, 'GET /alert-channels?limit=200', ['pagerduty', 'critical', 'set SLACK_BOT_TOKEN']],
    ['budgets', ['budgets'], budget, 'GET /budgets?limit=200', ['limit_rate', 'delete_row', '7', '2', '10', '60']]
  ])('%s are a table, or with --json what was answered', async (_what, words, one, request, cells) => {
    answer = () => page(one)
    const { code, out } = await run(...words)
    expect([code, out.trim().split('\n').length, asked]).toEqual([0, 2, [request]])
    for (const cell of cells) expect(out).toContain(cell)
    for (const control of ['\u001b', '\u202e']) expect(out).not.toContain(control)
    const json = await run(...words, '--json')
    expect(JSON.parse(json.out)).toEqual([one])
    answer = () => page()
    expect(await run(...words)).toMatchObject({ code: 0, out: expect.stringMatching(/^(no|nothing|this) [^\n]+\n$/) })
  })

  test('alerts are narrowed by what was said, and come page by page up to the limit', async () => {
    answer = (_method, url) => [200, { data: [alert], next_cursor: url.includes('cursor') ? null : 'c 1', has_more: true }]
    const narrowed = ['--status', 'Open', '--severity', 'critical', '--rule', 'first_block']
    const { code, out } = await run('alerts', 'list', ...narrowed, '--limit', '2', '--json')
    expect([code, JSON.parse(out)]).toEqual([0, [alert, alert]])
    expect(asked).toEqual([
      'GET /alerts?status=OPEN&severity=critical&rule=first_block&limit=2',
      'GET /alerts?status=OPEN&severity=critical&rule=first_block&limit=1&cursor=c+1'
    ])
  })
})

describe('one alert', () => {
  test('is shown with who was told, and nothing an agent calls itself reaches the terminal', async () => {
    answer = () => [200, { ...alert, deliveries: [delivery] }]
    const { code, out } = await run('alerts', 'show', ID)
    expect(code).toBe(0)
    for (const text of ['First block', 'agent\\u{1b}[2J\\u{202e}', '3 times', 'seen by ops@acme.dev (at it)', 'DEAD', 'mail ops@acme.dev'])
      expect(out).toContain(text)
    for (const control of ['\u001b', '\u202e']) expect(out).not.toContain(control)
  })

  test.each<[string[], string]>([
    [['ack', ID], `POST /alerts/${ID}/acknowledge {}`],
    [['ack', ID, '--note', 'at it'], `POST /alerts/${ID}/acknowledge {"note":"at it"}`],
    [['resolve', ID], `POST /alerts/${ID}/resolve {}`]
  ])('%j sends one request and says how it stands', async (words, request) => {
    answer = () => [200, { ...alert, status: 'ACKNOWLEDGED' }]
    const { code, out } = await run('alerts', ...words)
    expect([code, asked]).toEqual([0, [request]])
    expect(out).toMatch(/^ACKNOWLEDGED {2}First block/)
  })
})

describe('a rule', () => {
  test('is muted for a while, or until a time, and heard again', async () => {
    answer = () => [200, { ...rule, muted_until: '2099-01-01T00:00:00.000Z', run_id: ID }]
    expect(await run('alerts', 'mute', 'first_block', '--until', '2099-01-01T00:00:00Z')).toMatchObject({
      code: 0,
      out: 'first_block is muted until 2099-01-01T00:00:00.000Z\n'
    })
    await run('alerts', 'mute', 'first_block', '--for', '8h')
    answer = () => [200, { ...rule, run_id: null }]
    expect(await run('alerts', 'unmute', 'first_block')).toMatchObject({ code: 0, out: 'first_block is heard\n' })
    expect(asked).toEqual([
      'PATCH /alert-rules/first_block {"muted_until":"2099-01-01T00:00:00.000Z"}',
      expect.stringMatching(/^PATCH \/alert-rules\/first_block \{"muted_until":"20\d\d-[^"]+Z"\}$/),
      'PATCH /alert-rules/first_block {"muted_until":null}'
    ])
  })

  const NOW = Date.parse('2026-11-28T10:00:00Z')
  test.each([
    [{ for: '30m' }, '2026-11-28T10:30:00.000Z'],
    [{ for: '8h' }, '2026-11-28T18:00:00.000Z'],
    [{ for: '2w' }, '2026-12-12T10:00:00.000Z'],
    [{ until: '2026-12-01T07:00:00+01:00' }, '2026-12-01T06:00:00.000Z']
  ])('%j means %s', (given, at) => {
    expect(untilOf(given, NOW)).toBe(at)
  })
  test.each([
    [{}, /either --for/],
    [{ for: '1h', until: '2026-12-01T00:00:00Z' }, /either --for/],
    [{ for: '0h' }, /no while/],
    [{ for: '1.5h' }, /no while/],
    [{ for: '99999w' }, /no while/],
    [{ for: 'constructor' }, /no while/],
    [{ until: 'tomorrow' }, /no time/],
    [{ until: '1' }, /no time/],
    [{ until: '2026-11-28T10:00:00Z' }, /over already/]
  ])('%j is refused', (given, message) => {
    expect(() => untilOf(given, NOW)).toThrow(message)
  })
})

describe('a test of a channel', () => {
  test.each([
    ['DELIVERED', 'ok', 0, 'DELIVERED  mail ops@acme.dev: ok\n'],
    ['DEAD', null, 1, 'DEAD  mail ops@acme.dev: no agent\\u{1b}[2J\\u{202e}\n']
  ])('that ends %s with %j gives exit code %i', async (status, said, code, out) => {
    answer = () => [200, { ...delivery, status, said }]
    expect(await run('alerts', 'test', ID)).toMatchObject({ code, out })
    expect(asked).toEqual([`POST /alert-channels/${ID}/test {}`])
  })
})

test.each<[string, string[], number, number, string]>([
  ['an alert that nobody knows', ['alerts', 'show', ID], 404, 1, 'there is none'],
  ['a key that may not', ['alerts', 'ack', ID], 403, 7, 'there is none'],
  ['a key that is unknown', ['budgets'], 401, 7, 'there is none'],
  ['an installation that is busy', ['alerts', 'resolve', ID], 503, 6, 'there is none'],
  ['an address that is no installation', ['alerts', 'rules'], 200, 1, 'something else'],
  ['what is no id', ['alerts', 'show', '../keys'], 0, 2, 'is not an alert'],
  ['what is no channel', ['alerts', 'test', '../keys'], 0, 2, 'is not a channel'],
  ['what is no rule', ['alerts', 'mute', '../x', '--for', '1h'], 0, 2, 'is no rule'],
  ['a status that there is not', ['alerts', 'list', '--status', 'gone'], 0, 2, 'open, acknowledged, resolved'],
  ['a limit that is none', ['alerts', 'list', '--limit', '0'], 0, 2, 'is no count']
])('%s ends with its own exit code', async (_what, words, status, code, message) => {
  answer = () => [status, { code: 'x', detail: 'there is none' }]
  const ended = await run(...words)
  expect([ended.code, ended.err]).toEqual([code, expect.stringContaining(message)])
  expect(asked.length === 0).toBe(code === 2)
})
