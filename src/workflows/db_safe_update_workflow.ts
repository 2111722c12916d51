// db_safe_update_workflow: rows that are named and there are changed, all of them or none.
import * as z from 'zod'
import { postgres } from '../connectors/index.ts'
import { defineWorkflow } from '../engine/workflow.ts'

const { table, where, data } = postgres.actions.update_row.input.shape

/**
 * Sets the columns in `data` of the rows that match `where`, in one transaction. Where they hold these values already it is ALREADY;
 * that rows match at all, and how many, is for `require_row_exists` and `dont_update_without_where` to see to.
 */
export const dbSafeUpdateWorkflow = defineWorkflow({
  id: 'db_safe_update_workflow',
  title: 'Change rows that exist',
  payload: z.strictObject({
    table,
    where,
    data,
    /** What the access policies read; at the edge the gate sets the role from the key. */
    actor_role: z.string().optional(),
    pii_fields: z.array(z.string()).optional()
  }),
  uses: { postgres: postgres.uses('update_row') },
  resources: ({ table, where, data }) => postgres.actions.update_row.resources({ table, where, data }),
  async run({ postgres }, { table, where, data }) {
    await postgres.update_row({ table, where, data })
  }
})
