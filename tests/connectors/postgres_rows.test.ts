// Many rows at once: whole or not at all, once among many writers, checked and counted without a trace.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ActionResult } from '../../src/engine/connector.ts'
import type { JsonObject } from '../../src/engine/schema.ts'
import { startCutter } from '../fakes/cutter.ts'
import { dump, hold, query, refill, START_TIMEOUT_MS, startPostgres, type TestPostgres } from '../fakes/postgres.ts'
import { newCall, outputOf, recoverAction } from './contract.ts'
import { DRIVERS, EVIL, openWorld, SEED, TABLES, type World } from './postgres_world.ts'

let server: TestPostgres
let url: string
beforeAll(async () => {
  server = await startPostgres()
  url = await server.database()
}, START_TIMEOUT_MS)
afterAll(() => server.close())

const people = (count: number, more: JsonObject = {}): JsonObject[] =>
  Array.from({ length: count }, (_, i) => ({ name: `n${i + 1}`, score: i + 1, ...more }))
const failure = (result: ActionResult) => (result.kind === 'failed' ? [result.code, result.effect, result.message] : [result.kind])

describe.each(DRIVERS)('through %s', (driver) => {
  let world: World
  beforeEach(async () => {
    await refill(url, SEED)
    world = await openWorld(url, driver, { tables: TABLES, max_rows: 30, lock_timeout_ms: 5_000 })
    return () => world.close()
  })

  describe('insert_rows', () => {
    test('takes as many rows as one call may, and no more', async () => {
      expect(failure(await world.run('insert_rows', { table: 'customers', rows: people(31) }))).toEqual([
        'too_many_rows',
        'none',
        expect.stringContaining('31 rows')
      ])
      expect(outputOf(await world.run('insert_rows', { table: 'customers', rows: people(30) }))).toMatchObject({ affected: 30, already: 0 })
      expect(await dump(url, 'customers')).toHaveLength(77)
    })

    test('numbers rows in the order in which they were given', async () => {
      const { after } = outputOf(await world.run('insert_rows', { table: 'customers', rows: people(12) })) as { after: { name: string }[] }
      expect(after.map(({ name }) => name)).toEqual(people(12).map(({ name }) => name))
    })

    test.each([
      ['a column that is not there', { nme: 'x' }, 'unknown_column', 'row 2: '],
      ['a number that only the database gives', { id: 9, name: 'x' }, 'generated_column', ''],
      ['a value of another type', { name: 'x', score: 'many' }, 'bad_value', 'row 2: invalid input syntax for type integer'],
      ['an object', { name: { a: 1 } }, 'bad_value', 'row 2: '],
      ['a NUL', { name: 'a\0' }, 'bad_value', 'row 2: ']
    ])('%s keeps all rows out, and the row is named', async (_, bad, code, says) => {
      const before = await dump(url, 'customers')
      const result = await world.run('insert_rows', { table: 'customers', rows: [...people(1), bad as JsonObject, ...people(3)] })
      expect(failure(result)).toEqual([code, 'none', expect.stringMatching(new RegExp(`^${says}`))])
      expect(JSON.stringify(result)).not.toContain('many')
      expect(await dump(url, 'customers')).toEqual(before)
    })

    test('counts rows from where it is told to, however they are found to be wrong', async () => {
      await query(url, 'ALTER TABLE customers ADD CHECK (score <> 13) NOT VALID')
      const rows = people(20)
      expect(failure(await world.run('insert_rows', { table: 'customers', rows, first_row: 501 }))[2]).toMatch(
        /^row 513: .*check constraint/
      )
      expect(failure(await world.run('insert_rows', { table: 'customers', rows: [{ score: 13 }], first_row: 7 }))[2]).toMatch(/^row 7: /)
    })

    test.each([
      ['views', 'seen', 'not_a_table'],
      ['tables without a primary key', 'nokey', 'no_primary_key'],
      ['tables that are not allowed', 'secret', 'table_not_allowed'],
      ['names with SQL', 'customers; drop table x', 'table_not_allowed'],
      ["Enact's own table", 'enact_fencing', 'table_not_allowed']
    ])('refuses %s', async (_, table, code) => {
      for (const action of ['insert_rows', 'check_rows'])
        expect(failure(await world.run(action, { table, rows: [{ id: 1 }] }))[0], action).toBe(code)
    })

    test('odd names and composite keys come in and go out again', async () => {
      for (const [table, rows] of [
        [EVIL, [{ id: 2 }, { id: 3, [`a"; drop table x; --`]: `'); drop table x; --` }]],
        ['Mixed Case', [{ Id: 2, 'Sel"ect': 'x' }]],
        ['"odd.name"', [{ id: 2 }, { id: 3 }]],
        [
          'links',
          [
            { a: 3, b: 'x, a=2' },
            { a: 3, b: 'y', note: '\\' }
          ]
        ]
      ] as [string, JsonObject[]][]) {
        const name = table.startsWith('"') ? table : `"${table.replaceAll('"', '""')}"`
        const before = await dump(url, name)
        const { inverse } = await world.make('insert_rows', { table, rows })
        expect(await dump(url, name)).toHaveLength(before.length + rows.length)
        expect((await world.undo(inverse)).kind).toBe('done')
        expect(await dump(url, name)).toEqual(before)
      }
    })

    test('rows that claim the same place are refused, by the equality of their type', async () => {
      await query(url, 'CREATE TABLE IF NOT EXISTS sales.prices (price numeric PRIMARY KEY, label text)')
      const own = await openWorld(url, driver, { tables: ['sales.prices'] })
      try {
        const insert = (rows: JsonObject[]) => own.run('insert_rows', { table: 'sales.prices', rows })
        expect(failure(await insert([{ price: '1.0' }, { price: 2 }, { price: '1.00', label: 'x' }]))).toEqual([
          'duplicate',
          'none',
          'rows 1 and 3 have the same `price`'
        ])
        outputOf(await insert([{ price: '1.0', label: 'a' }]))
        expect(failure(await insert([{ price: 3 }, { price: '1.00', label: 'b' }]))[2]).toContain('row 2: `prices` has another row')
        expect(outputOf(await insert([{ price: '3' }, { price: '1.0', label: 'a' }]))).toMatchObject({ affected: 1, already: 1 })
      } finally {
        await query(url, 'DROP TABLE sales.prices')
        await own.close()
      }
    })

    test('a value in `unique_on` that is missing or null is refused, with its row', async () => {
      const input = { table: 'customers', unique_on: ['name'] }
      for (const bad of [{ score: 1 }, { name: null }] as JsonObject[])
        expect(failure(await world.run('insert_rows', { ...input, rows: [{ name: 'x' }, bad] }))).toEqual([
          'unique_on_missing',
          'none',
          expect.stringContaining('row 2')
        ])
    })

    test.each([
      ['with a unique index', 'CREATE UNIQUE INDEX ON customers (name)'],
      ['without one', '']
    ])('of many writers at once, each row comes in once: %s', async (_, index) => {
      await query(url, `DELETE FROM customers; ${index}`)
      const worlds = await Promise.all(
        Array.from({ length: 5 }, () => openWorld(url, driver, { tables: ['customers'], lock_timeout_ms: 15_000 }))
      )
      // Single rows and overlapping lots, all at the same time.
      const lots = Array.from({ length: 10 }, (_, i) => people(20).slice(i, i + 8))
      const results = await Promise.all([
        ...lots.map((rows, i) => worlds[i % 5]!.run('insert_rows', { table: 'customers', rows, unique_on: ['name'] })),
        ...people(20).map((data, i) => worlds[i % 5]!.run('insert_row', { table: 'customers', data, unique_on: ['name'] }))
      ])
      expect((await query(url, 'SELECT count(*), count(DISTINCT name) FROM customers'))[0]).toEqual(['20', '20'])
      // Two lots may stand in each other's way; what is refused had no effect.
      for (const result of results)
        if (result.kind === 'failed')
          expect([['try_again', 'lock_timeout'].includes(result.code), result.effect], result.message).toEqual([true, 'none'])
      const sum = results.reduce((all, result) => all + (result.kind === 'done' ? Number(result.output.affected) : 0), 0)
      expect(sum).toBe(20)
      await Promise.all(worlds.map((one) => one.close()))
    })

    test('a row that somebody else is just inserting is waited for', async () => {
      await query(url, 'CREATE UNIQUE INDEX ON customers (name)')
      const release = await hold(url, `INSERT INTO customers (name, score) VALUES ('n2', 2)`)
      const waiting = world.run('insert_rows', { table: 'customers', rows: people(3), unique_on: ['name'] })
      await release()
      // Rolled back: the place is free.
      expect(outputOf(await waiting)).toMatchObject({ affected: 3, already: 0 })
    })

    test('more bytes than one call may carry are refused before anything is made permanent', async () => {
      const before = await dump(url, 'customers')
      const result = await world.run('insert_rows', { table: 'customers', rows: people(30, { city: 'x'.repeat(20_000) }) })
      expect(failure(result).slice(0, 2)).toEqual(['image_too_large', 'none'])
      expect(await dump(url, 'customers')).toEqual(before)
    })

    test('is noted before COMMIT, and found again when its answer is lost', async () => {
      const cutter = await startCutter(url)
      const cut = await openWorld(cutter.databaseUrl, driver, { tables: ['customers'] })
      try {
        const input = { table: 'customers', rows: people(3) }
        const call = newCall()
        cutter.arm('after')
        const output = outputOf(await cut.run('insert_rows', input, call))
        expect(call.notes).toEqual([{ xid: expect.stringMatching(/^\d+$/), output }])
        expect(await recoverAction(world.system, 'insert_rows', input, call)).toEqual({ kind: 'done', output })
        cutter.arm('before')
        const lost = newCall()
        expect(failure(await cut.run('insert_rows', input, lost)).slice(0, 2)).toEqual(['connection_lost', 'none'])
        expect(await recoverAction(world.system, 'insert_rows', input, lost)).toEqual({ kind: 'not_done' })
        expect(await dump(url, 'customers')).toHaveLength(50)
      } finally {
        await cut.close()
        await cutter.close()
      }
    })

    test('is seen beforehand as how many rows would come in, and nothing changes', async () => {
      const action = world.system.actions.insert_rows!
      const { client } = await world.system.connect()
      const preview = (rows: JsonObject[]) =>
        action.mutates && action.preview!(client as never, { table: 'customers', rows, unique_on: ['name', 'score'] }, newCall())
      outputOf(await world.run('insert_rows', { table: 'customers', rows: people(2) }))
      const before = await dump(url, 'customers')
      expect(await preview(people(5))).toEqual({ kind: 'done', output: { table: 'public.customers', affected: 3, already: 2 } })
      expect(await preview([...people(1), ...people(1)])).toMatchObject({ kind: 'failed', code: 'duplicate' })
      expect(await dump(url, 'customers')).toEqual(before)
    })
  })

  describe('check_rows', () => {
    test('finds nothing wrong with what fits, and says how many rows one call takes', async () => {
      expect(outputOf(await world.run('check_rows', { table: 'customers', rows: people(100) }))).toEqual({
        table: 'public.customers',
        schema: 'public',
        name: 'customers',
        rows_per_call: 30,
        places: [],
        has_more: false
      })
    })

    test('names at most twenty places, and says that there are more', async () => {
      const { places, has_more } = outputOf(await world.run('check_rows', { table: 'customers', rows: people(50, { score: 'x' }) }))
      expect([(places as []).length, has_more]).toEqual([20, true])
    })

    test('finds the same value twice across rows that give different columns', async () => {
      const rows: JsonObject[] = [{ name: 'a' }, { name: 'b', score: 1 }, { name: 'a', score: 2 }]
      expect(outputOf(await world.run('check_rows', { table: 'customers', rows, unique_on: ['name'] })).places).toEqual([
        { row: 3, column: 'name', problem: 'has the same value as row 1' }
      ])
    })

    test('a column in `unique_on` that is not there is a place, not a crash', async () => {
      const { places } = outputOf(await world.run('check_rows', { table: 'customers', rows: people(1), unique_on: ['email'] }))
      expect(places).toEqual([{ row: 1, column: 'email', problem: expect.stringContaining('no such column') }])
    })
  })

  describe('count_rows', () => {
    test.each<[JsonObject, JsonObject]>([
      [{ where: { score: { lte: 3 } } }, { count: 3, has_more: false }],
      [{ where: { score: { lte: 30 } } }, { count: 30, has_more: false }],
      [{ where: { score: { lte: 31 } } }, { count: 30, has_more: true }],
      [{}, { count: 30, has_more: true }],
      [{ where: { score: 99 } }, { count: 0, has_more: false }]
    ])('%j: %j, and nothing of what the rows hold', async (input, counted) => {
      expect(outputOf(await world.run('count_rows', { table: 'customers', ...input }))).toEqual({ table: 'public.customers', ...counted })
    })

    test('of a table that is not allowed says so', async () => {
      expect(failure(await world.run('count_rows', { table: 'secret', where: { word: 'hush' } }))[0]).toBe('table_not_allowed')
    })
  })
})
