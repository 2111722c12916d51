// Budgets at the edge over a real Postgres: workerd, its objects and a database that counts what is really gone.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startEdge, type LocalEdge } from '../../src/cli/local/edge.ts'
import { startNeonProxy, type NeonProxy } from '../../src/cli/local/neon_proxy.ts'
import type { Receipt } from '../../src/engine/index.ts'
import { query, startPostgres, type TestPostgres } from '../fakes/postgres.ts'

const KEYS = ['rate', 'rows', 'burst']
const keyOf = (id: string) => `enact_live_${id}`
const state = mkdtempSync(join(tmpdir(), 'enact-budgets-'))
const seed = [
  { sql: `INSERT INTO teams (team_id, created_by, created_at) VALUES ('acme', 'test', '2026-01-01T00:00:00Z')`, values: [] },
  ...KEYS.map((id) => ({
    sql: `INSERT INTO api_keys (id, team_id, hash, scopes, attributes, created_at) VALUES (?1, 'acme', ?2, '["admin"]', '{}', '2026-01-01T00:00:00Z')`,
    values: [id, createHash('sha256').update(keyOf(id)).digest('hex')]
  }))
]
let server: TestPostgres
let proxy: NeonProxy
let edge: LocalEdge
let database: string

beforeAll(async () => {
  server = await startPostgres()
  database = await server.database(
    `CREATE TABLE lines (id int PRIMARY KEY); INSERT INTO lines SELECT generate_series(1, 200);
     CREATE TABLE logs (id int PRIMARY KEY); INSERT INTO logs SELECT generate_series(1, 500);
     CREATE TABLE items (id int PRIMARY KEY, batch int); INSERT INTO items SELECT i, i / 10 FROM generate_series(0, 499) AS i`
  )
  proxy = await startNeonProxy({ databaseUrl: database })
  const variables = {
    ENACT_SECRET: 'uYw3tQpZk81LxVb6RcNd0MsHaE5fGj2o',
    ENACT_DEV: '1',
    ENACT_RATE_SCALE: '1000',
    DATABASE_URL: database,
    NEON_LOCAL_URL: proxy.url,
    ENACT_LIMIT_RATE: 'delete_row:10/60m',
    ENACT_LIMIT_ROWS: 'delete_row:60/24h'
  }
  edge = await startEdge({ port: 0, state, variables, devVars: false, seed, watch: false, onLog: () => undefined })
}, 240_000)
afterAll(async () => {
  await edge?.stop()
  await proxy?.close()
  await server?.close()
  rmSync(state, { recursive: true, force: true })
})

async function call(key: string, method: string, path: string, body?: object) {
  const headers = { 'x-enact-api-key': keyOf(key), 'content-type': 'application/json' }
  const response = await fetch(new URL(path, edge.url), { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  // oxlint-disable-next-line typescript/no-explicit-any
  return (await response.json()) as any
}
const remove = async (key: string, table: string, where: object): Promise<Receipt> =>
  (await call(key, 'POST', '/runs', { workflow: 'delete_row', user_email: 'agent@company.com', payload: { table, where } })).receipt
const countOf = async (table: string) => Number((await query(database, `SELECT count(*) FROM ${table}`))[0]![0])
const denied = ({ policy_results }: Receipt) =>
  policy_results.filter(({ effect }) => effect === 'deny').map(({ policy, code }) => `${policy} ${code}`)

describe('fifty deletions at once', () => {
  it('against a budget of ten: exactly ten rows are gone, ten receipts say so, forty say why not', async () => {
    const receipts = await Promise.all(Array.from({ length: 50 }, (_, i) => remove('rate', 'lines', { id: i + 1 })))
    expect(receipts.filter(({ decision, outcome }) => decision === 'PASS' && outcome === 'SUCCEEDED')).toHaveLength(10)
    expect(receipts.filter((receipt) => denied(receipt).join() === 'limit_rate budget_exhausted')).toHaveLength(40)
    expect(await countOf('lines')).toBe(190)
    const { data } = await call('rate', 'GET', '/budgets')
    expect(data).toMatchObject([
      { policy: 'limit_rate', scope: 'rate', used: 10, in_flight: 0, max: 10 },
      { policy: 'limit_total', scope: 'rate', used: 10, in_flight: 0, max: 60 }
    ])
    // Nothing there, nothing used: a deletion that found nothing was given back, and so was one that failed.
    expect(denied(await remove('rate', 'lines', { id: 1_000 }))).toEqual(['limit_rate budget_exhausted'])
  }, 120_000)

  it('of ten rows each against a budget of sixty rows: exactly sixty are gone', async () => {
    // Deletions of nothing use up nothing, neither calls nor rows.
    for (let i = 0; i < 15; i++)
      expect((await remove('rows', 'items', { batch: 900 + i })).actions_taken).toMatchObject([{ status: 'ALREADY' }])
    const receipts = await Promise.all(Array.from({ length: 50 }, (_, batch) => remove('rows', 'items', { batch })))
    expect(receipts.filter(({ decision }) => decision === 'PASS')).toHaveLength(6)
    expect(await countOf('items')).toBe(500 - 60)
    expect(receipts.flatMap(denied).filter((one) => one === 'limit_total budget_exhausted').length).toBeGreaterThan(0)
    const { data } = await call('rows', 'GET', '/budgets')
    const own = data.filter(({ scope }: { scope: string }) => scope === 'rows')
    expect(own).toMatchObject([
      { policy: 'limit_rate', used: 6 },
      { policy: 'limit_total', on: ['delete_row'], used: 60, in_flight: 0, max: 60, window_seconds: 86_400 }
    ])
  }, 120_000)
})

describe('four hundred deletions within a minute', () => {
  it('of one agent are stopped at the cap, and people are alerted within that minute', async () => {
    const started = Date.now()
    const receipts: Receipt[] = []
    for (let i = 0; i < 400; i += 50)
      receipts.push(...(await Promise.all(Array.from({ length: 50 }, (_, k) => remove('burst', 'logs', { id: i + k + 1 })))))
    expect(Date.now() - started).toBeLessThan(60_000)
    expect(receipts.filter(({ outcome }) => outcome === 'SUCCEEDED')).toHaveLength(10)
    expect(await countOf('logs')).toBe(490)
    const found = await vi.waitFor(
      async () => {
        const { data } = await call('burst', 'GET', '/alerts')
        const rules = data.map(({ rule }: { rule: string }) => rule)
        for (const rule of ['first_block', 'block_burst', 'anomaly_found']) expect(rules).toContain(rule)
        return data as { rule: string; message: string; notified_at: string }[]
      },
      { timeout: 60_000, interval: 500 }
    )
    for (const { notified_at } of found) expect(Date.parse(notified_at) - started).toBeLessThan(60_000)
    expect(found.find(({ rule }) => rule === 'anomaly_found')?.message).toContain('delete_row')
  }, 180_000)
})
