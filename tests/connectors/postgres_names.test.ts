// Names and values are never SQL, and what is not on the allow list is not there.
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

    test.each([
      'secret',
      'public.secret',
      '"secret"',
      'Customers',
      'CUSTOMERS',
      'orders',
      'customers ',
      'pg_catalog.pg_authid',
      'pg_authid',
      'customers; SELECT 1',
      'customers, secret',
      '(SELECT 1)',
      'a.b.c',
      '"',
      '""',
      '.',
      'x.',
      '$1'
    ])('table %s is not on the allow list, whatever exists under that name', async (table) => {
      for (const [action, rest] of [
        ['select_rows', {}],
        ['insert_row', { data: { id: 9 } }],
        ['update_row', { where: { id: 1 }, data: { word: 'x' } }],
        ['delete_row', { where: { id: 1 } }]
      ] as const) {
        const result = await world.run(action, { table, ...rest })
        expect(result).toMatchObject({ kind: 'failed', effect: 'none', code: expect.stringMatching(/^(table_not_allowed|unknown_table)$/) })
        expect(JSON.stringify(result)).not.toContain('hush')
      }
      expect(await dump(url, 'secret')).toEqual(['(1,hush)'])
    })

    test.each([`id" = 1 OR true; --`, `id = id`, 'ctid', 'xmin', '*', 'ID', `name"::text`, '1'])(
      'column %s does not exist, and the answer says which do',
      async (column) => {
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
          expect(result).toMatchObject({
            kind: 'failed',
            effect: 'none',
            code: expect.stringMatching(/^(unknown_column|unique_on_missing)$/)
          })
          if (result.kind === 'failed' && result.code === 'unknown_column')
            expect(result.message).toContain('`id`, `name`, `city`, `score`')
        }
        expect(await dump(url, 'customers')).toHaveLength(47)
      }
    )

    test('values are never SQL', async () => {
      const attacks = [
        `' OR '1'='1`,
        `'; DROP TABLE customers; --`,
        `\\'; DROP TABLE customers; --`,
        '$1',
        '%',
        `1) OR (1=1`,
        `\u02bc OR 1=1`
      ]
      for (const value of attacks) {
        expect(await world.run('delete_row', { table: 'customers', where: { name: value } })).toMatchObject({ kind: 'already' })
        expect(
          await world.run('update_row', { table: 'customers', where: { name: { in: [value] } }, data: { city: value } })
        ).toMatchObject({ kind: 'failed', code: 'no_such_row' })
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

  test('errors name the code and the place, never the values of rows, never the password', async () => {
    await query(
      url,
      `ALTER TABLE customers ADD UNIQUE (name), ADD CHECK (score > 0), ADD COLUMN ssn text; UPDATE customers SET ssn = 'private-ssn'`
    )
    for (const data of [{ name: 'c7' }, { score: -1 }, { score: 'x' }] as JsonObject[]) {
      const result = await world.run('update_row', { table: 'customers', where: { id: 3 }, data })
      expect(result).toMatchObject({ kind: 'failed', effect: 'none' })
      expect(JSON.stringify(result)).not.toMatch(/private-ssn|p@ss/)
    }
    for (const [address, code] of [
      [url.replace(/test_\d+$/, 'absent'), 'no_such_database'],
      [url.replace('w0rd', 'wrong'), 'login_refused']
    ] as const) {
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
test.skipIf(!existsSync(NAUGHTY))(
  'naughty strings are stored, found, deleted and brought back as they are',
  async () => {
    const strings = (JSON.parse(readFileSync(NAUGHTY, 'utf8')) as string[]).filter((text) => !text.includes('\u0000'))
    await refill(url, `CREATE TABLE n (id int PRIMARY KEY, v text, doc jsonb)`)
    const world = await openWorld(url, 'pg', { tables: ['n'], max_rows: 1000 })
    const rows = strings.map((text, id) => ({ id, v: text, doc: { [text || 'empty']: text } }))
    for (const row of rows)
      expect(await world.run('insert_row', { table: 'n', data: row })).toMatchObject({ kind: 'done', output: { row } })
    const found = outputOf(await world.run('select_rows', { table: 'n', where: { v: { in: strings } }, limit: rows.length })) as {
      rows: unknown[]
    }
    expect(found.rows).toEqual(rows)
    const before = await dump(url, 'n')
    const { inverse } = await world.make('delete_row', { table: 'n', where: { id: { lt: 400 } } })
    expect(await world.undo(inverse)).toMatchObject({ kind: 'done' })
    expect(await dump(url, 'n')).toEqual(before)
    await world.close()
  },
  60_000
)

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
