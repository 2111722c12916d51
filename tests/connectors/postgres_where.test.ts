// Which rows a call means, and how many it may touch.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/engine/schema.ts'
import { dump, query, refill, START_TIMEOUT_MS, startPostgres, type TestPostgres } from '../fakes/postgres.ts'
import { outputOf } from './contract.ts'
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

  describe('where', () => {
    test.each<[JsonObject, number[]]>([
      [{ id: 3 }, [3]],
      [{ id: '3' }, [3]],
      [{ id: { gte: 3, lt: 5 } }, [3, 4]],
      [{ id: { gt: 45 }, city: null }, [47]],
      [{ id: { lte: 4 }, city: { ne: null } }, [2, 4]],
      [{ id: { lte: 3 }, city: { is_null: true } }, [1, 3]],
      [{ id: { lte: 3 }, city: { is_null: false } }, [2]],
      [{ id: { in: [5, '7', 99] } }, [5, 7]],
      [{ id: { in: [] } }, []],
      [{ name: { like: 'c4_' }, city: 'Rome' }, [40, 42, 44, 46]],
      [{ name: { eq: 'c7' } }, [7]],
      [{ id: { lte: 2 }, name: { ne: 'c1' } }, [2]]
    ])('%j finds rows %j', async (where, ids) => {
      const { rows } = outputOf(await world.run('select_rows', { table: 'customers', where, limit: 10 })) as { rows: { id: string }[] }
      expect(rows.map((row) => Number(row.id))).toEqual(ids)
    })

    test('reading is limited, ordered, and says when there is more', async () => {
      const page = outputOf(
        await world.run('select_rows', {
          table: 'customers',
          columns: ['score'],
          order_by: [
            { column: 'city', direction: 'desc' },
            { column: 'score', direction: 'desc' }
          ],
          limit: 2
        })
      )
      expect(page).toEqual({ table: 'public.customers', rows: [{ score: 47 }, { score: 45 }], has_more: true })
      expect(outputOf(await world.run('select_rows', { table: 'customers' }))).toMatchObject({ has_more: true, rows: { length: 10 } })
      expect(await world.run('select_rows', { table: 'customers', limit: 11 })).toMatchObject({ kind: 'failed', code: 'too_many_rows' })
      expect(outputOf(await world.run('select_rows', { table: 'seen' }))).toMatchObject({ rows: [{ id: '1', name: 'c1' }, { id: '2' }] })
    })

    test('reading cannot write, even through a function in a view', async () => {
      await query(
        url,
        `CREATE FUNCTION grow() RETURNS int LANGUAGE sql AS $$ INSERT INTO x VALUES (1) RETURNING 1 $$; CREATE VIEW sly AS SELECT grow() AS g`
      )
      const sly = await openWorld(url, driver, { tables: ['sly'] })
      expect(await sly.run('select_rows', { table: 'sly' })).toMatchObject({ kind: 'failed', code: 'read_only' })
      await sly.close()
      expect(await dump(url, 'x')).toEqual([])
    })
  })

  describe('limits', () => {
    test('more rows than the cap change nothing', async () => {
      const before = await dump(url, 'customers')
      expect(await world.run('delete_row', { table: 'customers', where: { id: { lte: 11 } } })).toMatchObject({
        kind: 'failed',
        code: 'too_many_rows',
        effect: 'none'
      })
      expect(await world.run('update_row', { table: 'customers', where: { name: { like: '%' } }, data: { city: 'X' } })).toMatchObject({
        kind: 'failed',
        code: 'too_many_rows'
      })
      expect(await dump(url, 'customers')).toEqual(before)
      expect(await world.run('delete_row', { table: 'customers', where: { id: { lte: 10 } } })).toMatchObject({
        kind: 'done',
        output: { affected: 10 }
      })
    })

    test('images larger than a receipt can carry change nothing, before or after', async () => {
      await query(
        url,
        `UPDATE customers SET name = repeat('x', 600000) WHERE id = 1; UPDATE customers SET name = repeat('y', 300000) WHERE id = 2`
      )
      const before = await dump(url, 'customers')
      expect(await world.run('delete_row', { table: 'customers', where: { id: 1 } })).toMatchObject({
        kind: 'failed',
        code: 'image_too_large',
        effect: 'none'
      })
      expect(await world.run('update_row', { table: 'customers', where: { id: 2 }, data: { city: 'X' } })).toMatchObject({
        kind: 'failed',
        code: 'image_too_large'
      })
      expect(
        await world.run('update_row', { table: 'customers', where: { id: { in: [3, 4] } }, data: { city: 'z'.repeat(300_000) } })
      ).toMatchObject({ kind: 'failed', code: 'image_too_large' })
      expect(await world.run('insert_row', { table: 'customers', data: { name: 'z'.repeat(600_000) } })).toMatchObject({
        kind: 'failed',
        code: 'image_too_large'
      })
      expect(await world.run('select_rows', { table: 'customers', where: { id: 1 } })).toMatchObject({
        kind: 'failed',
        code: 'result_too_large'
      })
      expect(await dump(url, 'customers')).toEqual(before)
    })

    test('a table without a primary key is read, but not written', async () => {
      for (const [action, rest] of [
        ['insert_row', { data: { v: 'b' } }],
        ['update_row', { where: { v: 'a' }, data: { v: 'b' } }],
        ['delete_row', { where: { v: 'a' } }]
      ] as const) {
        expect(await world.run(action, { table: 'nokey', ...rest })).toMatchObject({
          kind: 'failed',
          code: 'no_primary_key',
          message: expect.stringContaining('add a primary key')
        })
      }
      expect(outputOf(await world.run('select_rows', { table: 'nokey' }))).toMatchObject({ rows: [{ v: 'a' }] })
      expect(await world.run('delete_row', { table: 'seen', where: { id: 1 } })).toMatchObject({ kind: 'failed', code: 'not_a_table' })
    })

    test('a key column is not changed by an update, unless it stays what it is', async () => {
      expect(await world.run('update_row', { table: 'links', where: { a: 1 }, data: { a: 3 } })).toMatchObject({
        kind: 'failed',
        code: 'primary_key_change',
        effect: 'none'
      })
      expect(await world.run('update_row', { table: 'links', where: { a: 1, b: 'y' }, data: { a: 1, b: 'y', note: 'new' } })).toMatchObject(
        { kind: 'done' }
      )
      expect(await dump(url, 'links')).toEqual(['(1,"x, a=2",n1)', '(1,y,new)', '(2,x,n3)'])
    })
  })
})
