// An undo brings rows back exactly, and does not act in a world that has moved on.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Inverse, JsonObject } from '../../src/engine/schema.ts'
import { dump, query, refill, START_TIMEOUT_MS, startPostgres, type TestPostgres } from '../fakes/postgres.ts'
import { newCall } from './contract.ts'
import { DRIVERS, openWorld, SEED, TABLES, type World } from './postgres_world.ts'

let server: TestPostgres
let url: string
beforeAll(async () => {
  server = await startPostgres()
  url = await server.database()
}, START_TIMEOUT_MS)
afterAll(() => server.close())

describe.each(DRIVERS)('through %s', (driver) => {
  let world: World
  beforeEach(async () => {
    await refill(url, SEED)
    world = await openWorld(url, driver, { tables: TABLES, max_rows: 10 })
    return () => world.close()
  })

  describe('undo', () => {
    const moves: readonly (readonly [string, string, JsonObject, string])[] = [
      [
        'a deleted row whose key was taken',
        'delete_row',
        { where: { id: 5 } },
        `INSERT INTO customers (id, name) OVERRIDING SYSTEM VALUE VALUES (5, 'new')`
      ],
      [
        'a changed row that was changed again',
        'update_row',
        { where: { id: { in: [5, 6] } }, data: { name: 'b' } },
        `UPDATE customers SET name = 'c' WHERE id = 6`
      ],
      [
        'a changed row of which another column was changed',
        'update_row',
        { where: { id: { in: [5, 6] } }, data: { name: 'b' } },
        `UPDATE customers SET score = -1 WHERE id = 5`
      ],
      [
        'a changed row that is gone',
        'update_row',
        { where: { id: { in: [5, 6] } }, data: { name: 'b' } },
        `DELETE FROM customers WHERE id = 6`
      ],
      ['an inserted row that was changed', 'insert_row', { data: { name: 'b' } }, `UPDATE customers SET score = 1 WHERE name = 'b'`],
      ['a table that got a column', 'delete_row', { where: { id: 5 } }, `ALTER TABLE customers ADD COLUMN added int`],
      ['a table that lost a column', 'delete_row', { where: { id: 5 } }, `ALTER TABLE customers DROP COLUMN score CASCADE`],
      [
        'a changed row in a table that got a column',
        'update_row',
        { where: { id: 5 }, data: { name: 'b' } },
        `ALTER TABLE customers ADD COLUMN added int DEFAULT 7`
      ]
    ]
    test.each(moves)('%s is a conflict, and nothing is changed', async (_, action, rest, sql) => {
      const { inverse } = await world.make(action, { table: 'customers', ...rest })
      await query(url, sql)
      const moved = await dump(url, 'customers')
      expect(await world.undo(inverse)).toMatchObject({ kind: 'conflict' })
      expect(await dump(url, 'customers')).toEqual(moved)
    })

    test('a unique value or a parent that is missing now is a conflict, all rows or none', async () => {
      await query(
        url,
        `ALTER TABLE customers ADD UNIQUE (name); CREATE TABLE kids (id int PRIMARY KEY, of bigint REFERENCES customers); INSERT INTO kids VALUES (1, 47)`
      )
      const wide = await openWorld(url, driver, { tables: ['*'] })
      const deleted = await wide.make('delete_row', { table: 'customers', where: { id: { lte: 3 } } })
      const updated = await wide.make('update_row', { table: 'customers', where: { id: { in: [4, 5] } }, data: { city: 'Oslo' } })
      const kid = await wide.make('delete_row', { table: 'kids', where: { id: 1 } })
      await query(url, `INSERT INTO customers (name) VALUES ('c2'); DELETE FROM customers WHERE id = 47`)
      const moved = [await dump(url, 'customers'), await dump(url, 'kids')]
      expect(await wide.undo(deleted.inverse)).toMatchObject({ kind: 'conflict' })
      expect(await wide.undo(kid.inverse)).toMatchObject({ kind: 'conflict' })
      expect([await dump(url, 'customers'), await dump(url, 'kids')]).toEqual(moved)
      expect(await wide.undo(updated.inverse)).toMatchObject({ kind: 'done' })
      await wide.close()
    })

    test('an inserted row that others refer to now is a conflict, also where they would be deleted along', async () => {
      await query(
        url,
        `CREATE TABLE kids (id int PRIMARY KEY, of bigint REFERENCES customers ON DELETE CASCADE); CREATE TABLE pets (id int PRIMARY KEY, of bigint REFERENCES customers)`
      )
      for (const child of ['kids', 'pets']) {
        const { inverse, output } = await world.make('insert_row', { table: 'customers', data: { name: child } })
        await query(url, `INSERT INTO ${child} VALUES (1, ${(output as { row: { id: string } }).row.id})`)
        expect(await world.undo(inverse)).toMatchObject({ kind: 'conflict' })
        expect(await dump(url, child)).toHaveLength(1)
      }
    })

    test('composite keys, even those whose text looks alike, come back row by row', async () => {
      await query(url, `INSERT INTO links VALUES (2, 'x, a=2', NULL), (1, 'x', '')`)
      const before = await dump(url, 'links')
      const updated = await world.make('update_row', { table: 'links', where: { a: { gte: 0 } }, data: { note: 'same' } })
      expect(await world.undo(updated.inverse)).toMatchObject({ kind: 'done', output: { affected: 5 } })
      expect(await dump(url, 'links')).toEqual(before)
      const deleted = await world.make('delete_row', { table: 'links', where: { a: { gte: 0 } } })
      expect(await world.undo(deleted.inverse)).toMatchObject({ kind: 'done', output: { affected: 5 } })
      expect(await dump(url, 'links')).toEqual(before)
    })

    test('what half the world has undone already is completed', async () => {
      const before = await dump(url, 'customers')
      const deleted = await world.make('delete_row', { table: 'customers', where: { id: { lte: 3 } } })
      await query(url, `INSERT INTO customers OVERRIDING SYSTEM VALUE VALUES (2, 'c2', 'Rome', 2)`)
      expect(await world.undo(deleted.inverse)).toMatchObject({ kind: 'done' })
      expect(await dump(url, 'customers')).toEqual(before)
      const updated = await world.make('update_row', { table: 'customers', where: { id: { lte: 3 } }, data: { name: 'n' } })
      await query(url, `UPDATE customers SET name = 'c2' WHERE id = 2`)
      expect(await world.undo(updated.inverse)).toMatchObject({ kind: 'done' })
      expect(await dump(url, 'customers')).toEqual(before)
    })

    test('generated and identity columns come back with their own values', async () => {
      await query(
        url,
        `CREATE TABLE g (id int GENERATED ALWAYS AS IDENTITY (START 40) PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED, lazy int GENERATED ALWAYS AS (n * 3) VIRTUAL, by_default int GENERATED BY DEFAULT AS IDENTITY); INSERT INTO g (n) VALUES (1), (2)`
      )
      const wide = await openWorld(url, driver, { tables: ['g'] })
      const before = await dump(url, 'g')
      for (const [action, rest] of [
        ['delete_row', {}],
        ['update_row', { data: { n: 9 } }]
      ] as const) {
        const { inverse } = await wide.make(action, { table: 'g', where: { id: { gte: 40 } }, ...rest })
        expect(await wide.undo(inverse)).toMatchObject({ kind: 'done' })
        expect(await dump(url, 'g')).toEqual(before)
      }
      expect(await wide.run('insert_row', { table: 'g', data: { n: 1, twice: 5 } })).toMatchObject({
        kind: 'failed',
        code: 'generated_column',
        effect: 'none'
      })
      expect(await wide.run('insert_row', { table: 'g', data: { id: 1, n: 1 } })).toMatchObject({
        kind: 'failed',
        code: 'generated_column'
      })
      await wide.close()
    })

    test('an undo without its expectation, or with that of other rows, does nothing', async () => {
      const { inverse } = await world.make('update_row', { table: 'customers', where: { id: 5 }, data: { name: 'b' } })
      const moved = await dump(url, 'customers')
      for (const expect_ of [null, {}, { rows: [] }, { rows: [{ id: '5' }] }] as const) {
        expect(await world.run(inverse.action, inverse.input, newCall({ expect: expect_ as JsonObject | null }))).toMatchObject({
          kind: expect.stringMatching(/^(failed|conflict)$/)
        })
      }
      expect(await dump(url, 'customers')).toEqual(moved)
    })

    test('a forged undo is bound by the allow list and the names of the catalogue too', async () => {
      const forged: Inverse = { action: 'restore_rows', input: { table: 'secret', rows: [{ id: '2', word: 'x' }] }, expect: {} }
      expect(await world.undo(forged)).toMatchObject({ kind: 'failed', code: 'table_not_allowed' })
      expect(
        await world.undo({ ...forged, input: { table: 'customers', rows: [{ id: '90', [`name") VALUES ('x'); --`]: 'x' }] } })
      ).toMatchObject({ kind: 'conflict' })
      expect(await dump(url, 'customers')).toHaveLength(47)
    })
  })
})
