// What an approver sees of a change of rows before it is made: exactly these rows, read without changing or locking anything.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ActionResult } from '../../src/engine/connector.ts'
import type { JsonObject } from '../../src/engine/schema.ts'
import { dump, query, startPostgres, type TestPostgres } from '../fakes/postgres.ts'
import { newCall } from './contract.ts'
import { DRIVERS, openWorld, type World } from './postgres_world.ts'

const SEED = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, score int, touched timestamptz);
  INSERT INTO customers SELECT i, 'c' || i, i, NULL FROM generate_series(1, 12) AS i;
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.touched = clock_timestamp(); RETURN NEW; END $$;
  CREATE TRIGGER touch BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE TABLE secret (id int PRIMARY KEY);`

let server: TestPostgres
beforeAll(async () => void (server = await startPostgres()))
afterAll(() => server.close())

async function preview(world: World, name: string, input: JsonObject): Promise<ActionResult<JsonObject>> {
  const action = world.system.actions[name]!
  const { client } = await world.system.connect()
  if (!action.mutates || action.preview === undefined) throw new Error(`${name} has no preview`)
  return action.preview(client, action.input.parse(input) as never, newCall())
}

describe.each(DRIVERS)('through %s', (driver) => {
  test('a deletion and an update are seen beforehand, twice the same, and nothing changes', async () => {
    const url = await server.database(SEED)
    const world = await openWorld(url, driver, { tables: ['customers'], max_rows: 10 })
    try {
      const untouched = await dump(url, 'customers')
      const where = { id: { in: [2, 3] } }
      const rows = [2, 3].map((i) => ({ id: String(i), name: `c${i}`, score: String(i), touched: null }))
      const deletion = await preview(world, 'delete_row', { table: 'customers', where })
      expect(deletion).toEqual({ kind: 'done', output: { table: 'public.customers', key: ['id'], affected: 2, before: rows, after: [] } })
      const change = { table: 'customers', where, data: { score: 99, name: null } }
      const update = await preview(world, 'update_row', change)
      expect(update).toMatchObject({
        output: { affected: 2, before: rows, after: rows.map((row) => ({ ...row, score: '99', name: null })) }
      })
      expect(await preview(world, 'update_row', change)).toEqual(update)
      expect(await dump(url, 'customers')).toEqual(untouched)
      // The row that moved meanwhile is another preview, and so another digest.
      await query(url, `UPDATE customers SET name = 'newer' WHERE id = 3`)
      expect(await preview(world, 'delete_row', { table: 'customers', where })).not.toEqual(deletion)
    } finally {
      await world.close()
    }
  })

  test('what the change itself would refuse, the look beforehand refuses in the same words', async () => {
    const url = await server.database(SEED)
    const world = await openWorld(url, driver, { tables: ['customers'], max_rows: 10 })
    try {
      const cases: [string, JsonObject][] = [
        ['delete_row', { table: 'customers', where: { score: { gt: 0 } } }],
        ['delete_row', { table: 'secret', where: { id: 1 } }],
        ['update_row', { table: 'customers', where: { id: 77 }, data: { name: 'x' } }],
        ['update_row', { table: 'customers', where: { id: 1 }, data: { nonsense: 'x' } }]
      ]
      for (const [name, input] of cases) expect(await preview(world, name, input)).toEqual(await world.run(name, input))
      expect(await preview(world, 'delete_row', { table: 'customers', where: { id: 77 } })).toMatchObject({ kind: 'already' })
    } finally {
      await world.close()
    }
  })
})
