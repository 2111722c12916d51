// Budgets of rows over a real Postgres: what is deleted or changed is never more than was asked for, and counted as it was.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { postgres } from '../../src/connectors/postgres/index.ts'
import { EnactClient } from '../../src/node.ts'
import { limitTotal } from '../../src/policies/budget/limit_total.ts'
import { query, refill, START_TIMEOUT_MS, startPostgres, type TestPostgres } from '../fakes/postgres.ts'
import { newCall, outputOf } from './contract.ts'
import { DRIVERS, openWorld, type World } from './postgres_world.ts'

const SEED = `CREATE TABLE items (id int PRIMARY KEY, batch int, note text); INSERT INTO items SELECT i, i / 10 FROM generate_series(0, 99) AS i`
const left = async () => Number((await query(url, 'SELECT count(*) FROM items'))[0]![0])

let server: TestPostgres
let url: string
beforeAll(async () => {
  server = await startPostgres()
  url = await server.database()
}, START_TIMEOUT_MS)
afterAll(() => server.close())
beforeEach(() => refill(url, SEED))

describe.each(DRIVERS)('a call through %s', (driver) => {
  let world: World
  beforeEach(async () => {
    world = await openWorld(url, driver, { tables: ['items'] })
    return () => world.close()
  })
  it.each(['delete_row', 'update_row'])('%s touches no more rows than its budget was asked for, or none', async (action) => {
    const input = { table: 'items', where: { batch: 3 }, ...(action === 'update_row' ? { data: { note: 'x' } } : {}) }
    const refused = await world.run(action, input, newCall({ atMost: { affected: 9 } }))
    expect(refused).toMatchObject({ kind: 'failed', code: 'more_than_budgeted', effect: 'none' })
    expect([await left(), await query(url, `SELECT 1 FROM items WHERE note = 'x'`)]).toEqual([100, []])
    expect(outputOf(await world.run(action, input, newCall({ atMost: { affected: 10 } })))).toMatchObject({ affected: 10 })
  })
})

describe('rows deleted', () => {
  const clientOf = (max: number) =>
    new EnactClient({
      systems: { postgres: postgres({ database_url: url, driver: 'pg', tables: ['items'] }) },
      policies: [limitTotal({ output: 'affected', max, window: '24h' }, { on: ['postgres.writes'] })],
      actions: ['delete_row', 'update_row', 'insert_row', 'insert_rows'],
      secret: 'k2vXgP0m7RZt4LqHc9YwB1sJ8uEaN5dFtQ'
    })
  const run = async (client: EnactClient, workflow: string, payload: object) =>
    (await client.run({ workflow, user_email: 'agent@company.com', payload: { table: 'items', ...payload } as never })).receipt

  it('are counted together with rows changed and inserted, however many one `where` means', async () => {
    const client = clientOf(25)
    expect(await run(client, 'delete_row', { where: { batch: 0 } })).toMatchObject({ decision: 'PASS' })
    expect(await run(client, 'update_row', { where: { batch: 1 }, data: { note: 'x' } })).toMatchObject({ decision: 'PASS' })
    expect(await run(client, 'insert_row', { data: { id: 500 } })).toMatchObject({ decision: 'PASS' })
    const refused = await run(client, 'delete_row', { where: { batch: 2 } })
    expect(refused).toMatchObject({
      decision: 'BLOCK',
      policy_results: [
        { code: 'budget_exhausted', reason: expect.stringMatching(/^21 of 25 `affected` .*, and this is 10 more; there is room at /) }
      ]
    })
    expect(await run(client, 'delete_row', { where: { id: { in: [20, 21, 22, 23] } } })).toMatchObject({ decision: 'PASS' })
    expect(await run(client, 'delete_row', { where: { id: 24 } })).toMatchObject({ decision: 'BLOCK' })
    expect(await left()).toBe(100 - 10 + 1 - 4)
  })

  it('are exactly so many when many ask at once', async () => {
    const client = clientOf(40)
    const receipts = await Promise.all(Array.from({ length: 10 }, (_, batch) => run(client, 'delete_row', { where: { batch } })))
    expect(receipts.filter(({ decision }) => decision === 'PASS')).toHaveLength(4)
    expect(await left()).toBe(60)
  })

  it('inserted together count as many as are new', async () => {
    const client = clientOf(3)
    const insert = (...ids: number[]) => run(client, 'insert_rows', { rows: ids.map((id) => ({ id })), unique_on: ['id'] })
    expect((await insert(500, 501, 502, 503)).decision).toBe('BLOCK')
    expect((await insert(500, 501)).decision).toBe('PASS')
    expect((await insert(501)).actions_taken).toMatchObject([{ status: 'ALREADY' }])
    expect((await insert(502, 503)).decision).toBe('BLOCK')
    expect((await insert(502)).decision).toBe('PASS')
    expect(await left()).toBe(103)
  })

  it('that nobody can see beforehand are not deleted', async () => {
    const client = clientOf(40)
    const refused = await run(client, 'update_row', { where: { batch: 77 }, data: { note: 'x' } })
    expect(refused).toMatchObject({
      decision: 'BLOCK',
      policy_results: [{ code: 'budget_unavailable', reason: expect.stringContaining('no row of `items` matches') }]
    })
  })
})
