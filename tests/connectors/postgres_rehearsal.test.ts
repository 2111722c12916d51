// The dry run of a Postgres undo says what the undo would answer, and changes nothing.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Inverse, JsonObject } from '../../src/engine/schema.ts'
import { dump, query, startPostgres, type TestPostgres } from '../fakes/postgres.ts'
import { newCall } from './contract.ts'
import { DRIVERS, openWorld, type World } from './postgres_world.ts'

const SEED = `
  CREATE TABLE customers (id int PRIMARY KEY, email text UNIQUE, name text);
  INSERT INTO customers VALUES (1, 'ann@example.com', 'Ann'), (2, 'bob@example.com', 'Bob'), (3, 'cy@example.com', NULL);`

interface Case {
  readonly action: string
  readonly input: JsonObject
  /** Somebody else's newer work, which the undo must not overwrite. */
  readonly move: string
}

const CASES: readonly Case[] = [
  {
    action: 'delete_row',
    input: { table: 'customers', where: { id: { in: [1, 2] } } },
    move: `INSERT INTO customers VALUES (9, 'bob@example.com', 'Other')`
  },
  {
    action: 'update_row',
    input: { table: 'customers', where: { id: 1 }, data: { name: 'Anna' } },
    move: `UPDATE customers SET name = 'Annie' WHERE id = 1`
  },
  {
    action: 'insert_row',
    input: { table: 'customers', data: { id: 4, email: 'di@example.com' } },
    move: `UPDATE customers SET name = 'Di' WHERE id = 4`
  }
]

let server: TestPostgres
beforeAll(async () => void (server = await startPostgres()))
afterAll(() => server.close())

describe.each(DRIVERS)('through %s', (driver) => {
  test.each(CASES)('the rehearsal of an undone $action is the undo, without its effect', async ({ action, input, move }) => {
    const url = await server.database(SEED)
    const world = await openWorld(url, driver, { tables: ['customers'] })
    try {
      const { inverse } = await world.make(action, input)
      await holds(world, url, inverse, 'done')
      await query(url, move)
      await holds(world, url, inverse, 'conflict')
    } finally {
      await world.close()
    }
  })

  test('what is undone already is rehearsed as already', async () => {
    const url = await server.database(SEED)
    const world = await openWorld(url, driver, { tables: ['customers'] })
    try {
      const { inverse } = await world.make('delete_row', CASES[0]!.input)
      await world.undo(inverse)
      await holds(world, url, inverse, 'already')
    } finally {
      await world.close()
    }
  })
})

async function holds(world: World, url: string, inverse: Inverse, kind: string): Promise<void> {
  const before = await dump(url, 'customers')
  const action = world.system.actions[inverse.action]!
  const { client } = await world.system.connect()
  const rehearsal = action.mutates
    ? await action.preview?.(client, action.input.parse(inverse.input) as never, newCall({ expect: inverse.expect }))
    : undefined
  expect(rehearsal).toMatchObject({ kind })
  expect(await dump(url, 'customers')).toEqual(before)
  // The real one answers the same: but for `done`, which would end the case, it is asked.
  if (kind !== 'done') expect(await world.undo(inverse)).toMatchObject({ kind })
}
