// db_safe_insert: one row, once, however many agents try at the same time.
import * as z from 'zod'
import { defineWorkflow } from '../engine/workflow.ts'
import { postgres } from '../connectors/index.ts'

const { table, data, unique_on } = postgres.actions.insert_row.input.shape

/** Inserts `data` unless its `unique_on` values are there already: an equal row is ALREADY, another one ends the run as `duplicate`. */
export const dbSafeInsert = defineWorkflow({
  id: 'db_safe_insert',
  title: 'Insert a row that must not be there twice',
  payload: z.strictObject({
    table,
    data,
    unique_on,
    /** What the access policies read; at the edge the gate sets the role from the key. */
    actor_role: z.string().optional(),
    pii_fields: z.array(z.string()).optional()
  }),
  uses: { postgres: postgres.uses('insert_row') },
  resources: ({ table, data, unique_on }) => postgres.actions.insert_row.resources({ table, data, unique_on }),
  async run({ postgres }, { table, data, unique_on }) {
    await postgres.insert_row({ table, data, unique_on })
  }
})
