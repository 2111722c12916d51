// The three acts: what the agent asks for, what is answered, and what Postgres itself says before and after.
import type { JsonObject } from '../../engine/index.ts'
import type { ExportEntry } from '../receipts/export_format.ts'
import { EMAIL, type Answer } from './agent.ts'
import { EXPIRED, type Table } from './customers.ts'
import type { Stage } from './stage.ts'

/** A receipt as it was stored, and what it is of. */
export interface Exhibit extends ExportEntry {
  readonly label: string
}

/** What was sent, word for word. */
export interface Asked {
  readonly path: string
  readonly body: JsonObject
}

/** One act. */
export interface Act {
  readonly act: 'BLOCK' | 'PASS' | 'ROLLBACK'
  readonly asked: Asked
  readonly answer: Answer
  readonly before: Table
  readonly after: Table
  readonly exhibits: readonly Exhibit[]
}

/** A rollback and the dry run that went before it. */
export interface Rollback extends Act {
  readonly rehearsal: Pick<Act, 'asked' | 'answer' | 'after'>
}

/** All of them. */
export interface Acts {
  readonly block: Act
  readonly pass: Act
  readonly rollback: Rollback
}

/** `DELETE FROM customers`, with no WHERE. */
export function block(stage: Stage): Promise<Act> {
  return deletion(stage, 'BLOCK', {})
}

/** Five of forty-seven rows, named by a condition. */
export function pass(stage: Stage): Promise<Act> {
  return deletion(stage, 'PASS', { plan: EXPIRED })
}

async function deletion({ agent, look }: Stage, act: Act['act'], where: JsonObject): Promise<Act> {
  const asked = { path: '/runs', body: { workflow: 'delete_row', user_email: EMAIL, payload: { table: 'customers', where } } }
  const before = await look()
  const answer = await agent.post(asked.path, asked.body)
  const after = await look()
  return { act, asked, answer, before, after, exhibits: [{ label: act, ...(await agent.entry(answer.run_id)) }] }
}

/** First what would be done, then the doing. The original's receipt gets a revision that names its rollback. */
export async function rollBack({ agent, look }: Stage, original: Act): Promise<Rollback> {
  const { run_id } = original.answer
  const path = `/runs/${run_id}/rollback`
  const before = await look()
  const planned = { path, body: { dry_run: true } }
  const rehearsal = { asked: planned, answer: await agent.post(path, planned.body), after: await look() }
  const asked = { path, body: {} }
  const answer = await agent.post(path, asked.body)
  const after = await look()
  const exhibits = [
    { label: 'dry run', ...(await agent.entry(rehearsal.answer.run_id)) },
    { label: 'ROLLBACK', ...(await agent.entry(answer.run_id)) },
    { label: `${original.act}, linked to its rollback`, ...(await agent.entry(run_id)) }
  ]
  return { act: 'ROLLBACK', asked, answer, before, after, rehearsal, exhibits }
}
