// `enact run`, `rollback`, `approve`, `deny`, `keys` and `doctor` against an address that answers as the routes do: what is sent, shown, and the exit code.
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands/index.ts'
import type { JsonObject } from '../../src/engine/index.ts'
import { enact, signed } from './receipts_cli.ts'

const ID = '0198c0de-0000-7000-8000-000000000001'
const KEY = 'enact_live_secret'
const EVIL = 'agent\u001b[2J\u202e'

const asked: { method: string; path: string; body: JsonObject | null; headers: Record<string, unknown> }[] = []
let answer: (method: string, path: string) => readonly [status: number, body: unknown, headers?: Record<string, string>]
const server = createServer((request, response) => {
  let text = ''
  request.on('data', (chunk: Buffer) => (text += chunk.toString()))
  request.on('end', () => {
    const { method = '', url: path = '', headers } = request
    asked.push({ method, path, body: text === '' ? null : (JSON.parse(text) as JsonObject), headers })
    const [status, body, more] = answer(method, path)
    response.writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json', ...more })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  })
})
let env: Record<string, string>
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  env = { ENACT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ENACT_API_KEY: KEY, ENACT_USER_EMAIL: 'a@acme.example' }
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(() => void (asked.length = 0))
const done = async (decision: 'PASS' | 'BLOCK' | 'PARTIAL', outcome: 'SUCCEEDED' | 'NONE' | 'FAILED' | 'PARTIAL') => {
  const receipt = await signed(1, { decision, outcome })
  return { run_id: receipt.run_id, status: 'DONE', decision, outcome, output: {}, receipt }
}

describe('run and rollback', () => {
  test('run sends the request under the key and an Idempotency-Key, waits while it is asked about, and tells the receipt', async () => {
    const over = await done('PASS', 'SUCCEEDED')
    answer = (method) => (method === 'POST' ? [202, { run_id: ID, status: 'PENDING', hitl_id: ID }] : [200, over])
    const { code, out } = await enact(['run', 'insert_row', '--payload', '-', '--idempotency-key', 'k1'], env, '{"table":"t"}')
    expect([code, out]).toEqual([0, expect.stringContaining(over.run_id)])
    expect(asked[0]).toMatchObject({
      path: '/runs',
      body: { workflow: 'insert_row', user_email: 'a@acme.example', payload: { table: 't' } },
      headers: { 'x-enact-api-key': KEY, 'idempotency-key': 'k1' }
    })
    expect(asked[1]!.path).toMatch(new RegExp(`^/runs/${ID}\\?wait=`))
  })

  test.each([
    ['PASS', 'SUCCEEDED', 0],
    ['BLOCK', 'NONE', 3],
    ['PASS', 'FAILED', 1],
    ['PARTIAL', 'PARTIAL', 1]
  ] as const)('%s, %s is exit code %i', async (decision, outcome, code) => {
    const over = await done(decision, outcome)
    answer = () => [200, over]
    for (const words of [
      ['run', 'w'],
      ['rollback', ID]
    ]) {
      const ended = await enact([...words, '--json'], env)
      expect([ended.code, JSON.parse(ended.out)]).toEqual([code, over])
    }
  })

  test('what is not over is exit code 4, with the approval it waits for', async () => {
    answer = () => [202, { run_id: ID, status: 'PENDING', hitl_id: ID }]
    expect(await enact(['run', 'w', '--wait', '0'], env)).toMatchObject({
      code: 4,
      err: expect.stringContaining(`waits for a person (${ID})`)
    })
    expect(asked).toHaveLength(1)
  })

  test('--dry-run is said to the installation', async () => {
    const over = await done('PASS', 'SUCCEEDED')
    answer = () => [200, over]
    await enact(['rollback', ID, '--dry-run'], env)
    expect(asked[0]).toMatchObject({ method: 'POST', path: `/runs/${ID}/rollback`, body: { dry_run: true } })
  })

  test.each([
    ['no user', ['run', 'w'], { ENACT_USER_EMAIL: '' }],
    ['no JSON', ['run', 'w', '--payload', '{'], {}],
    ['a list', ['run', 'w', '--payload', '[]'], {}],
    ['a file that is not there', ['run', 'w', '--payload', '@/nowhere'], {}],
    ['an unknown mode', ['run', 'w', '--mode', 'x'], {}],
    ['a time that is none', ['run', 'w', '--wait', 'long'], {}],
    ['what is no id', ['rollback', '../keys'], {}],
    ['no id', ['approve', 'x'], {}],
    ['no scope', ['keys', 'create'], {}],
    ['no address', ['run', 'w'], { ENACT_URL: '' }]
  ])('%s is exit code 2 before anything is sent', async (_what, words, more) => {
    expect((await enact(words, { ...env, ...more })).code).toBe(2)
    expect(asked).toEqual([])
  })
})

test.each([
  [401, 'unauthorized', 7],
  [403, 'forbidden', 7],
  [422, 'invalid', 2],
  [409, 'nothing_to_undo', 1],
  [409, 'signature_invalid', 5],
  [404, 'not_found', 1]
])('status %i %s is exit code %i, with its detail', async (status, code, expected) => {
  answer = () => [status, { code, detail: `because ${EVIL}` }]
  for (const words of [
    ['run', 'w'],
    ['rollback', ID],
    ['approve', ID],
    ['keys', 'list']
  ]) {
    const ended = await enact(words, env)
    expect([words[0], ended.code]).toEqual([words[0], expected])
    expect(ended.err).toContain('because agent')
    expect(ended.err).not.toContain('\u001b')
  }
})

test('an address at which nobody is, is exit code 6', async () => {
  for (const words of [['run', 'w', '--wait', '0'], ['keys', 'list'], ['doctor']])
    expect((await enact(words, { ...env, ENACT_URL: 'http://127.0.0.1:9' })).code).toBe(6)
})

describe('approve and deny', () => {
  const sight = (status: string) => ({
    hitl_id: ID,
    status,
    workflow: 'delete_row',
    user_email: EVIL,
    payload: { table: EVIL },
    request_digest: 'sha256:seen',
    missing: status === 'PENDING' ? 1 : 0
  })

  test.each([
    ['approve', 'APPROVED'],
    ['deny', 'DENIED']
  ])('%s decides on exactly what was shown, with the reason', async (choice, status) => {
    answer = (method) => [200, sight(method === 'GET' ? 'PENDING' : status)]
    const { code, out, err } = await enact([choice, ID, '--reason', 'looked at it'], env)
    expect([code, out]).toEqual([0, `${status}  ${ID}\n`])
    expect(err + out).not.toContain('\u001b')
    expect(asked.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['GET', `/hitl/${ID}/${choice}`, null],
      ['POST', `/hitl/${ID}/${choice}`, { request_digest: 'sha256:seen', reason: 'looked at it' }]
    ])
  })

  test('one of two votes says how many are missing', async () => {
    answer = () => [200, sight('PENDING')]
    expect((await enact(['approve', ID], env)).out).toContain('1 more must approve')
  })
})

describe('keys', () => {
  test('create prints the key alone on standard output, and is sent once, without a second attempt', async () => {
    answer = () => [201, { id: 'k', key: 'enact_live_new' }]
    const { code, out } = await enact(['keys', 'create', '--scope', 'run', 'read', '--label', 'ci', '--user', 'a@acme.example'], env)
    expect([code, out]).toEqual([0, 'enact_live_new\n'])
    expect(asked[0]!.body).toEqual({ scopes: ['run', 'read'], label: 'ci', user_email: 'a@acme.example' })
    answer = () => [503, {}]
    asked.length = 0
    expect((await enact(['keys', 'create', '--scope', 'run'], env)).code).toBe(6)
    expect(asked).toHaveLength(1)
  })

  test('list shows every page, revoke names the key in the path', async () => {
    const key = { id: 'k', scopes: ['run'], label: EVIL, user_email: null, created_at: 'now', expires_at: null, revoked_at: null }
    answer = (method, path) =>
      method === 'DELETE' ? [204, undefined] : [200, { data: [key], next_cursor: path.includes('cursor') ? null : 'c' }]
    const { code, out } = await enact(['keys', 'list'], env)
    expect([code, out.trim().split('\n').length]).toEqual([0, 3])
    expect(out).not.toContain('\u001b')
    expect(await enact(['keys', 'revoke', 'a/b'], env)).toMatchObject({ code: 0 })
    expect(asked.at(-1)!.path).toBe('/keys/a%2Fb')
  })
})

describe('doctor', () => {
  const session = { team_id: 'acme', scopes: ['admin'], user_email: null, expires_at: null }
  const step = { id: 'url', title: 'The address', done: false, detail: 'not set', how: 'set it' }
  const healthy = (path: string, more: Record<string, readonly [number, unknown, Record<string, string>?]> = {}) =>
    more[path] ??
    ({
      '/healthz': [200, { status: 'ok', version: '1' }],
      '/session': [200, session],
      '/setup/checklist': [200, { data: [step, { ...step, title: 'A secret', done: true }] }]
    }[path] as [number, unknown])

  test('a whole installation is exit code 0, with what is left to do', async () => {
    answer = (_method, path) => healthy(path)
    const { code, out } = await enact(['doctor'], env)
    expect(code).toBe(0)
    expect(out).toContain('todo  The address: not set: set it')
    expect(JSON.parse((await enact(['doctor', '--json'], env)).out)).toMatchObject({ ok: true })
  })

  test.each<[string, Record<string, readonly [number, unknown, Record<string, string>?]>, number]>([
    ['a key that is unknown', { '/session': [401, { code: 'unauthorized', detail: 'unknown' }] }, 7],
    ['an installation that refuses to serve', { '/healthz': [503, { status: 'unhealthy', version: '1', detail: 'no secret' }] }, 1],
    ['another clock', { '/healthz': [200, { status: 'ok', version: '1' }, { date: 'Mon, 01 Jan 2024 00:00:00 GMT' }] }, 1],
    ['an address that is something else', { '/healthz': [200, { hello: 1 }] }, 1]
  ])('%s is told', async (_what, more, code) => {
    answer = (_method, path) => healthy(path, more)
    expect((await enact(['doctor'], env)).code).toBe(code)
  })

  test('a key over plain http to another machine is a failure', async () => {
    const { out } = await enact(['doctor', '--json', '--url', 'http://192.0.2.1:9'], { ...env, ENACT_API_KEY: '' })
    expect(out).toContain('unencrypted')
  })
})

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('for %s it has every command and their options', async (shell) => {
    const { code, out } = await enact(['completion', shell], env)
    expect(code).toBe(0)
    for (const name of Object.keys(COMMANDS)) expect(out).toContain(name)
    for (const word of ['dry-run', 'uninstall', 'fail-open']) expect(out).toContain(word)
  })

  test('bash completes subcommands and options with it', async () => {
    const { out } = await enact(['completion', 'bash'], env)
    const complete = (...words: string[]) =>
      spawnSync(
        'bash',
        [
          '-c',
          `${out}\nCOMP_WORDS=(enact ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _enact; echo "\${COMPREPLY[*]}"`
        ],
        {
          encoding: 'utf8'
        }
      ).stdout.trim()
    expect(complete('roll')).toBe('rollback')
    expect(complete('hooks', '')).toContain('install doctor uninstall')
    expect(complete('rollback', ID, '--d')).toBe('--dry-run')
  })

  test('another shell is exit code 2', async () => expect((await enact(['completion', 'vim'], env)).code).toBe(2))
})
