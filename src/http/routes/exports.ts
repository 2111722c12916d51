// Compliance exports: ordered, watched, downloaded, deleted. They are made in the background.
import * as z from 'zod'
import { fault, RunId, timeText, type ExportOrder } from '../../engine/index.ts'
import { applyChange, changeOf } from '../change.ts'
import type { Host } from '../host.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { idempotencyKeyOf, idempotentRunId } from '../run_id.ts'
import { count, ExportShown, NewExport, pageOf } from '../schema.ts'

/** An export deletes itself after so long. */
const KEEP_MS = 7 * 86_400_000
const ExportPath = z.strictObject({ export_id: RunId })
const Cursor = z
  .string()
  .regex(/^\d{1,15}\.[0-9a-f-]{36}$/, 'must be the next_cursor of the page before')
  .transform((text): readonly [number, string] => [Number(text.slice(0, text.indexOf('.'))), text.slice(text.indexOf('.') + 1)])

/** `POST /exports`. */
export const createExport = route({
  id: 'createExport',
  method: 'POST',
  path: '/exports',
  access: ['audit'],
  title: 'Order a compliance export',
  about:
    'A signed ZIP of a period: every receipt as a DSSE envelope, its proof, the checkpoints, the keys, a table, a statement of what is missing, and mappings to SOC 2, ISO 27001, GDPR, the EU AI Act and HIPAA. `from` is included, `to` is not. It is made in the background and deletes itself after seven days; that it was ordered is receipted as `export_created:<id>`. `enact receipts verify` checks it offline.',
  tag: 'exports',
  body: NewExport,
  idempotent: true,
  answers: { 202: { title: 'It is being made', schema: ExportShown } },
  async handle({ host, actor, body, headers }) {
    const { ports } = host
    const key = idempotencyKeyOf(headers)
    const created_at = ports.clock.now()
    const order: ExportOrder = {
      team_id: actor.team_id,
      export_id: key === null ? ports.ids.runId() : await idempotentRunId(actor, `POST /exports\n${key}`, ports),
      from: Date.parse(body.from),
      to: Date.parse(body.to),
      created_at,
      expires_at: created_at + KEEP_MS
    }
    const period = { from: timeText(order.from), to: timeText(order.to) }
    await applyChange(host, async () => {
      const change = changeOf(host, actor, `export_created:${order.export_id}`, order.export_id, null, period)
      const made = await host.exports.create(order, change)
      if (made === 'too_many') throw fault('rate_limited', 'this team has five exports under way: wait for one', { retryAfterSeconds: 60 })
      return { again: false, value: null, change: made === 'created' ? change : null }
    })
    const row = await found(host, actor.team_id, order.export_id)
    if (row.from !== period.from || row.to !== period.to)
      throw fault('idempotency_key_reused', 'this Idempotency-Key was used for an export of another period')
    if (row.status === 'RUNNING')
      await host.exports.start({ ...order, created_at: Date.parse(row.created_at), expires_at: Date.parse(row.expires_at) })
    return answer(202, row, { location: `/exports/${order.export_id}` })
  }
})

/** `GET /exports`. */
export const listExports = route({
  id: 'listExports',
  method: 'GET',
  path: '/exports',
  access: ['audit'],
  title: "List the team's exports",
  about: 'Newest first.',
  tag: 'exports',
  query: z.strictObject({ limit: count(1, 200, 50), cursor: Cursor.optional() }),
  answers: { 200: { title: 'A page of exports', schema: pageOf(ExportShown) } },
  async handle({ host, actor, query: { limit, cursor } }) {
    const rows = await host.exports.list(actor.team_id, cursor ?? null, limit + 1)
    const data = rows.slice(0, limit)
    const last = rows.length > limit ? data.at(-1)! : null
    const next_cursor = last === null ? null : `${Date.parse(last.created_at)}.${last.export_id}`
    return answer(200, { data, next_cursor, has_more: last !== null })
  }
})

/** `GET /exports/{export_id}`. */
export const readExport = route({
  id: 'readExport',
  method: 'GET',
  path: '/exports/:export_id',
  access: ['audit'],
  title: 'Look at an export',
  about: '`done` of `total` entries of the ledger are in it.',
  tag: 'exports',
  params: ExportPath,
  answers: { 200: { title: 'How far it is', schema: ExportShown } },
  async handle({ host, actor, params: { export_id } }) {
    return answer(200, await found(host, actor.team_id, export_id))
  }
})

/** `GET /exports/{export_id}/file`. */
export const downloadExport = route({
  id: 'downloadExport',
  method: 'GET',
  path: '/exports/:export_id/file',
  access: ['audit'],
  title: 'Download an export',
  about: '409 `export_not_ready` unless its status is DONE.',
  tag: 'exports',
  params: ExportPath,
  answers: { 200: { title: 'The ZIP', schema: z.string(), type: 'application/zip' } },
  async handle({ host, actor, params: { export_id } }) {
    const { status } = await found(host, actor.team_id, export_id)
    const file = status === 'DONE' ? await host.exports.file(actor.team_id, export_id) : null
    if (file === null) throw fault('export_not_ready', `export \`${export_id}\` is ${status}`, { retryAfterSeconds: 5 })
    return {
      status: 200,
      body: file.stream,
      headers: { 'content-type': 'application/zip', 'content-disposition': `attachment; filename="enact-export-${export_id}.zip"` }
    }
  }
})

/** `DELETE /exports/{export_id}`. */
export const deleteExport = route({
  id: 'deleteExport',
  method: 'DELETE',
  path: '/exports/:export_id',
  access: ['audit'],
  title: 'Delete an export',
  about: 'One that is still being made stops. That it was ordered stays receipted.',
  tag: 'exports',
  params: ExportPath,
  answers: { 204: { title: 'It is gone' } },
  async handle({ host, actor, params: { export_id } }) {
    if (!(await host.exports.remove(actor.team_id, export_id))) throw fault('not_found', `there is no export \`${export_id}\``)
    return answer(204)
  }
})

async function found(host: Host, teamId: string, exportId: string) {
  const row = await host.exports.get(teamId, exportId)
  if (row === null) throw fault('not_found', `there is no export \`${exportId}\``)
  return row
}
