// What the Postgres suites share: one database through either driver, and calls as the recorder makes them.
import { startNeonProxy } from '../../src/cli/local/neon_proxy.ts'
import { postgres } from '../../src/connectors/postgres/index.ts'
import type { ActionResult, CallContext, Connection, System } from '../../src/engine/connector.ts'
import type { Inverse, JsonObject } from '../../src/engine/schema.ts'
import { inverseOf, newCall, outputOf, runAction, undo } from './contract.ts'

export const DRIVERS = ['neon', 'pg'] as const
export type Driver = (typeof DRIVERS)[number]

type Options = Omit<Parameters<typeof postgres>[0], 'database_url' | 'driver'>

export interface World {
  readonly system: System
  run(action: string, input: JsonObject, call?: CallContext): Promise<ActionResult>
  /** Runs a write that must succeed and gives its inverse, having passed through JSON like a receipt. */
  make(action: string, input: JsonObject): Promise<{ output: JsonObject; inverse: Inverse }>
  undo(inverse: Inverse): Promise<ActionResult>
  close(): Promise<void>
}

/** The connector on this database; its calls share one client, as those of one run do. */
export async function openWorld(databaseUrl: string, driver: Driver, options: Options): Promise<World> {
  const proxy = driver === 'neon' ? await startNeonProxy({ databaseUrl }) : null
  const bound = postgres({ database_url: databaseUrl, driver, ...(proxy ? { neon_local_url: proxy.url } : {}), ...options })
  let connection: Promise<Connection> | null = null
  const system: System = { ...bound, connect: () => (connection ??= bound.connect()) }
  const run = (action: string, input: JsonObject, call = newCall()) => runAction(system, action, input, call)
  return {
    system,
    run,
    async make(action, input) {
      const output = outputOf(await run(action, input))
      const inverse = JSON.parse(JSON.stringify(inverseOf(system, action, input, output))) as Inverse
      return { output, inverse }
    },
    undo: (inverse) => undo(system, inverse),
    async close() {
      await (await connection)?.close?.()
      await proxy?.close()
    }
  }
}

/** A name that is an attack. */
export const EVIL = 'customers"; drop table x; --'
/** An identifier in the tests' own SQL. */
export const q = (name: string) => `"${name.replaceAll('"', '""')}"`

/** Forty-seven customers, and tables with names and keys that are easily got wrong. */
export const SEED = `
  CREATE SCHEMA IF NOT EXISTS sales; DROP TABLE IF EXISTS sales.orders; CREATE TABLE sales.orders (id int PRIMARY KEY, item text); INSERT INTO sales.orders VALUES (1, 'pen');
  CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, city text, score int);
  INSERT INTO customers (name, city, score) SELECT 'c' || i, CASE WHEN i % 2 = 0 THEN 'Rome' END, i FROM generate_series(1, 47) AS i;
  CREATE TABLE secret (id int PRIMARY KEY, word text); INSERT INTO secret VALUES (1, 'hush');
  CREATE TABLE x (id int PRIMARY KEY);
  CREATE TABLE ${q(EVIL)} (id int PRIMARY KEY, ${q(`a"; drop table x; --`)} text); INSERT INTO ${q(EVIL)} VALUES (1, 'one');
  CREATE TABLE "Mixed Case" ("Id" int PRIMARY KEY, "Sel""ect" text); INSERT INTO "Mixed Case" VALUES (1, 'a');
  CREATE TABLE "odd.name" (id int PRIMARY KEY, v text); INSERT INTO "odd.name" VALUES (1, 'a');
  CREATE TABLE links (a int, b text, note text, PRIMARY KEY (b, a)); INSERT INTO links VALUES (1, 'x, a=2', 'n1'), (1, 'y', 'n2'), (2, 'x', 'n3');
  CREATE TABLE nokey (v text); INSERT INTO nokey VALUES ('a');
  CREATE VIEW seen AS SELECT id, name FROM customers WHERE score < 3;`

/** All of them but `secret` and `x`. */
export const TABLES = ['customers', 'sales.orders', EVIL, 'Mixed Case', '"odd.name"', 'links', 'nokey', 'seen']
