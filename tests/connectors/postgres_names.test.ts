// Which rows a call may touch, and what somebody who wants around it tries.
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postgres } from '../../src/connectors/postgres/index.ts'
import type { JsonObject } from '../../src/engine/schema.ts'
import { dump, query, refill, START_TIMEOUT_MS, startPostgres, type TestPostgres } from '../fakes/postgres.ts'
import { outputOf } from './contract.ts'
import { DRIVERS, EVIL, openWorld, q, SEED, TABLES, type World } from './postgres_world.ts'

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

  describe('names', () => {
    test.each([
      [EVIL, { id: 1 }, { [`a"; drop table x; --`]: 'two' }, q(EVIL)],
      ['Mixed Case', { Id: 1 }, { 'Sel"ect': 'b' }, '"Mixed Case"'],
      ['"Mixed Case"', { Id: 1 }, { 'Sel"ect': 'b' }, '"Mixed Case"'],
      ['"odd.name"', { id: 1 }, { v: 'b' }, '"odd.name"'],
      ['public."odd.name"', { id: 1 }, { v: 'b' }, '"odd.name"'],
      ['sales.orders', { id: 1 }, { item: 'ink' }, 'sales.orders'],
      ['public.customers', { id: 1 }, { name: 'z' }, 'customers']
    ] as const)('%s is a table like any other: changed, deleted, and both undone', async (table, where, data, sql) => {
      const before = await dump(url, sql)
      const updated = await world.make('update_row', { table, where, data })
      expect(await dump(url, sql)).not.toEqual(before)
      expect(await world.undo(updated.inverse)).toMatchObject({ kind: 'done' })
      const deleted = await world.make('delete_row', { table, where })
      expect(await world.undo(deleted.inverse)).toMatchObject({ kind: 'done' })
      expect(await dump(url, sql)).toEqual(before)
      expect(await dump(url, 'x')).toEqual([])
    })

    test.each(['secret', 'public.secret', '"secret"', 'Customers', 'CUSTOMERS', 'orders', 'customers ', 'pg_catalog.pg_authid', 'pg_authid', 'customers; SELECT 1', 'customers, secret', '(SELECT 1)', 'a.b.c', '"', '""', '.', 'x.', '$1'])(
      'table %s is not on the allow list, whatever exists under that name',
      async (table) => {
        for (const [action, rest] of [['select_rows', {}], ['insert_row', { data: { id: 9 } }], ['update_row', { where: { id: 1 }, data: { word: 'x' } }], ['delete_row', { where: { id: 1 } }]] as const) {
          const result = await world.run(action, { table, ...rest })
          expect(result).toMatchObject({ kind: 'failed', effect: 'none', code: expect.stringMatching(/^(table_not_allowed|unknown_table)$/) })
          expect(JSON.stringify(result)).not.toContain('hush')
        }
        expect(await dump(url, 'secret')).toEqual(['(1,hush)'])
      }
    )

    test.each([`id" = 1 OR true; --`, `id = id`, 'ctid', 'xmin', '*', 'ID', `name"::text`, '1'])('column %s does not exist, and the answer says which do', async (column) => {
      for (const [action, rest] of [
        ['select_rows', { columns: [column] }],
        ['select_rows', { where: { [column]: 1 } }],
        ['select_rows', { order_by: [{ column }] }],
        ['insert_row', { data: { [column]: 1 } }],
        ['insert_row', { data: { name: 'a' }, unique_on: [column] }],
        ['update_row', { where: { id: 1 }, data: { [column]: 1 } }],
        ['update_row', { where: { [column]: 1 }, data: { name: 'a' } }],
        ['delete_row', { where: { [column]: { gte: 0 } } }]
      ] as const) {
        const result = await world.run(action, { table: 'customers', ...rest })
        expect(result).toMatchObject({ kind: 'failed', effect: 'none', code: expect.stringMatching(/^(unknown_column|unique_on_missing)$/) })
        if (result.kind === 'failed' && result.code === 'unknown_column') expect(result.message).toContain('`id`, `name`, `city`, `score`')
      }
      expect(await dump(url, 'customers')).toHaveLength(47)
    })

    test('values are never SQL', async () => {
      const attacks = [`' OR '1'='1`, `'; DROP TABLE customers; --`, `\\'; DROP TABLE customers; --`, '$1', '%', `1) OR (1=1`, `\u02bc OR 1=1`]
      for (const value of attacks) {
        expect(await world.run('delete_row', { table: 'customers', where: { name: value } })).toMatchObject({ kind: 'already' })
        expect(await world.run('update_row', { table: 'customers', where: { name: { in: [value] } }, data: { city: value } })).toMatchObject({ kind: 'failed', code: 'no_such_row' })
        const { inverse, output } = await world.make('insert_row', { table: 'customers', data: { name: value } })
        expect(output).toMatchObject({ after: [{ name: value }] })
        expect(await world.undo(inverse)).toMatchObject({ kind: 'done' })
      }
      expect(await dump(url, 'customers')).toHaveLength(47)
    })

    test('`*` allows the current schema and nothing else', async () => {
      const all = await openWorld(url, driver, { tables: ['*'] })
      expect(await all.run('select_rows', { table: 'secret' })).toMatchObject({ kind: 'done' })
      for (const table of ['sales.orders', 'pg_authid', 'pg_catalog.pg_class', 'information_schema.tables']) {
        expect(await all.run('select_rows', { table })).toMatchObject({ kind: 'failed', code: 'table_not_allowed' })
      }
      await all.close()
    })
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
      const page = outputOf(await world.run('select_rows', { table: 'customers', columns: ['score'], order_by: [{ column: 'city', direction: 'desc' }, { column: 'score', direction: 'desc' }], limit: 2 }))
      expect(page).toEqual({ table: 'public.customers', rows: [{ score: 47 }, { score: 45 }], has_more: true })
      expect(outputOf(await world.run('select_rows', { table: 'customers' }))).toMatchObject({ has_more: true, rows: { length: 10 } })
      expect(await world.run('select_rows', { table: 'customers', limit: 11 })).toMatchObject({ kind: 'failed', code: 'too_many_rows' })
      expect(outputOf(await world.run('select_rows', { table: 'seen' }))).toMatchObject({ rows: [{ id: '1', name: 'c1' }, { id: '2' }] })
    })

    test('reading cannot write, even through a function in a view', async () => {
      await query(url, `CREATE FUNCTION grow() RETURNS int LANGUAGE sql AS $$ INSERT INTO x VALUES (1) RETURNING 1 $$; CREATE VIEW sly AS SELECT grow() AS g`)
      const sly = await openWorld(url, driver, { tables: ['sly'] })
      expect(await sly.run('select_rows', { table: 'sly' })).toMatchObject({ kind: 'failed', code: 'read_only' })
      await sly.close()
      expect(await dump(url, 'x')).toEqual([])
    })
  })

  describe('limits', () => {
    test('more rows than the cap change nothing', async () => {
      const before = await dump(url, 'customers')
      expect(await world.run('delete_row', { table: 'customers', where: { id: { lte: 11 } } })).toMatchObject({ kind: 'failed', code: 'too_many_rows', effect: 'none' })
      expect(await world.run('update_row', { table: 'customers', where: { name: { like: '%' } }, data: { city: 'X' } })).toMatchObject({ kind: 'failed', code: 'too_many_rows' })
      expect(await dump(url, 'customers')).toEqual(before)
      expect(await world.run('delete_row', { table: 'customers', where: { id: { lte: 10 } } })).toMatchObject({ kind: 'done', output: { affected: 10 } })
    })

    test('images larger than a receipt can carry change nothing, before or after', async () => {
      await query(url, `UPDATE customers SET name = repeat('x', 600000) WHERE id = 1; UPDATE customers SET name = repeat('y', 300000) WHERE id = 2`)
      const before = await dump(url, 'customers')
      expect(await world.run('delete_row', { table: 'customers', where: { id: 1 } })).toMatchObject({ kind: 'failed', code: 'image_too_large', effect: 'none' })
      expect(await world.run('update_row', { table: 'customers', where: { id: 2 }, data: { city: 'X' } })).toMatchObject({ kind: 'failed', code: 'image_too_large' })
      expect(await world.run('update_row', { table: 'customers', where: { id: { in: [3, 4] } }, data: { city: 'z'.repeat(300_000) } })).toMatchObject({ kind: 'failed', code: 'image_too_large' })
      expect(await world.run('insert_row', { table: 'customers', data: { name: 'z'.repeat(600_000) } })).toMatchObject({ kind: 'failed', code: 'image_too_large' })
      expect(await world.run('select_rows', { table: 'customers', where: { id: 1 } })).toMatchObject({ kind: 'failed', code: 'result_too_large' })
      expect(await dump(url, 'customers')).toEqual(before)
    })

    test('a table without a primary key is read, but not written', async () => {
      for (const [action, rest] of [['insert_row', { data: { v: 'b' } }], ['update_row', { where: { v: 'a' }, data: { v: 'b' } }], ['delete_row', { where: { v: 'a' } }]] as const) {
        expect(await world.run(action, { table: 'nokey', ...rest })).toMatchObject({ kind: 'failed', code: 'no_primary_key', message: expect.stringContaining('add a primary key') })
      }
      expect(outputOf(await world.run('select_rows', { table: 'nokey' }))).toMatchObject({ rows: [{ v: 'a' }] })
      expect(await world.run('delete_row', { table: 'seen', where: { id: 1 } })).toMatchObject({ kind: 'failed', code: 'not_a_table' })
    })

    test('a key column is not changed by an update, unless it stays what it is', async () => {
      expect(await world.run('update_row', { table: 'links', where: { a: 1 }, data: { a: 3 } })).toMatchObject({ kind: 'failed', code: 'primary_key_change', effect: 'none' })
      expect(await world.run('update_row', { table: 'links', where: { a: 1, b: 'y' }, data: { a: 1, b: 'y', note: 'new' } })).toMatchObject({ kind: 'done' })
      expect(await dump(url, 'links')).toEqual(['(1,"x, a=2",n1)', '(1,y,new)', '(2,x,n3)'])
    })
  })

  test('errors name the code and the place, never the values of rows, never the password', async () => {
    await query(url, `ALTER TABLE customers ADD UNIQUE (name), ADD CHECK (score > 0), ADD COLUMN ssn text; UPDATE customers SET ssn = 'private-ssn'`)
    for (const data of [{ name: 'c7' }, { score: -1 }, { score: 'x' }] as JsonObject[]) {
      const result = await world.run('update_row', { table: 'customers', where: { id: 3 }, data })
      expect(result).toMatchObject({ kind: 'failed', effect: 'none' })
      expect(JSON.stringify(result)).not.toMatch(/private-ssn|p@ss/)
    }
    for (const [address, code] of [[url.replace(/test_\d+$/, 'absent'), 'no_such_database'], [url.replace('w0rd', 'wrong'), 'login_refused']] as const) {
      const wrong = await openWorld(address, driver, { tables: ['*'] })
      const result = await wrong.run('delete_row', { table: 'x', where: { id: 1 } })
      expect(result).toMatchObject({ kind: 'failed', code, effect: 'none' })
      expect(JSON.stringify(result)).not.toMatch(/w0rd|wrong/)
      await wrong.close()
    }
  })
})

