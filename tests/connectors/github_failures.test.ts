// What GitHub can answer besides success: each is a result with a code, says what is known of the effect, and tells no secret.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { github } from '../../src/connectors/index.ts'
import { startGitHub, type GitHubFake, type Trouble } from '../fakes/github/index.ts'
import { newCall, recoverAction, runAction } from './contract.ts'

const CREATE = 'POST /repos/{owner}/{repo}/git/refs'
const READ = 'GET /repos/{owner}/{repo}/git/ref/{ref}'
const branch = { repo: 'myorg/app', branch: 'agent/x', base: 'main' }

describe('answers of GitHub', () => {
  let fake: GitHubFake
  beforeEach(async () => void (fake = await startGitHub()))
  afterEach(async () => {
    await fake.close()
    fake.verify()
  })
  const system = () => github({ token: fake.token, api_url: fake.url })

  test.each<[number, Record<string, string>, unknown, string, string]>([
    [401, {}, { message: 'Bad credentials' }, 'unauthorized', 'none'],
    [403, {}, { message: 'Resource not accessible by integration' }, 'forbidden', 'none'],
    [403, { 'retry-after': '30' }, { message: 'You have exceeded a secondary rate limit' }, 'rate_limited', 'none'],
    [403, {}, { message: 'You have exceeded a secondary rate limit' }, 'rate_limited', 'none'],
    [
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '4102444800' },
      { message: 'API rate limit exceeded' },
      'rate_limited',
      'none'
    ],
    [404, {}, { message: 'Not Found' }, 'not_found', 'none'],
    [409, {}, { message: 'Git Repository is empty.' }, 'vendor_conflict', 'none'],
    [410, {}, { message: 'Issues are disabled' }, 'gone', 'none'],
    [418, {}, { message: 'teapot' }, 'rejected', 'none'],
    [429, { 'retry-after': '12' }, { message: 'slow down' }, 'rate_limited', 'none'],
    [451, {}, { message: 'Repository access blocked' }, 'rejected', 'none'],
    [500, {}, { message: 'Server Error' }, 'vendor_error', 'unknown'],
    [502, {}, '<html>Bad gateway</html>', 'vendor_error', 'unknown'],
    [503, {}, null, 'vendor_error', 'unknown'],
    [301, { location: 'http://169.254.169.254/latest/meta-data' }, { message: 'Moved Permanently' }, 'moved', 'none'],
    [307, { location: '/repositories/1/git/refs' }, { message: 'Temporary Redirect' }, 'moved', 'none']
  ])('%i %j to a write is %s', async (status, headers, body, code, effect) => {
    fake.trouble(CREATE, { kind: 'answer', status, headers, body })
    const result = await runAction(system(), 'create_branch', branch)
    expect(result).toMatchObject({ kind: 'failed', code, effect })
    expect(fake.effects).toEqual([])
  })

  test.each([500, 429, 403, 301])('%i to the look before a write is a failure without effect', async (status) => {
    fake.trouble(READ, { kind: 'answer', status, body: { message: 'no' } })
    expect(await runAction(system(), 'create_branch', branch)).toMatchObject({ kind: 'failed', effect: 'none' })
    expect(fake.requests).not.toContain(CREATE)
  })

  test.each([
    [{ 'retry-after': '12' }, '12 s'],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, '60 s'],
    [{ 'retry-after': '-1' }, '60 s'],
    [{ 'retry-after': '1e300' }, '86400 s'],
    [{}, '60 s'],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1000090', date: 'Mon, 12 Jan 1970 13:46:40 GMT' }, '90 s']
  ])('a rate limit with %j says to wait %s, and nobody sleeps', async (headers, wait) => {
    fake.trouble(CREATE, { kind: 'answer', status: 429, headers: headers as Record<string, string>, body: { message: 'slow down' } })
    expect(await runAction(system(), 'create_branch', branch)).toMatchObject({
      code: 'rate_limited',
      message: expect.stringContaining(wait)
    })
    expect(fake.requests.filter((route) => route === CREATE)).toHaveLength(1)
  })

  test('a message of the vendor is short, on one line, and without the token', async () => {
    const message = `no\u001b[2J\n${fake.token} ${'x'.repeat(5000)}`
    fake.trouble(CREATE, { kind: 'answer', status: 422, body: { message, errors: [{ message: fake.token }, 'plain', null] } })
    const result = await runAction(system(), 'create_branch', branch)
    const shown = JSON.stringify(result)
    expect(shown).not.toContain(fake.token)
    expect(shown).not.toMatch(/\\u001b|\\n/)
    expect(shown.length).toBeLessThan(500)
  })

  test.each<Trouble>([
    { kind: 'reset', when: 'before' },
    { kind: 'hang', when: 'before' },
    { kind: 'error', when: 'before', status: 502 },
    { kind: 'answer', status: 500, body: 'a proxy gave up' }
  ])('after %j nobody claims that nothing happened: the request may still be on its way', async (trouble) => {
    const call = newCall({ timeoutMs: 500 })
    fake.trouble(CREATE, trouble)
    expect(await runAction(system(), 'create_branch', branch, call)).toMatchObject({ kind: 'failed', effect: 'unknown' })
    expect(await recoverAction(system(), 'create_branch', branch, call)).toEqual({ kind: 'unknown' })
  })

  test.each(['reset', 'hang', 'error'] as const)('an effect that ended in a %s is found by looking', async (kind) => {
    const call = newCall({ timeoutMs: 500 })
    fake.trouble(CREATE, { kind, when: 'after' })
    expect(await runAction(system(), 'create_branch', branch, call)).toMatchObject({ kind: 'failed', effect: 'unknown' })
    expect(await recoverAction(system(), 'create_branch', branch, call)).toMatchObject({ kind: 'done', output: { branch: 'agent/x' } })
    expect(fake.effects).toEqual(['create agent/x'])
  })

  test('a look that gets no answer leaves the call unknown', async () => {
    const call = newCall()
    fake.trouble(CREATE, { kind: 'error', when: 'after' })
    await runAction(system(), 'create_branch', branch, call)
    fake.trouble(READ, { kind: 'error', when: 'before' })
    expect(await recoverAction(system(), 'create_branch', branch, call)).toEqual({ kind: 'unknown' })
  })

  test('a wrong token is said, without the token', async () => {
    const token = 'ghp_wrong_and_secret'
    const result = await runAction(github({ token, api_url: fake.url }), 'create_branch', branch)
    expect(result).toMatchObject({ kind: 'failed', code: 'unauthorized', effect: 'none' })
    expect(JSON.stringify(result)).not.toContain(token)
  })

  test('input that bends the address never reaches the vendor, whoever calls', async () => {
    for (const repo of ['myorg/app/../../user', 'myorg/app?', 'myorg/..'])
      await expect(runAction(system(), 'get_branch', { repo, branch: 'main' })).rejects.toThrow()
    expect(fake.requests).toEqual([])
  })
})

