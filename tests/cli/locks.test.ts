// `enact locks` against an address that answers as the routes do; tests/slow/locks.test.ts has the real ones.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listedLock } from '../../src/engine/index.ts'
import { enact, signed } from './receipts_cli.ts'

const ID = '0198c0de-0000-7000-8000-000000000001'
const EVIL = 'agent\u001b[2J\u202e'
const KEY = 'enact_live_secret'
const lock = (lock_id: string, run_id: string | null) =>
  listedLock({
    lock_id,
    owner: { api_key_id: 'key', run_id },
    holder: EVIL,
    holds: [{ resource: 'db/a', mode: 'exclusive', fencing_token: 7 }],
    acquiredAtMs: 0,
    expiresAtMs: 60_000
  })

const asked: { method: string; url: string; body: string; key: unknown }[] = []
let answer: (request: IncomingMessage) => [number, unknown]
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    asked.push({ method: request.method!, url: request.url!, body, key: request.headers['x-enact-api-key'] })
    const [status, json] = answer(request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  })
})
let env: Record<string, string>
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  env = { ENACT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ENACT_API_KEY: KEY }
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(() => void (asked.length = 0))

test('list shows every page, and nothing an agent calls itself reaches the terminal', async () => {
  answer = ({ url }) => [
    200,
    url!.includes('cursor')
      ? { data: [lock(ID, ID)], next_cursor: null, has_more: false }
      : { data: [lock(ID, null)], next_cursor: ID, has_more: true }
  ]
  const { code, out } = await enact(['locks', 'list'], env)
  expect([code, out.trim().split('\n').length]).toEqual([0, 3])
  expect(out).toContain('agent\\u{1b}[2J\\u{202e}')
  for (const control of ['\u001b', '\u202e']) expect(out).not.toContain(control)
  expect(asked.map(({ url }) => url)).toEqual(['/locks?limit=200', `/locks?limit=200&cursor=${ID}`])
  const json = await enact(['locks', 'list', '--json'], env)
  expect(JSON.parse(json.out)).toEqual([lock(ID, null), lock(ID, ID)])
})

test('break sends one request with the key and the reason, and names the receipt', async () => {
  const receipt = await signed(1)
  answer = () => [200, { lock_id: ID, run_id: receipt.run_id, receipt }]
  const { code, out } = await enact(['locks', 'break', ID, '--reason', 'it hangs'], env)
  expect([code, out]).toEqual([0, `broken: ${ID}; receipt ${receipt.run_id}\n`])
  expect(asked).toEqual([{ method: 'POST', url: `/locks/${ID}/break`, body: '{"reason":"it hangs"}', key: KEY }])
})

test.each<[string, string[], number, number, string]>([
  ['a lock that nobody holds', ['break', ID], 404, 1, 'nobody holds'],
  ['a key that may not', ['break', ID], 403, 7, 'may not'],
  ['a key that is unknown', ['list'], 401, 7, 'missing or unknown'],
  ['an installation that is busy', ['list'], 503, 6, 'answered 503'],
  ['an address that is no installation', ['list'], 200, 1, 'something else'],
  ['what is no id, before anything is sent', ['break', '../keys'], 500, 2, 'is not a lock']
])('%s ends with its own exit code', async (_what, words, status, code, message) => {
  answer = () => [status, {}]
  const ended = await enact(['locks', ...words], env)
  expect([ended.code, ended.err]).toEqual([code, expect.stringContaining(message)])
  expect(asked.length).toBe(code === 2 ? 0 : 1)
})

test('without an address it says how to give one', async () => {
  expect(await enact(['locks', 'list'])).toMatchObject({ code: 2, err: expect.stringContaining('ENACT_URL') })
})
