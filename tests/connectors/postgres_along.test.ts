// What changes along with a row, and what keeps a row out: nothing is lost unseen.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
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

  describe('what changes along', () => {
    test.each([
      ['ON DELETE CASCADE', 'delete_row', {}],
      ['ON DELETE SET NULL', 'delete_row', {}],
      ['ON DELETE SET DEFAULT', 'delete_row', {}],
      ['ON UPDATE CASCADE', 'update_row', { data: { code: 'z' } }],
      ['ON UPDATE SET NULL', 'update_row', { data: { code: 'z' } }]
    ] as const)('%s: refused while there are children, allowed without', async (rule, action, rest) => {
      await query(
        url,
        `CREATE TABLE p (id int PRIMARY KEY, code text UNIQUE); CREATE TABLE kids (id int PRIMARY KEY, of text REFERENCES p (code) ${rule}); INSERT INTO p VALUES (1, 'a'), (2, 'b'); INSERT INTO kids VALUES (1, 'a')`
      )
      const wide = await openWorld(url, driver, { tables: ['p'] })
      const before = [await dump(url, 'p'), await dump(url, 'kids')]
      expect(await wide.run(action, { table: 'p', where: { id: 1 }, ...rest })).toMatchObject({
        kind: 'failed',
        code: 'would_cascade',
        effect: 'none',
        message: expect.stringContaining('public.kids')
      })
      expect([await dump(url, 'p'), await dump(url, 'kids')]).toEqual(before)
      const { inverse } = await wide.make(action, { table: 'p', where: { id: 2 }, ...rest })
      expect(await wide.undo(inverse)).toMatchObject({ kind: 'done' })
      expect([await dump(url, 'p'), await dump(url, 'kids')]).toEqual(before)
      await wide.close()
    })

    test('children that this role may not see count as children', async () => {
      await query(
        url,
        `
        CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE kids (id int PRIMARY KEY, of int REFERENCES p ON DELETE CASCADE); CREATE TABLE hid (id int PRIMARY KEY, of int REFERENCES p ON DELETE SET NULL);
        INSERT INTO p VALUES (1); INSERT INTO kids VALUES (1, 1);
        DROP ROLE IF EXISTS narrow; CREATE ROLE narrow LOGIN PASSWORD 'n'; GRANT USAGE ON SCHEMA public TO narrow; GRANT ALL ON p TO narrow; GRANT SELECT ON kids TO narrow; ALTER TABLE kids ENABLE ROW LEVEL SECURITY`
      )
      const narrowUrl = Object.assign(new URL(url), { username: 'narrow', password: 'n' }).href
      const narrow = await openWorld(narrowUrl, driver, { tables: ['p'] })
      expect(await narrow.run('delete_row', { table: 'p', where: { id: 1 } })).toMatchObject({
        kind: 'failed',
        code: 'would_cascade',
        message: expect.stringContaining('may not see')
      })
      expect(await dump(url, 'kids')).toEqual(['(1,1)'])
      await narrow.close()
      await query(url, `DROP OWNED BY narrow; DROP ROLE narrow`)
    })

    test('what a trigger sets is in the image; an undo lets it keep its own column and nothing else', async () => {
      await query(
        url,
        `
        CREATE TABLE t (id int PRIMARY KEY, name text, updated_at int DEFAULT 0, shout text); CREATE SEQUENCE ticks;
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := nextval('ticks'); NEW.shout := upper(NEW.name); RETURN NEW; END $$;
        INSERT INTO t VALUES (1, 'a', 0, 'A');
        CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()`
      )
      const wide = await openWorld(url, driver, { tables: ['t'] })
      const { output, inverse } = await wide.make('update_row', { table: 't', where: { id: 1 }, data: { name: 'b' } })
      expect(output).toMatchObject({
        before: [{ name: 'a', shout: 'A', updated_at: '0' }],
        after: [{ name: 'b', shout: 'B', updated_at: '1' }]
      })
      expect(await wide.run('update_row', { table: 't', where: { id: 1 }, data: { name: 'b' } })).toMatchObject({ kind: 'already' })
      expect(await wide.undo(inverse)).toMatchObject({
        kind: 'done',
        output: { after: [{ name: 'a', shout: 'A', updated_at: expect.not.stringMatching(/^[01]$/) }] }
      })
      await query(
        url,
        `CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := NEW.name || '!'; RETURN NEW; END $$; CREATE TRIGGER spoil BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION spoil()`
      )
      const deleted = await wide.make('delete_row', { table: 't', where: { id: 1 } })
      expect(await wide.undo(deleted.inverse)).toMatchObject({
        kind: 'failed',
        code: 'not_restored',
        effect: 'none',
        message: expect.stringContaining('`name`')
      })
      expect(await dump(url, 't')).toEqual([])
      await wide.close()
    })

    test('a trigger that keeps rows makes the call fail, not lie', async () => {
      await query(
        url,
        `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON links FOR EACH ROW EXECUTE FUNCTION keep()`
      )
      const before = await dump(url, 'links')
      expect(await world.run('delete_row', { table: 'links', where: { a: 2 } })).toMatchObject({
        kind: 'failed',
        code: 'kept_by_trigger',
        effect: 'none'
      })
      expect(await world.run('update_row', { table: 'links', where: { a: 2 }, data: { note: 'z' } })).toMatchObject({
        kind: 'failed',
        code: 'kept_by_trigger'
      })
      expect(await world.run('insert_row', { table: 'links', data: { a: 9, b: 'n' } })).toMatchObject({
        kind: 'failed',
        code: 'not_inserted'
      })
      expect(await world.run('insert_row', { table: 'links', data: { a: 9, b: 'n' }, unique_on: ['note'] })).toMatchObject({
        kind: 'failed',
        code: 'unique_on_missing'
      })
      expect(await dump(url, 'links')).toEqual(before)
    })

    test('deferred constraints speak before the call says done', async () => {
      await query(
        url,
        `CREATE TABLE d (id int PRIMARY KEY, of int REFERENCES d DEFERRABLE INITIALLY DEFERRED); INSERT INTO d VALUES (1, 1), (2, 1)`
      )
      const wide = await openWorld(url, driver, { tables: ['d'] })
      const call = newCall()
      expect(await wide.run('insert_row', { table: 'd', data: { id: 3, of: 99 } }, call)).toMatchObject({
        kind: 'failed',
        code: 'foreign_key',
        effect: 'none'
      })
      expect(await wide.run('delete_row', { table: 'd', where: { id: 1 } }, call)).toMatchObject({ kind: 'failed', code: 'foreign_key' })
      expect(call.notes).toEqual([])
      await wide.close()
    })

    test('rows of tables that inherit are not changed unseen; partitions are', async () => {
      await query(
        url,
        `
        CREATE TABLE old (id int PRIMARY KEY); CREATE TABLE young (extra text) INHERITS (old); INSERT INTO young VALUES (1, 'x');
        CREATE TABLE parts (id int, k int, v text, PRIMARY KEY (id, k)) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF parts FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF parts FOR VALUES IN (2); INSERT INTO parts VALUES (1, 1, 'a'), (1, 2, 'b')`
      )
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
        expect(await wide.run('insert_row', { table: 'u', data, unique_on: ['email'] })).toMatchObject({
          kind: 'done',
          output: { affected: 1, row: { email: 'a@x', doc: { a: [2], b: 1 } } }
        })
        expect(await wide.run('insert_row', { table: 'u', data, unique_on: ['email'] })).toMatchObject({
          kind: 'already',
          what: 'created',
          output: { affected: 0, row: { email: 'a@x' } }
        })
        expect(await wide.run('insert_row', { table: 'u', data: { ...data, name: 'Eve' }, unique_on: ['email'] })).toMatchObject({
          kind: 'failed',
          code: 'duplicate',
          effect: 'none'
        })
        expect(await dump(url, 'u')).toHaveLength(1)
      }
      expect(await wide.run('insert_row', { table: 'u', data })).toMatchObject({ kind: 'failed', code: 'duplicate', effect: 'none' })
      expect(await wide.run('insert_row', { table: 'u', data: { ...data, email: null }, unique_on: ['email'] })).toMatchObject({
        kind: 'failed',
        code: 'unique_on_missing'
      })
      await wide.close()
    })

    test('an index over some rows, or over an expression, is not taken for one over the column', async () => {
      await query(
        url,
        `CREATE TABLE u (id serial PRIMARY KEY, email text, gone boolean DEFAULT false); CREATE UNIQUE INDEX ON u (email) WHERE NOT gone; CREATE UNIQUE INDEX ON u (lower(email)) WHERE NOT gone; INSERT INTO u (email, gone) VALUES ('a@x', true)`
      )
      const wide = await openWorld(url, driver, { tables: ['u'] })
      expect(await wide.run('insert_row', { table: 'u', data: { email: 'a@x', gone: false }, unique_on: ['email'] })).toMatchObject({
        kind: 'failed',
        code: 'duplicate'
      })
      expect(await wide.run('insert_row', { table: 'u', data: { email: 'B@x' }, unique_on: ['email'] })).toMatchObject({ kind: 'done' })
      expect(await wide.run('insert_row', { table: 'u', data: { email: 'b@x' }, unique_on: ['email'] })).toMatchObject({
        kind: 'failed',
        code: 'duplicate'
      })
      await wide.close()
    })
  })
})
