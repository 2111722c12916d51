// `withLock`: work that is done while the lock is held, or is told that it is not.
import { afterEach, describe, expect, it } from 'vitest'
import type { Time } from '../../src/client.ts'
import { clientOf, leaping, problem, serve, type Seen, type TestServer, type Told } from './server.ts'

const WANTED = { resources: ['github/acme/app'], holder: 'agent-a', ttl_seconds: 30 }
const LOCK = { lock_id: 'l1', resources: WANTED.resources, fencing_token: 7, expires_at: '2026-03-01T04:30:00.000Z' }
let server: TestServer

afterEach(() => server.close())

/** A server that grants the lock and answers renewals as told. */
async function granting(renewal: (count: number) => Told | Promise<Told>, release: Told = { status: 204 }): Promise<void> {
  let renewals = 0
  server = await serve(({ method }) => {
    if (method === 'POST') return { status: 201, body: LOCK }
    return method === 'DELETE' ? release : renewal(++renewals)
  })
}
const calls = () => server.seen.map(({ method, path }: Seen) => `${method} ${path}`)

/** Ends when the server has seen so many renewals. */
function afterRenewals(count: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (signal.aborted) return reject(signal.reason as Error)
      if (server.seen.filter(({ method }) => method === 'PUT').length >= count) return resolve()
      setImmediate(look)
    }
    look()
  })
}

describe('withLock', () => {
  it('takes the lock, hands over its fencing token, renews it every third of its time, and gives it back', async () => {
    await granting(() => ({ status: 200, body: LOCK }))
    const time = leaping()
    const result = await clientOf(server, { time }).locks.withLock(WANTED, async ({ lock, signal }) => {
      expect([lock.fencing_token, signal.aborted]).toEqual([7, false])
      await afterRenewals(3, signal)
      return 'done'
    })
    expect(result).toBe('done')
    expect(calls().at(0)).toBe('POST /locks')
    expect(calls().at(-1)).toBe('DELETE /locks/l1')
    expect(time.slept.slice(0, 3)).toEqual([10_000, 10_000, 10_000])
    expect(server.seen.find(({ method }) => method === 'PUT')).toMatchObject({ path: '/locks/l1', body: { ttl_seconds: 30 } })
  })

  it('gives it back when the work fails, and its error is the work’s', async () => {
    await granting(() => ({ status: 200, body: LOCK }))
    await expect(clientOf(server).locks.withLock(WANTED, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom')
    expect(calls().at(-1)).toBe('DELETE /locks/l1')
  })

  it('tells the work at once when the lock is lost, and never calls it done', async () => {
    await granting((count) => (count === 1 ? { status: 200, body: LOCK } : problem(410, 'lock_lost')))
    let told: unknown
    const work = clientOf(server).locks.withLock(WANTED, async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      told = signal.reason
      return 'done all the same'
    })
    await expect(work).rejects.toMatchObject({ code: 'lock_lost' })
    expect(told).toMatchObject({ code: 'lock_lost' })
    expect(calls().at(-1)).toBe('DELETE /locks/l1')
  })

  it('takes it for lost when nobody can say any more that it is held', async () => {
    await granting(() => 'reset')
    const time = leaping()
    const work = clientOf(server, { time }).locks.withLock(
      WANTED,
      ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve))
    )
    await expect(work).rejects.toMatchObject({ code: 'lock_lost' })
    // Two attempts within its time; at its end it is given up, not a moment later.
    expect(time.slept).toEqual([10_000, 10_000, 10_000])
  })

  it('goes on through a renewal that fails once', async () => {
    await granting((count) => (count === 1 ? problem(503, 'unavailable') : { status: 200, body: LOCK }))
    await clientOf(server).locks.withLock(WANTED, ({ signal }) => afterRenewals(4, signal))
    expect(calls().at(-1)).toBe('DELETE /locks/l1')
  })

  it('renews a lock that was waited for before the work begins: when it was granted is not known', async () => {
    const time = leaping()
    const order: string[] = []
    server = await serve(({ method }) => {
      order.push(method)
      if (method === 'POST') time.advance(25_000)
      return { status: method === 'POST' ? 201 : method === 'PUT' ? 200 : 204, body: method === 'DELETE' ? undefined : LOCK }
    })
    await clientOf(server, { time }).locks.withLock({ ...WANTED, wait_seconds: 50 }, async () => void order.push('work'))
    expect(order.slice(0, 3)).toEqual(['POST', 'PUT', 'work'])
  })

  it('does no work when somebody else holds the lock, and says who', async () => {
    server = await serve(() => problem(409, 'locked', { holder: 'agent-b', run_id: 'r9', expires_at: 'z' }))
    let worked = false
    const work = clientOf(server).locks.withLock(WANTED, async () => void (worked = true))
    await expect(work).rejects.toMatchObject({ code: 'locked', problem: { holder: 'agent-b', run_id: 'r9', expires_at: 'z' } })
    expect([worked, calls()]).toEqual([false, ['POST /locks']])
  })

  it('stops the work when the caller gives up, and gives the lock back all the same', async () => {
    await granting(() => ({ status: 200, body: LOCK }))
    const gone = new AbortController()
    const work = clientOf(server).locks.withLock(
      WANTED,
      async ({ signal }) => {
        gone.abort(new Error('never mind'))
        signal.throwIfAborted()
      },
      { signal: gone.signal }
    )
    await expect(work).rejects.toThrow('never mind')
    expect(calls().at(-1)).toBe('DELETE /locks/l1')
  })

  it('does not spoil what was done when the lock cannot be given back', async () => {
    await granting(() => ({ status: 200, body: LOCK }), problem(404, 'not_found'))
    const quiet: Time = {
      now: () => 0,
      sleep: (_ms, signal) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('over'))))
    }
    expect(await clientOf(server, { time: quiet }).locks.withLock(WANTED, async () => 42)).toBe(42)
    expect(calls()).toEqual(['POST /locks', 'DELETE /locks/l1'])
  })
})

describe('locks', () => {
  it('are renewed, released and listed', async () => {
    server = await serve(({ method }) =>
      method === 'DELETE'
        ? { status: 204 }
        : { status: 200, body: method === 'GET' ? { data: [LOCK], next_cursor: null, has_more: false } : LOCK }
    )
    const { locks } = clientOf(server)
    expect(await locks.renew('l1', 5)).toEqual(LOCK)
    await locks.release('l1')
    const listed = []
    for await (const lock of locks.list()) listed.push(lock)
    expect(listed).toEqual([LOCK])
    expect(calls()).toEqual(['PUT /locks/l1', 'DELETE /locks/l1', 'GET /locks'])
  })
})
