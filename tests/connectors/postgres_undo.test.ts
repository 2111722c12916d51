// What a write must not lose, and when an undo must not act.
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
      ['a deleted row whose key was taken', 'delete_row', { where: { id: 5 } }, `INSERT INTO customers (id, name) OVERRIDING SYSTEM VALUE VALUES (5, 'new')`],
      ['a changed row that was changed again', 'update_row', { where: { id: { in: [5, 6] } }, data: { name: 'b' } }, `UPDATE customers SET name = 'c' WHERE id = 6`],
      ['a changed row of which another column was changed', 'update_row', { where: { id: { in: [5, 6] } }, data: { name: 'b' } }, `UPDATE customers SET score = -1 WHERE id = 5`],
      ['a changed row that is gone', 'update_row', { where: { id: { in: [5, 6] } }, data: { name: 'b' } }, `DELETE FROM customers WHERE id = 6`],
      ['an inserted row that was changed', 'insert_row', { data: { name: 'b' } }, `UPDATE customers SET score = 1 WHERE name = 'b'`],
      ['a table that got a column', 'delete_row', { where: { id: 5 } }, `ALTER TABLE customers ADD COLUMN added int`],
      ['a table that lost a column', 'delete_row', { where: { id: 5 } }, `ALTER TABLE customers DROP COLUMN score CASCADE`],
      ['a changed row in a table that got a column', 'update_row', { where: { id: 5 }, data: { name: 'b' } }, `ALTER TABLE customers ADD COLUMN added int DEFAULT 7`]
    ]
    test.each(moves)('%s is a conflict, and nothing is changed', async (_, action, rest, sql) => {
      const { inverse } = await world.make(action, { table: 'customers', ...rest })
      await query(url, sql)
      const moved = await dump(url, 'customers')
      expect(await world.undo(inverse)).toMatchObject({ kind: 'conflict' })
      expect(await dump(url, 'customers')).toEqual(moved)
    })

    test('a unique value or a parent that is missing now is a conflict, all rows or none', async () => {
      await query(url, `ALTER TABLE customers ADD UNIQUE (name); CREATE TABLE kids (id int PRIMARY KEY, of bigint REFERENCES customers); INSERT INTO kids VALUES (1, 47)`)
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
      await query(url, `CREATE TABLE kids (id int PRIMARY KEY, of bigint REFERENCES customers ON DELETE CASCADE); CREATE TABLE pets (id int PRIMARY KEY, of bigint REFERENCES customers)`)
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
      await query(url, `CREATE TABLE g (id int GENERATED ALWAYS AS IDENTITY (START 40) PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED, lazy int GENERATED ALWAYS AS (n * 3) VIRTUAL, by_default int GENERATED BY DEFAULT AS IDENTITY); INSERT INTO g (n) VALUES (1), (2)`)
      const wide = await openWorld(url, driver, { tables: ['g'] })
      const before = await dump(url, 'g')
      for (const [action, rest] of [['delete_row', {}], ['update_row', { data: { n: 9 } }]] as const) {
        const { inverse } = await wide.make(action, { table: 'g', where: { id: { gte: 40 } }, ...rest })
        expect(await wide.undo(inverse)).toMatchObject({ kind: 'done' })
        expect(await dump(url, 'g')).toEqual(before)
      }
      expect(await wide.run('insert_row', { table: 'g', data: { n: 1, twice: 5 } })).toMatchObject({ kind: 'failed', code: 'generated_column', effect: 'none' })
      expect(await wide.run('insert_row', { table: 'g', data: { id: 1, n: 1 } })).toMatchObject({ kind: 'failed', code: 'generated_column' })
      await wide.close()
    })

    test('an undo without its expectation, or with that of other rows, does nothing', async () => {
      const { inverse } = await world.make('update_row', { table: 'customers', where: { id: 5 }, data: { name: 'b' } })
      const moved = await dump(url, 'customers')
      for (const expect_ of [null, {}, { rows: [] }, { rows: [{ id: '5' }] }] as const) {
        expect(await world.run(inverse.action, inverse.input, newCall({ expect: expect_ as JsonObject | null }))).toMatchObject({ kind: expect.stringMatching(/^(failed|conflict)$/) })
      }
      expect(await dump(url, 'customers')).toEqual(moved)
    })

    test('a forged undo is bound by the allow list and the names of the catalogue too', async () => {
      const forged: Inverse = { action: 'restore_rows', input: { table: 'secret', rows: [{ id: '2', word: 'x' }] }, expect: {} }
      expect(await world.undo(forged)).toMatchObject({ kind: 'failed', code: 'table_not_allowed' })
      expect(await world.undo({ ...forged, input: { table: 'customers', rows: [{ id: '90', [`name") VALUES ('x'); --`]: 'x' }] } })).toMatchObject({ kind: 'conflict' })
      expect(await dump(url, 'customers')).toHaveLength(47)
    })
  })

  describe('what changes along', () => {
    test.each([
      ['ON DELETE CASCADE', 'delete_row', {}],
      ['ON DELETE SET NULL', 'delete_row', {}],
      ['ON DELETE SET DEFAULT', 'delete_row', {}],
      ['ON UPDATE CASCADE', 'update_row', { data: { code: 'z' } }],
      ['ON UPDATE SET NULL', 'update_row', { data: { code: 'z' } }]
    ] as const)('%s: refused while there are children, allowed without', async (rule, action, rest) => {
      await query(url, `CREATE TABLE p (id int PRIMARY KEY, code text UNIQUE); CREATE TABLE kids (id int PRIMARY KEY, of text REFERENCES p (code) ${rule}); INSERT INTO p VALUES (1, 'a'), (2, 'b'); INSERT INTO kids VALUES (1, 'a')`)
      const wide = await openWorld(url, driver, { tables: ['p'] })
      const before = [await dump(url, 'p'), await dump(url, 'kids')]
      expect(await wide.run(action, { table: 'p', where: { id: 1 }, ...rest })).toMatchObject({ kind: 'failed', code: 'would_cascade', effect: 'none', message: expect.stringContaining('public.kids') })
      expect([await dump(url, 'p'), await dump(url, 'kids')]).toEqual(before)
      const { inverse } = await wide.make(action, { table: 'p', where: { id: 2 }, ...rest })
      expect(await wide.undo(inverse)).toMatchObject({ kind: 'done' })
      expect([await dump(url, 'p'), await dump(url, 'kids')]).toEqual(before)
      await wide.close()
    })

    test('children that this role may not see count as children', async () => {
      await query(url, `
        CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE kids (id int PRIMARY KEY, of int REFERENCES p ON DELETE CASCADE); CREATE TABLE hid (id int PRIMARY KEY, of int REFERENCES p ON DELETE SET NULL);
        INSERT INTO p VALUES (1); INSERT INTO kids VALUES (1, 1);
        DROP ROLE IF EXISTS narrow; CREATE ROLE narrow LOGIN PASSWORD 'n'; GRANT USAGE ON SCHEMA public TO narrow; GRANT ALL ON p TO narrow; GRANT SELECT ON kids TO narrow; ALTER TABLE kids ENABLE ROW LEVEL SECURITY`)
      const narrowUrl = Object.assign(new URL(url), { username: 'narrow', password: 'n' }).href
      const narrow = await openWorld(narrowUrl, driver, { tables: ['p'] })
      expect(await narrow.run('delete_row', { table: 'p', where: { id: 1 } })).toMatchObject({ kind: 'failed', code: 'would_cascade', message: expect.stringContaining('may not see') })
      expect(await dump(url, 'kids')).toEqual(['(1,1)'])
      await narrow.close()
      await query(url, `DROP OWNED BY narrow; DROP ROLE narrow`)
    })

    test('what a trigger sets is in the image; an undo lets it keep its own column and nothing else', async () => {
      await query(url, `
        CREATE TABLE t (id int PRIMARY KEY, name text, updated_at int DEFAULT 0, shout text); CREATE SEQUENCE ticks;
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := nextval('ticks'); NEW.shout := upper(NEW.name); RETURN NEW; END $$;
        INSERT INTO t VALUES (1, 'a', 0, 'A');
        CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()`)
      const wide = await openWorld(url, driver, { tables: ['t'] })
      const { output, inverse } = await wide.make('update_row', { table: 't', where: { id: 1 }, data: { name: 'b' } })
      expect(output).toMatchObject({ before: [{ name: 'a', shout: 'A', updated_at: '0' }], after: [{ name: 'b', shout: 'B', updated_at: '1' }] })
      expect(await wide.run('update_row', { table: 't', where: { id: 1 }, data: { name: 'b' } })).toMatchObject({ kind: 'already' })
      expect(await wide.undo(inverse)).toMatchObject({ kind: 'done', output: { after: [{ name: 'a', shout: 'A', updated_at: expect.not.stringMatching(/^[01]$/) }] } })
      await query(url, `CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := NEW.name || '!'; RETURN NEW; END $$; CREATE TRIGGER spoil BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION spoil()`)
      const deleted = await wide.make('delete_row', { table: 't', where: { id: 1 } })
      expect(await wide.undo(deleted.inverse)).toMatchObject({ kind: 'failed', code: 'not_restored', effect: 'none', message: expect.stringContaining('`name`') })
      expect(await dump(url, 't')).toEqual([])
      await wide.close()
    })

    test('a trigger that keeps rows makes the call fail, not lie', async () => {
      await query(url, `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON links FOR EACH ROW EXECUTE FUNCTION keep()`)
      const before = await dump(url, 'links')
      expect(await world.run('delete_row', { table: 'links', where: { a: 2 } })).toMatchObject({ kind: 'failed', code: 'kept_by_trigger', effect: 'none' })
      expect(await world.run('update_row', { table: 'links', where: { a: 2 }, data: { note: 'z' } })).toMatchObject({ kind: 'failed', code: 'kept_by_trigger' })
      expect(await world.run('insert_row', { table: 'links', data: { a: 9, b: 'n' } })).toMatchObject({ kind: 'failed', code: 'not_inserted' })
      expect(await world.run('insert_row', { table: 'links', data: { a: 9, b: 'n' }, unique_on: ['note'] })).toMatchObject({ kind: 'failed', code: 'unique_on_missing' })
      expect(await dump(url, 'links')).toEqual(before)
    })

    test('deferred constraints speak before the call says done', async () => {
      await query(url, `CREATE TABLE d (id int PRIMARY KEY, of int REFERENCES d DEFERRABLE INITIALLY DEFERRED); INSERT INTO d VALUES (1, 1), (2, 1)`)
      const wide = await openWorld(url, driver, { tables: ['d'] })
      const call = newCall()
      expect(await wide.run('insert_row', { table: 'd', data: { id: 3, of: 99 } }, call)).toMatchObject({ kind: 'failed', code: 'foreign_key', effect: 'none' })
      expect(await wide.run('delete_row', { table: 'd', where: { id: 1 } }, call)).toMatchObject({ kind: 'failed', code: 'foreign_key' })
      expect(call.notes).toEqual([])
      await wide.close()
    })

    test('rows of tables that inherit are not changed unseen; partitions are', async () => {
      await query(url, `
        CREATE TABLE old (id int PRIMARY KEY); CREATE TABLE young (extra text) INHERITS (old); INSERT INTO young VALUES (1, 'x');
        CREATE TABLE parts (id int, k int, v text, PRIMARY KEY (id, k)) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF parts FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF parts FOR VALUES IN (2); INSERT INTO parts VALUES (1, 1, 'a'), (1, 2, 'b')`)
      const wide = await openWorld(url, driver, { tables: ['*'] })
      expect(await wide.run('delete_row', { table: 'old', where: { id: 1 } })).toMatchObject({ kind: 'failed', code: 'inherited_table' })
      const before = await dump(url, 'parts')
      const { inverse } = await wide.make('delete_row', { table: 'parts', where: { id: 1 } })
      expect(await wide.undo(inverse)).toMatchObject({ kind: 'done', output: { affected: 2 } })
      expect(await dump(url, 'parts')).toEqual(before)
      await wide.close()
    })
  })

  describe('insert', () => {
    test('an equal row is ALREADY, another one under the same values a duplicate, with or without an index', async () => {
      await query(url, `CREATE TABLE u (id serial PRIMARY KEY, email text, name text, price numeric(10,2), doc jsonb)`)
      const wide = await openWorld(url, driver, { tables: ['u'] })
      const data = { email: 'a@x', name: 'Ann', price: 1.005, doc: { b: 1, a: [2] } }
      for (const index of ['', 'CREATE UNIQUE INDEX ON u (email)']) {
        await query(url, `TRUNCATE u; ${index}`)
        expect(await wide.run('insert_row', { table: 'u', data, unique_on: ['email'] })).toMatchObject({ kind: 'done', output: { affected: 1, row: { email: 'a@x', doc: { a: [2], b: 1 } } } })
        expect(await wide.run('insert_row', { table: 'u', data, unique_on: ['email'] })).toMatchObject({ kind: 'already', what: 'created', output: { affected: 0, row: { email: 'a@x' } } })
        expect(await wide.run('insert_row', { table: 'u', data: { ...data, name: 'Eve' }, unique_on: ['email'] })).toMatchObject({ kind: 'failed', code: 'duplicate', effect: 'none' })
        expect(await dump(url, 'u')).toHaveLength(1)
      }
      expect(await wide.run('insert_row', { table: 'u', data })).toMatchObject({ kind: 'failed', code: 'duplicate', effect: 'none' })
      expect(await wide.run('insert_row', { table: 'u', data: { ...data, email: null }, unique_on: ['email'] })).toMatchObject({ kind: 'failed', code: 'unique_on_missing' })
      await wide.close()
    })

    test('an index over some rows, or over an expression, is not taken for one over the column', async () => {
      await query(url, `CREATE TABLE u (id serial PRIMARY KEY, email text, gone boolean DEFAULT false); CREATE UNIQUE INDEX ON u (email) WHERE NOT gone; CREATE UNIQUE INDEX ON u (lower(email)) WHERE NOT gone; INSERT INTO u (email, gone) VALUES ('a@x', true)`)
      const wide = await openWorld(url, driver, { tables: ['u'] })
      expect(await wide.run('insert_row', { table: 'u', data: { email: 'a@x', gone: false }, unique_on: ['email'] })).toMatchObject({ kind: 'failed', code: 'duplicate' })
      expect(await wide.run('insert_row', { table: 'u', data: { email: 'B@x' }, unique_on: ['email'] })).toMatchObject({ kind: 'done' })
      expect(await wide.run('insert_row', { table: 'u', data: { email: 'b@x' }, unique_on: ['email'] })).toMatchObject({ kind: 'failed', code: 'duplicate' })
      await wide.close()
    })
  })
})
