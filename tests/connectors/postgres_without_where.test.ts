// A change that names no rows: policies see it, and the connector refuses it whatever they say.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dump, startPostgres, type TestPostgres } from '../fakes/postgres.ts'
import { openWorld } from './postgres_world.ts'

const SEED = `CREATE TABLE customers (id int PRIMARY KEY, name text); INSERT INTO customers SELECT n, 'customer ' || n FROM generate_series(1, 47) n`

let server: TestPostgres
beforeAll(async () => void (server = await startPostgres()))
afterAll(() => server.close())

describe.each([
  ['delete_row', { table: 'customers', where: {} }],
  ['delete_row', { table: 'customers' }],
  ['update_row', { table: 'customers', where: {}, data: { name: 'x' } }],
  ['update_row', { table: 'customers', data: { name: 'x' } }]
])('%s %j', (action, input) => {
  test('is input that can be judged, but never acts', async () => {
    const url = await server.database(SEED)
    const world = await openWorld(url, 'pg', { tables: ['customers'] })
    try {
      const before = await dump(url, 'customers')
      const parsed = world.system.actions[action]!.input.parse(input)
      expect(parsed).toMatchObject({ where: {} })
      expect(await world.run(action, parsed as never)).toMatchObject({ kind: 'failed', code: 'no_where', effect: 'none' })
      expect(await dump(url, 'customers')).toEqual(before)
    } finally {
      await world.close()
    }
  })
})
