// What an agent's client promises, against a real server that misbehaves.
import { join } from 'node:path'
import { inspect } from 'node:util'
import { build } from 'esbuild'
import { afterEach, describe, expect, it } from 'vitest'
import { EnactError } from '../../src/client.ts'
import { clientOf, KEY, leaping, problem, serve, type Seen, type TestServer, type Told } from './server.ts'

const RUN = { workflow: 'w', user_email: 'a@x.example', payload: { n: 1 } }
const DONE = { run_id: 'r1', status: 'DONE', decision: 'PASS', outcome: 'SUCCEEDED', output: {}, receipt: { run_id: 'r1' } }
const ASK = { workflow: 'w', payload: { n: 1 }, notify_email: 'boss@x.example' }
const open: TestServer[] = []

async function told(answer: (seen: Seen, count: number) => Told | Promise<Told>): Promise<TestServer> {
  const server = await serve(answer)
  open.push(server)
  return server
}

async function failureOf(work: Promise<unknown>): Promise<EnactError> {
  const error: unknown = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason
  )
  expect(error).toBeInstanceOf(EnactError)
  return error as EnactError
}

afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

describe('a request', () => {
  it('carries the key, JSON and, where it changes something, a fresh Idempotency-Key', async () => {
    const server = await told(() => ({ status: 200, body: DONE }))
    const client = clientOf({ url: `${server.url}/` })
    await client.run(RUN)
    await client.run(RUN)
    await client.run(RUN, { idempotencyKey: 'mine' })
    await client.getRun('r1')
    const [first, second, third, read] = server.seen
    expect(first).toMatchObject({
      method: 'POST',
      path: '/runs',
      body: RUN,
      headers: { 'x-enact-api-key': KEY, 'content-type': 'application/json' }
    })
    expect(first!.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/)
    expect(first!.headers['idempotency-key']).not.toBe(second!.headers['idempotency-key'])
    expect(third!.headers['idempotency-key']).toBe('mine')
    expect(read!.headers).not.toHaveProperty('idempotency-key')
  })

  it('keeps the path of the address, and encodes what it is given', async () => {
    const server = await told(() => problem(404, 'not_found'))
    const client = clientOf({ url: `${server.url}/enact/` })
    await failureOf(client.getRun('../keys?x=1'))
    expect([server.seen[0]!.path, [...server.seen[0]!.query]]).toEqual(['/enact/runs/..%2Fkeys%3Fx%3D1', []])
  })

  it('is never redirected: the key goes only where it was given for', async () => {
    const thief = await told(() => ({ status: 200, body: DONE }))
    const server = await told(() => ({ status: 307, headers: { location: `${thief.url}/runs` }, body: {} }))
    expect(await failureOf(clientOf(server).run(RUN))).toMatchObject({ status: 307, retryable: false })
    expect(thief.seen).toEqual([])
  })

  const refused: [string, object][] = [
    ['no address', { url: 'enact' }],
    ['another protocol', { url: 'file:///etc/passwd' }],
    ['a password in the address', { url: 'https://a:b@x.example' }],
    ['a query in the address', { url: 'https://x.example/?a=1' }],
    ['no key', { apiKey: '' }],
    ['a key with a line break', { apiKey: `${KEY}\nx: y` }]
  ]
  it.each(refused)('is not even made with %s, and the error says nothing of the key', (_what, more) => {
    expect(() => clientOf({ url: 'http://127.0.0.1' }, more)).toThrow(TypeError)
    try {
      clientOf({ url: 'http://127.0.0.1' }, more)
    } catch (error) {
      expect(inspect(error)).not.toContain('secretsecret')
    }
  })
})

describe('an error', () => {
  it('is the problem document, typed, and never holds the key', async () => {
    const errors = [{ pointer: '/payload', detail: 'is missing' }]
    const server = await told(() => problem(422, 'invalid', { errors }))
    const client = clientOf(server)
    const error = await failureOf(client.run(RUN))
    expect(error).toMatchObject({
      code: 'invalid',
      status: 422,
      detail: 'it is invalid',
      retryable: false,
      retryAfter: null,
      problem: { errors }
    })
    expect(server.seen).toHaveLength(1)
    expect(inspect([error, client], { depth: 9, showHidden: true }) + JSON.stringify([error, client])).not.toContain('secretsecret')
  })

  const strange: [string, Told, object][] = [
    ['HTML from something in between', { status: 403, text: '<h1>no</h1>' }, { code: 'http_403', status: 403, retryable: false }],
    ['success without JSON', { status: 200, text: 'hello' }, { code: 'bad_answer', status: 200, retryable: false }],
    ['a code that is no fault', problem(418, 'constructor'), { code: 'constructor', status: 418, retryable: false }],
    ['an array', { status: 400, body: [1] }, { code: 'http_400', status: 400 }]
  ]
  it.each(strange)('of an answer that is %s is told by its status', async (_what, answer, expected) => {
    const server = await told(() => answer)
    expect(await failureOf(clientOf(server).run(RUN))).toMatchObject(expected)
  })
})

