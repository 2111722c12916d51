// Postgres against the contract of every connector, through both drivers.
import { afterAll, beforeAll } from 'vitest'
import type { JsonObject } from '../../src/engine/schema.ts'
import { dump, query, refill, START_TIMEOUT_MS, startPostgres, type TestPostgres } from '../fakes/postgres.ts'
import { connectorContract, type Subject } from './contract.ts'
import { DRIVERS, openWorld, type Driver } from './postgres_world.ts'

interface PostgresSubject extends Subject {
  sql(text: string): Promise<unknown>
}

const SEED = `
  CREATE TABLE customers (id bigint PRIMARY KEY, email text UNIQUE, name text, balance numeric(12,2) DEFAULT 0, at timestamptz DEFAULT '2026-01-02 03:04:05.678901+00');
  INSERT INTO customers (id, email, name) VALUES (1, 'ann@example.com', 'Ann'), (2, 'bob@example.com', 'Bob'), (3, 'cy@example.com', NULL);
  CREATE TABLE effects (of xid8 PRIMARY KEY);
  CREATE FUNCTION count_effect() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO effects VALUES (pg_current_xact_id()) ON CONFLICT DO NOTHING; RETURN NULL; END $$;
  CREATE TRIGGER counted AFTER INSERT OR UPDATE OR DELETE ON customers FOR EACH ROW EXECUTE FUNCTION count_effect();`

const DI: JsonObject = { id: 4, email: 'di@example.com', name: 'Di' }
/** Whoever gives no name has none, and her balance is the table's own. */
const EVE: JsonObject = { id: 5, email: 'eve@example.com' }

let server: TestPostgres
const urls: Partial<Record<Driver, string>> = {}
beforeAll(async () => void (server = await startPostgres()), START_TIMEOUT_MS)
afterAll(() => server.close())

for (const driver of DRIVERS) {
  connectorContract<PostgresSubject>({
    name: `postgres through ${driver}`,
    secrets: ['p@ss/w0rd', 'p%40ss%2Fw0rd'],
    async start(allow) {
      const url = (urls[driver] ??= await server.database())
      await refill(url, SEED)
      const world = await openWorld(url, driver, { tables: allow === 'everything' ? ['customers'] : [] })
      return {
        system: world.system,
        snapshot: () => dump(url, 'customers'),
        effects: async () => Number((await query(url, 'SELECT count(*) FROM effects'))[0]![0]),
        trouble: () => undefined,
        close: () => world.close(),
        sql: (text) => query(url, text)
      }
    },
    // A lost COMMIT is looked up by the connector itself: `postgres_faults.test.ts`.
    troubles: [],
    cases: [
      {
        action: 'insert_row',
        input: () => ({ table: 'customers', data: { id: 4, email: 'di@example.com', name: 'Di' }, unique_on: ['email'] }),
        bad: [{ table: '' }, { table: 7 }, { data: {} }, { data: [] }, { data: { '': 1 } }, { unique_on: [] }, { unique_on: 'email' }],
        move: (subject) => subject.sql(`UPDATE customers SET name = 'Dinah' WHERE id = 4`)
      },
      {
        action: 'insert_rows',
        input: () => ({
          table: 'customers',
          rows: [DI, EVE],
          unique_on: ['email']
        }),
        bad: [
          { table: '' },
          { rows: [] },
          { rows: {} },
          { rows: [{}] },
          { rows: [[1]] },
          { rows: ['id'] },
          { rows: [{ '': 1 }] },
          { rows: Array.from({ length: 10_001 }, (_, id) => ({ id })) },
          { unique_on: [] },
          { first_row: 0 }
        ],
        move: (subject) => subject.sql(`UPDATE customers SET name = 'Evelyn' WHERE id = 5`)
      },
      {
        action: 'update_row',
        input: () => ({ table: 'customers', where: { email: 'ann@example.com' }, data: { name: 'Anna', balance: '12.50' } }),
        bad: [
          { where: null },
          { where: '1=1' },
          { where: { id: { or: 1 } } },
          { where: { id: {} } },
          { where: { id: { eq: 1, sql: '1' } } },
          { data: {} }
        ],
        move: (subject) => subject.sql(`UPDATE customers SET email = 'anna@example.com' WHERE id = 1`)
      },
      {
        action: 'delete_row',
        input: () => ({ table: 'customers', where: { id: { in: [2] } } }),
        bad: [{ where: null }, { where: [] }, { where: { id: { in: [null] } } }, { where: { id: { in: 'x' } } }, { where: { id: [1, 2] } }],
        move: (subject) => subject.sql(`INSERT INTO customers (id, email) VALUES (2, 'other@example.com')`)
      }
    ]
  })
}