const NAUGHTY = new URL('../../../shared/corpora/naughty_strings/blns.json', import.meta.url)
if (!existsSync(NAUGHTY)) console.log('skipped: no corpora')
test.skipIf(!existsSync(NAUGHTY))('naughty strings are stored, found, deleted and brought back as they are', async () => {
  const strings = (JSON.parse(readFileSync(NAUGHTY, 'utf8')) as string[]).filter((text) => !text.includes('\u0000'))
  await refill(url, `CREATE TABLE n (id int PRIMARY KEY, v text, doc jsonb)`)
  const world = await openWorld(url, 'pg', { tables: ['n'], max_rows: 1000 })
  const rows = strings.map((text, id) => ({ id, v: text, doc: { [text || 'empty']: text } }))
  for (const row of rows) expect(await world.run('insert_row', { table: 'n', data: row })).toMatchObject({ kind: 'done', output: { row } })
  const found = outputOf(await world.run('select_rows', { table: 'n', where: { v: { in: strings } }, limit: rows.length })) as { rows: unknown[] }
  expect(found.rows).toEqual(rows)
  const before = await dump(url, 'n')
  const { inverse } = await world.make('delete_row', { table: 'n', where: { id: { lt: 400 } } })
  expect(await world.undo(inverse)).toMatchObject({ kind: 'done' })
  expect(await dump(url, 'n')).toEqual(before)
  await world.close()
}, 60_000)

test.each([
  [{ tables: ['a.b.c'] }, '`tables.0`'],
  [{ tables: ['*', 'customers'] }, 'stands alone'],
  [{ tables: ['x'], max_rows: 0 }, '`max_rows`'],
  [{ tables: ['x'], neon_local_url: 'ftp://h' }, '`neon_local_url`'],
  [{}, '`tables`'],
  [{ tables: ['x'], table: [] }, '']
])('options %j refuse to start', (options, said) => {
  expect(() => postgres({ database_url: 'postgres://u:secret@h/d', ...options } as never)).toThrow(said)
})