describe('another attempt', () => {
  const transient: [string, Told][] = [
    ['a reset connection', 'reset'],
    ['429', problem(429, 'rate_limited', {}, { 'retry-after': '2' })],
    ['502 of a proxy', { status: 502, text: 'bad gateway' }],
    ['503', problem(503, 'unavailable')],
    ['500', problem(500, 'internal')],
    ['an answer that is still on its way', problem(409, 'idempotency_in_progress', {}, { 'retry-after': '1' })]
  ]
  it.each(transient)('is made after %s, under the same Idempotency-Key', async (_what, failure) => {
    const server = await told((_seen, count) => (count < 3 ? failure : { status: 200, body: DONE }))
    const time = leaping()
    expect(await clientOf(server, { time }).run(RUN)).toEqual(DONE)
    expect(new Set(server.seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    expect(server.seen).toHaveLength(3)
    const after = typeof failure === 'object' ? failure.headers?.['retry-after'] : undefined
    if (after !== undefined) expect(time.slept).toEqual([Number(after) * 1000, Number(after) * 1000])
    else expect(time.slept.every((ms) => ms > 100 && ms <= 1000)).toBe(true)
  })

  it('is not made for ever, nor when told to wait for long', async () => {
    const down = await told(() => problem(503, 'unavailable'))
    expect(await failureOf(clientOf(down, { retries: 2 }).run(RUN))).toMatchObject({ code: 'unavailable', retryable: true })
    expect(down.seen).toHaveLength(3)
    const later = await told(() => problem(429, 'rate_limited', {}, { 'retry-after': '3600' }))
    expect(await failureOf(clientOf(later).run(RUN))).toMatchObject({ code: 'rate_limited', retryAfter: 3600 })
    expect(later.seen).toHaveLength(1)
  })

  it.each([
    ['unauthorized', 401],
    ['forbidden', 403],
    ['receipt_conflict', 409],
    ['locked', 409],
    ['misconfigured', 503]
  ])('is not made after %s', async (code, status) => {
    const server = await told(() => problem(status, code))
    const work = code === 'locked' ? clientOf(server).locks.acquire({ resources: ['a/b'], holder: 'h' }) : clientOf(server).run(RUN)
    expect((await failureOf(work)).code).toBe(code)
    expect(server.seen).toHaveLength(1)
  })

  it('waits no longer when the caller gives up', async () => {
    const gone = new AbortController()
    const server = await told(() => {
      gone.abort(new Error('never mind'))
      return problem(503, 'unavailable')
    })
    await expect(clientOf(server).run(RUN, { signal: gone.signal })).rejects.toThrow('never mind')
    expect(server.seen).toHaveLength(1)
  })
})

describe('time', () => {
  it('runs out for an answer that does not come', async () => {
    const server = await told(() => 'hang')
    expect(await failureOf(clientOf(server, { retries: 0 }).getRun('r1', { timeoutMs: 30 }))).toMatchObject({
      code: 'timeout',
      retryable: true
    })
    expect(await failureOf(clientOf({ url: 'http://127.0.0.1:1' }, { retries: 0 }).getRun('r1'))).toMatchObject({
      code: 'network',
      status: 0
    })
  })
})

describe('run', () => {
  it('gives the first answer, unless it is asked to wait; then it waits through RUNNING and PENDING', async () => {
    const states = [{ status: 'RUNNING' }, { status: 'PENDING', hitl_id: 'h' }, DONE]
    const server = await told(({ method }, count) =>
      method === 'POST'
        ? { status: 202, body: { run_id: 'r1', status: 'RUNNING' } }
        : { status: 200, body: { run_id: 'r1', ...states[count - 2] } }
    )
    expect(await clientOf(server).run(RUN)).toEqual({ run_id: 'r1', status: 'RUNNING' })
    server.seen.length = 0
    expect(await clientOf(server).run(RUN, { waitMs: Infinity })).toMatchObject({ status: 'DONE', decision: 'PASS' })
    expect(server.seen.map(({ method, path, query }) => [method, path, query.get('wait')])).toEqual([
      ['POST', '/runs', null],
      ['GET', '/runs/r1', '55'],
      ['GET', '/runs/r1', '55'],
      ['GET', '/runs/r1', '55']
    ])
  })

  it('waits no longer than asked, and does not hammer an installation that answers at once', async () => {
    const server = await told(({ method }) => ({ status: method === 'POST' ? 202 : 200, body: { run_id: 'r1', status: 'RUNNING' } }))
    const time = leaping()
    expect(await clientOf(server, { time }).run(RUN, { waitMs: 3_500 })).toEqual({ run_id: 'r1', status: 'RUNNING' })
    expect(time.slept).toEqual([1000, 1000, 1000, 500])
  })

  it('takes a run back', async () => {
    const server = await told(() => ({ status: 200, body: DONE }))
    await clientOf(server).rollback('r1', { dry_run: true })
    await clientOf(server).rollback('r1')
    expect(server.seen.map(({ path, body }) => [path, body])).toEqual([
      ['/runs/r1/rollback', { dry_run: true }],
      ['/runs/r1/rollback', {}]
    ])
  })
})

describe('an approval', () => {
  const pending = { hitl_id: 'h1', status: 'PENDING', workflow: 'w', decided_at: null, decided_by: null }
  const decided = (status: string) => ({ ...pending, status, decided_at: 'z', decided_by: 'boss@x.example' })

  it('is waited for until a person has decided', async () => {
    const server = await told((_seen, count) => ({ status: 200, body: count < 3 ? pending : decided('DENIED') }))
    expect(await clientOf(server).waitForDecision('h1')).toMatchObject({ status: 'DENIED', decided_by: 'boss@x.example' })
    expect(server.seen.every(({ path, query }) => path === '/hitl/h1' && query.get('wait') === '55')).toBe(true)
  })

  it('is not waited for beyond the deadline, or beyond the caller’s patience', async () => {
    const server = await told(() => ({ status: 200, body: pending }))
    expect(await failureOf(clientOf(server).waitForDecision('h1', { waitMs: 2_000 }))).toMatchObject({
      code: 'wait_timeout',
      retryable: true
    })
    const gone = new AbortController()
    const hanging = await told(() => {
      gone.abort(new Error('never mind'))
      return 'hang'
    })
    await expect(clientOf(hanging).waitForDecision('h1', { signal: gone.signal })).rejects.toThrow('never mind')
  })

  const endings: [string, boolean][] = [
    ['APPROVED', true],
    ['DENIED', false],
    ['EXPIRED', false]
  ]
  it.each(endings)('that ends %s: exactly what was approved is run, and nothing else', async (status, runs) => {
    const server = await told(({ path }) => {
      if (path === '/hitl/request') return { status: 201, body: { hitl_id: 'h1', status: 'PENDING', expires_at: 'z' } }
      return { status: 200, body: path === '/runs' ? DONE : decided(status) }
    })
    const { approval, run } = await clientOf(server).runWithHitl(
      { ...ASK, user_email: 'a@x.example', expires_in_seconds: 60 },
      { idempotencyKey: 'k' }
    )
    expect([approval.status, run]).toEqual([status, runs ? DONE : null])
    const [ask, , redeem] = server.seen
    expect([ask!.body, ask!.headers['idempotency-key']]).toEqual([{ ...ASK, expires_in_seconds: 60 }, 'k.approval'])
    if (runs) expect([redeem!.body, redeem!.headers['idempotency-key']]).toEqual([{ ...RUN, hitl_id: 'h1' }, 'k.run'])
    else expect(server.seen.some(({ path }) => path === '/runs')).toBe(false)
  })
})

describe('receipts', () => {
  it('are listed over all pages, each fetched when it is needed', async () => {
    const all = Array.from({ length: 5 }, (_, i) => ({ run_id: `r${i}` }))
    const server = await told(({ query }) => {
      const at = Number(query.get('cursor') ?? 0)
      const has_more = at + 2 < all.length
      return { status: 200, body: { data: all.slice(at, at + 2), next_cursor: has_more ? String(at + 2) : null, has_more } }
    })
    const ids: string[] = []
    for await (const { run_id } of clientOf(server).receipts.list({ workflow: 'w', limit: 2 })) {
      ids.push(run_id)
      expect(server.seen).toHaveLength(Math.ceil(ids.length / 2))
    }
    expect(ids).toEqual(['r0', 'r1', 'r2', 'r3', 'r4'])
    expect(server.seen.map(({ query }) => query.toString())).toEqual([
      'workflow=w&limit=2',
      'workflow=w&limit=2&cursor=2',
      'workflow=w&limit=2&cursor=4'
    ])
  })

  it('of a list that goes in circles end in an error, not in a loop', async () => {
    const circle = await told(() => ({ status: 200, body: { data: [{}], next_cursor: 'same', has_more: true } }))
    const drain = async () => {
      for await (const _one of clientOf(circle).receipts.list());
    }
    expect(await failureOf(drain())).toMatchObject({ code: 'bad_answer' })
    expect(circle.seen).toHaveLength(2)
  })
})

describe('the bundle', () => {
  it('is small: neither zod nor the engine’s schemas come along before a receipt is verified', async () => {
    const root = join(import.meta.dirname, '..', '..')
    const built = await build({
      absWorkingDir: root,
      entryPoints: ['src/client.ts'],
      outdir: 'out',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'browser',
      minify: true,
      write: false,
      metafile: true
    })
    const { outputs } = built.metafile
    const loaded = new Set<string>()
    const load = (path: string) => {
      if (loaded.has(path)) return
      loaded.add(path)
      for (const { path: next, kind } of outputs[path]!.imports) if (kind === 'import-statement') load(next)
    }
    load(Object.keys(outputs).find((path) => outputs[path]!.entryPoint === 'src/client.ts')!)
    const inputs = [...loaded].flatMap((path) => Object.keys(outputs[path]!.inputs))
    expect(inputs.filter((input) => input.includes('zod') || input.includes('engine/schema'))).toEqual([])
    expect([...loaded].reduce((sum, path) => sum + outputs[path]!.bytes, 0)).toBeLessThan(14_000)
  })
})
