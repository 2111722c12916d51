// db_bulk_import_workflow: rows that all fit their table, checked before the first is written, in batches that a crash does not repeat.
import * as z from 'zod'
import { postgres } from '../connectors/index.ts'
import { defineWorkflow, stop, type Workflow } from '../engine/workflow.ts'

const { table, rows, unique_on } = postgres.actions.insert_rows.input.shape

/** What an installation knows of its rows beyond the catalogue. */
export interface BulkImportOptions {
  /** `customers` (in any schema) or `sales.orders` → what each of its rows must be. It checks and changes nothing: rows go in as they were sent. */
  readonly tables?: Readonly<Record<string, z.ZodType>>
}

interface Place {
  readonly row: number
  readonly column: string
  readonly problem: string
}

const PLACES_TOLD = 5

function bulkImport({ tables = {} }: BulkImportOptions = {}): Workflow {
  return defineWorkflow({
    id: 'db_bulk_import_workflow',
    title: 'Import rows into a table',
    payload: z.strictObject({
      table,
      rows,
      unique_on,
      /** So many rows are one transaction, or as many as one call may insert, if that is less. */
      batch_size: z.int().min(10).max(10_000).default(500),
      /** What the access policies read; at the edge the gate sets the role from the key. */
      actor_role: z.string().optional(),
      pii_fields: z.array(z.string()).optional()
    }),
    uses: { postgres: postgres.uses('check_rows', 'insert_rows') },
    resources: ({ table, rows }) => postgres.actions.insert_rows.resources({ table, rows }),
    async run({ postgres }, { table, rows, unique_on, batch_size }, progress) {
      progress({ done: 0, total: rows.length, unit: 'rows' })
      const checked = await postgres.check_rows({ table, rows, unique_on })
      const places = [...placesIn(rows, schemasOf(tables, checked)), ...checked.places].sort((a, b) => a.row - b.row)
      if (places.length > 0) throw stop('invalid_rows', toldOf(table, places, checked.has_more))
      const size = Math.min(batch_size, checked.rows_per_call)
      for (let from = 0; from < rows.length; from += size) {
        await postgres.insert_rows({ table, rows: rows.slice(from, from + size), unique_on, first_row: from + 1 })
        progress({ done: Math.min(from + size, rows.length), total: rows.length, unit: 'rows' })
      }
    }
  })
}

/**
 * Nothing is written unless every row fits the table's catalogue: else the run ends as `invalid_rows`, naming rows and columns. Each batch
 * is one transaction and one call, so that a resumed run goes on after the last one, and undo takes all of them back. Called, it gives the
 * same workflow with schemas of an installation's own: `dbBulkImportWorkflow({ tables: { customers: z.strictObject({ … }) } })`.
 */
export const dbBulkImportWorkflow: Workflow & ((options: BulkImportOptions) => Workflow) = Object.assign(bulkImport, bulkImport())

/** By the table's name as the database has it: whatever a request writes, its rows meet the schemas that are for this table. */
function schemasOf(tables: NonNullable<BulkImportOptions['tables']>, { schema, name }: { schema: string; name: string }): z.ZodType[] {
  return Object.entries(tables).flatMap(([key, rule]) => (key === name || key === `${schema}.${name}` ? [rule] : []))
}

function placesIn(rows: readonly unknown[], schemas: readonly z.ZodType[]): Place[] {
  return rows.flatMap((data, i) =>
    schemas.flatMap((schema) =>
      (schema.safeParse(data).error?.issues ?? []).flatMap((issue) => {
        const columns = issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')]
        return columns.map((column) => ({ row: i + 1, column, problem: issue.message }))
      })
    )
  )
}

function toldOf(table: string, places: readonly Place[], hasMore: boolean): string {
  const told = places.slice(0, PLACES_TOLD).map(({ row, column, problem }) => `row ${row}, column \`${column}\`: ${problem}`)
  const more = hasMore || places.length > told.length ? '; and more' : ''
  return `nothing was imported, since rows do not fit \`${table}\`: ${told.join('; ')}${more}`
}
