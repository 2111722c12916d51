// Postgres: rows read and changed with whole images taken, so that every change can be undone exactly. Neon by default, any Postgres through `pg`.
import * as z from 'zod'
import { defineConnector } from '../../engine/connector.ts'
import { check_rows } from './check_rows.ts'
import { postgresClient } from './client.ts'
import { count_rows } from './count_rows.ts'
import { delete_row, restore_rows } from './delete.ts'
import { insert_row, remove_rows } from './insert.ts'
import { insert_rows } from './insert_rows.ts'
import { parseTable } from './name.ts'
import { rehearsed } from './rehearsal.ts'
import { select_rows } from './select.ts'
import { revert_rows, update_row } from './update.ts'

const AllowedTables = z
  .array(z.string().refine((text) => parseTable(text) !== null, 'is not a table: write `table`, `schema.table` or `"odd.name"`'))
  .refine((tables) => tables.length < 2 || !tables.includes('*'), '`*` allows everything: it stands alone')

const Options = z.strictObject({
  /** `postgres://user:password@host/database`; in a Worker, for `pg`, Hyperdrive's `connectionString`. */
  database_url: z.string().min(1),
  /** `neon` speaks through a WebSocket, `pg` through TCP. */
  driver: z.enum(['neon', 'pg']).default('neon'),
  /** The proxy in front of a local Postgres, for `neon`: `http://127.0.0.1:<port>`. */
  neon_local_url: z.url({ protocol: /^http$/ }).optional(),
  /** Tables that may be touched: `customers` or `sales.orders`. Empty allows none; `['*']` all of the current schema. */
  tables: AllowedTables,
  /** No call reads or changes more rows than this. */
  max_rows: z.int().min(1).max(10_000).default(500),
  statement_timeout_ms: z.int().min(100).max(60_000).default(10_000),
  lock_timeout_ms: z.int().min(10).max(60_000).default(3_000),
  /** `enforce` keeps the newest fencing token of each resource in table `enact_fencing`, which it makes, and refuses older ones. */
  fencing: z.enum(['enforce', 'off']).default('enforce'),
  /** Name the team here where several share one database: each team has locks, and so tokens, of its own. */
  fencing_scope: z.string().max(128).default('')
})

/** Reads and writes rows of allowed tables; every write carries its before- and after-image and its exact undo. */
export const postgres = defineConnector({
  id: 'postgres',
  title: 'Postgres',
  options: Options,
  actions: {
    select_rows,
    count_rows,
    check_rows,
    insert_row,
    insert_rows,
    update_row,
    delete_row,
    restore_rows: rehearsed(restore_rows),
    revert_rows: rehearsed(revert_rows),
    remove_rows: rehearsed(remove_rows)
  },
  scope: ({ driver, tables, max_rows, statement_timeout_ms, lock_timeout_ms, fencing, fencing_scope }) => ({
    driver,
    tables,
    max_rows,
    statement_timeout_ms,
    lock_timeout_ms,
    fencing,
    fencing_scope
  }),
  connect: (options) => {
    const client = postgresClient(options, options)
    return { client, close: () => client.close() }
  }
})