describe("answers that are not GitHub's", () => {
  let server: Server
  const start = async (listener: RequestListener) => {
    server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return github({ token: 'ghp_x', api_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  }
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  test.each<[string, RequestListener]>([
    [
      'a page of a proxy with status 200',
      (_request, response) => response.setHeader('content-type', 'text/html').end('<html>Sign in</html>')
    ],
    ['an empty 200', (_request, response) => response.end()],
    [
      'a body that breaks off',
      (_request, response) =>
        response.writeHead(200, { 'content-length': '100', 'content-type': 'application/json' }).write('{"a":', () => response.destroy())
    ]
  ])('%s is a failure, not a branch', async (_what, listener) => {
    const result = await runAction(await start(listener), 'get_branch', { repo: 'myorg/app', branch: 'main' })
    expect(result).toMatchObject({ kind: 'failed', effect: 'none' })
  })

  test('nobody listening is a failure', async () => {
    const system = await start(() => {})
    await new Promise((resolve) => server.close(resolve))
    expect(await runAction(system, 'get_branch', { repo: 'myorg/app', branch: 'main' })).toMatchObject({
      kind: 'failed',
      code: 'unreachable',
      effect: 'none'
    })
  })

  test('a redirect is not followed: the token goes nowhere else', async () => {
    const asked: (string | undefined)[] = []
    const system = await start((request, response) => {
      asked.push(request.url)
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    expect(await runAction(system, 'get_branch', { repo: 'myorg/app', branch: 'main' })).toMatchObject({ kind: 'failed', code: 'moved' })
    expect(asked).toEqual(['/repos/myorg/app/git/ref/heads%2Fmain'])
  })
})

describe('options', () => {
  const token = 'ghp_secret'

  test('the scope shows address and allow list, never the token', () => {
    expect(github({ token, repos: ['myorg/*'] }).scope).toEqual({ api_url: 'https://api.github.com', repos: ['myorg/*'] })
    expect(JSON.stringify(github({ token }).scope)).not.toContain(token)
  })

  test.each([
    'http://api.github.com',
    'http://example.com',
    'ftp://127.0.0.1',
    'https://user:pass@github.example',
    'https://github.example/?x=1',
    'http://127.0.0.1.example.com',
    'github.com',
    ''
  ])('the token is not sent to %s', (api_url) => expect(() => github({ token, api_url })).toThrow(/misconfigured/))

  test.each(['https://github.example/api/v3', 'http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1'])(
    '%s is accepted',
    (api_url) => {
      expect(github({ token, api_url }).scope).toMatchObject({ api_url })
    }
  )

  test.each([
    [{ token: '' }],
    [{ token, repos: ['*'] }],
    [{ token, repos: ['*/*'] }],
    [{ token, repos: ['myorg'] }],
    [{ token, surprise: 1 }]
  ])('%j is refused at start', (options) => {
    expect(() => github(options as never)).toThrow(/misconfigured/)
  })

  test.each<[readonly string[] | undefined, string, boolean]>([
    [undefined, 'any/repo', true],
    [[], 'myorg/app', false],
    [['myorg/app'], 'myorg/app', true],
    [['myorg/app'], 'MyOrg/App', true],
    [['MyOrg/*'], 'myorg/other', true],
    [['myorg/*'], 'myorg-evil/app', false],
    [['myorg/*'], 'evil/myorg', false],
    [['myorg/app'], 'myorg/app2', false],
    [['myorg/app'], 'myorg/ap', false]
  ])('with the allow list %j the repository %s is allowed: %s', async (repos, repo, allowed) => {
    const { client } = await github({ token, ...(repos ? { repos } : {}) }).connect()
    expect((client as { allows(repo: string): boolean }).allows(repo)).toBe(allowed)
  })
})
