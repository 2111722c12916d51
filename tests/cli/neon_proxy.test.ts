// The local stand-in for Neon: one database, loopback only, sessions in turn where the database has only one.
import { neon, neonConfig } from '@neondatabase/serverless'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startNeonProxy, type NeonProxy } from '../../src/cli/local/neon_proxy.ts'
import { startPglite, type LocalPostgres } from '../../src/cli/local/pglite.ts'
import { openSession } from '../../src/connectors/postgres/session.ts'
import { postgres } from '../../src/connectors/postgres/index.ts'
import { inverseOf, newCall, outputOf, runAction, undo } from '../connectors/contract.ts'
import { START_TIMEOUT_MS, startPostgres, type TestPostgres } from '../fakes/postgres.ts'

const session = (database_url: string, neon_local_url: string) =>
  openSession({ database_url, driver: 'neon', neon_local_url, answerTimeoutMs: 10_000 })

describe('in front of a real Postgres', () => {
  let server: TestPostgres
  let proxy: NeonProxy
  let url: string
  beforeAll(async () => {
    server = await startPostgres()
    url = await server.database('CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, $$a$$)')
    proxy = await startNeonProxy({ databaseUrl: url })
  }, START_TIMEOUT_MS)
  afterAll(async () => {
    await proxy.close()
    await server.close()
  })

  test('SQL over HTTP works as the driver speaks it: one query, and several in one transaction', async () => {
    neonConfig.fetchEndpoint = `${proxy.url}/sql`
    const sql = neon(url)
    expect(await sql`SELECT id, v, ${'x'}::text AS given FROM t`).toEqual([{ id: 1, v: 'a', given: 'x' }])
    await expect(sql.transaction([sql`INSERT INTO t VALUES (2, 'b')`, sql`INSERT INTO t VALUES (1, 'again')`])).rejects.toMatchObject({
      code: '23505'
    })
    expect(await sql`SELECT count(*)::int AS n FROM t`).toEqual([{ n: 1 }])
    const [[one]] = (await sql.transaction([sql`SELECT 1 AS one`], { readOnly: true })) as [[{ one: number }]]
    expect(one).toEqual({ one: 1 })
  })

  test('the password is checked by Postgres, also through the proxy', async () => {
    await expect(session(url.replace('w0rd', 'no'), proxy.url)).rejects.toMatchObject({ state: '28P01' })
    neonConfig.fetchEndpoint = `${proxy.url}/sql`
    await expect(neon(url.replace('w0rd', 'no'))`SELECT 1`).rejects.toMatchObject({ code: '28P01' })
  })

  test('it reaches its own database only, whatever address is asked for', async () => {
    const elsewhere = Object.assign(new URL(url), { hostname: 'db.internal', port: '1' }).href
    const open = await session(elsewhere, proxy.url)
    expect((await open.query('SELECT v FROM t')).rows).toEqual([['a']])
    await open.end()
  })

  test('no web page reaches it: not with an Origin, not under another name', async () => {
    const port = new URL(proxy.url).port
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { host: 'evil.example' },
      { host: `127.0.0.1.evil.example:${port}` }
    ] as Record<string, string>[]) {
      expect(await statusOf(port, '/sql', headers)).toBe(403)
      const socket = new WebSocket(`ws://127.0.0.1:${port}/v2`, { headers })
      await expect(new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))).rejects.toThrow('403')
    }
    expect(await statusOf(port, '/other', {})).toBe(404)
    expect(await statusOf(port, '/sql', {})).toBe(400)
  })

  test('a client that goes away takes its transaction with it', async () => {
    const [gone, witness] = [await session(url, proxy.url), await session(url, proxy.url)]
    await gone.query(`BEGIN; UPDATE t SET v = 'b'`)
    await gone.end()
    await witness.query(`SET lock_timeout = 5000`)
    expect((await witness.query(`SELECT v FROM t FOR UPDATE`)).rows).toEqual([['a']])
    await witness.end()
  })
})

describe('in front of pglite', () => {
  let lite: LocalPostgres
  let proxy: NeonProxy
  beforeAll(async () => {
    lite = await startPglite(
      `CREATE TABLE customers (id int PRIMARY KEY, name text); INSERT INTO customers SELECT i, 'c' || i FROM generate_series(1, 47) AS i`
    )
    proxy = await startNeonProxy({ databaseUrl: lite.databaseUrl, maxSessions: 1 })
  }, 60_000)
  afterAll(async () => {
    await proxy.close()
    await lite.close()
  })

  const system = () => postgres({ database_url: lite.databaseUrl, neon_local_url: proxy.url, tables: ['customers'] })

  test('five of forty-seven rows are deleted and brought back, with interactive transactions', async () => {
    const connection = await system().connect()
    const one = { ...system(), connect: async () => connection }
    const before = outputOf(await runAction(one, 'select_rows', { table: 'customers' }))
    const input = { table: 'customers', where: { id: { lte: 5 } } }
    const call = newCall()
    const output = outputOf(await runAction(one, 'delete_row', input, call))
    expect(output).toMatchObject({ affected: 5 })
    expect(outputOf(await runAction(one, 'select_rows', { table: 'customers' }))).toMatchObject({ rows: { length: 42 } })
    expect(await undo(one, inverseOf(one, 'delete_row', input, output))).toMatchObject({ kind: 'done', output: { affected: 5 } })
    expect(outputOf(await runAction(one, 'select_rows', { table: 'customers' }))).toEqual(before)
    await connection.close?.()
  })

  test('concurrent runs take turns instead of mixing their transactions', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const connection = await system().connect()
        const one = { ...system(), connect: async () => connection }
        const result = await runAction(one, 'insert_row', { table: 'customers', data: { id: 100 + (i % 4), name: 'new' } })
        await connection.close?.()
        return result.kind
      })
    )
    expect(results.sort()).toEqual([...Array(4).fill('already'), ...Array(4).fill('done')])
  })

  test('a session that is dropped in a transaction leaves nothing behind for the next', async () => {
    const dropped = await session(lite.databaseUrl, proxy.url)
    await dropped.query(`BEGIN; DELETE FROM customers`)
    await dropped.end()
    const next = await session(lite.databaseUrl, proxy.url)
    expect(Number((await next.query('SELECT count(*) FROM customers')).rows[0]![0])).toBeGreaterThan(46)
    await next.end()
  })
})

function statusOf(port: string, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, method: 'POST', headers }, (response) => resolve(response.resume().statusCode ?? 0))
      .once('error', reject)
      .end('{}')
  })
}
