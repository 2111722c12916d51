// The exports of all teams: their list in D1, their objects by team and id.
import type { ExportCalls } from '../../../durable/export.ts'
import { timeText, type ExportDoor, type ExportOrder, type ExportProgress, type ExportRow } from '../../engine/index.ts'
import { changeInto } from './changes.ts'

/** A team has so many under way at once. */
const RUNNING_MAX = 5

const COLUMNS = 'team_id, export_id, from_at, to_at, status, done, total, size_bytes, detail, created_at, expires_at'
const CREATE = `INSERT INTO exports (team_id, export_id, from_at, to_at, status, created_at, expires_at)
  SELECT ?1, ?3, ?4, ?5, 'RUNNING', ?6, ?7 WHERE EXISTS (SELECT 1 FROM changes WHERE team_id = ?1 AND run_id = ?2)`
const MAY_RUN = `(SELECT count(*) FROM exports WHERE team_id = ?1 AND status = 'RUNNING') < ${RUNNING_MAX}
  AND NOT EXISTS (SELECT 1 FROM exports WHERE team_id = ?1 AND export_id = ?3)`

interface Row {
  readonly team_id: string
  readonly export_id: string
  readonly from_at: number
  readonly to_at: number
  readonly status: ExportProgress['status']
  readonly done: number
  readonly total: number
  readonly size_bytes: number | null
  readonly detail: string | null
  readonly created_at: number
  readonly expires_at: number
}

/** Exports, and what their objects and the sweep need of the list. */
export interface EdgeExports extends ExportDoor {
  /** False = the list does not have it. */
  tell(order: ExportOrder, progress: ExportProgress): Promise<boolean>
  forget(order: Pick<ExportOrder, 'team_id' | 'export_id'>): Promise<void>
  /** Makes sure that it goes on. */
  start(order: ExportOrder): Promise<void>
  /** Those that were begun before `before` and are not over; those that were to be gone by then. */
  running(before: number, limit: number): Promise<ExportOrder[]>
  expired(before: number, limit: number): Promise<ExportOrder[]>
}

/** INVARIANT: the name begins with the team, so that no team's id leads to another's export. */
export function edgeExports(db: D1Database, namespace: DurableObjectNamespace): EdgeExports {
  const stub = (teamId: string, exportId: string) => namespace.get(namespace.idFromName(`${teamId}/${exportId}`)) as unknown as ExportCalls
  const forget: EdgeExports['forget'] = async ({ team_id, export_id }) => {
    await db.prepare('DELETE FROM exports WHERE team_id = ?1 AND export_id = ?2').bind(team_id, export_id).run()
  }
  const rowsOf = async (query: string, ...values: (string | number)[]) =>
    (
      await db
        .prepare(query)
        .bind(...values)
        .all<Row>()
    ).results
  const find = async (teamId: string, exportId: string) =>
    (await rowsOf(`SELECT ${COLUMNS} FROM exports WHERE team_id = ?1 AND export_id = ?2`, teamId, exportId))[0] ?? null
  return {
    async create(order, change) {
      const { team_id, export_id, from, to, created_at, expires_at } = order
      const made = db.prepare(CREATE).bind(team_id, change.run_id, export_id, from, to, created_at, expires_at)
      const [taken] = await db.batch([changeInto(db, change, MAY_RUN, [export_id]), made])
      if (taken!.meta.changes > 0) return 'created'
      return (await find(team_id, export_id)) === null ? 'too_many' : 'exists'
    },
    async start(order) {
      await stub(order.team_id, order.export_id).start(order)
    },
    async list(teamId, before, limit) {
      const [at, id] = before ?? [Number.MAX_SAFE_INTEGER, '']
      const rows = await rowsOf(
        `SELECT ${COLUMNS} FROM exports WHERE team_id = ?1 AND (created_at < ?2 OR (created_at = ?2 AND export_id < ?3)) ORDER BY created_at DESC, export_id DESC LIMIT ?4`,
        teamId,
        at,
        id,
        limit
      )
      return rows.map(shownRow)
    },
    async get(teamId, exportId) {
      const row = await find(teamId, exportId)
      if (row === null) return null
      const progress = row.status === 'RUNNING' ? await stub(teamId, exportId).progress() : null
      return { ...shownRow(row), ...progress }
    },
    async file(teamId, exportId) {
      const row = await find(teamId, exportId)
      const progress = row === null ? null : await stub(teamId, exportId).progress()
      const size = progress?.size_bytes ?? null
      if (size === null) return null
      const stream = await stub(teamId, exportId).file()
      // A length that is known is said, and a download that was cut off is noticed.
      return stream === null ? null : { size, stream: stream.pipeThrough(new FixedLengthStream(size)) }
    },
    async remove(teamId, exportId) {
      if ((await find(teamId, exportId)) === null) return false
      // First off the list: an object that finds itself gone from there deletes itself.
      await forget({ team_id: teamId, export_id: exportId })
      await stub(teamId, exportId).remove()
      return true
    },
    async tell({ team_id, export_id }, { status, done, total, size_bytes, detail }) {
      const told = await db
        .prepare(
          'UPDATE exports SET status = ?3, done = ?4, total = ?5, size_bytes = ?6, detail = ?7 WHERE team_id = ?1 AND export_id = ?2'
        )
        .bind(team_id, export_id, status, done, total, size_bytes, detail)
        .run()
      return told.meta.changes > 0
    },
    forget,
    running: async (before, limit) =>
      (
        await rowsOf(
          `SELECT ${COLUMNS} FROM exports WHERE status = 'RUNNING' AND created_at < ?1 ORDER BY created_at LIMIT ?2`,
          before,
          limit
        )
      ).map(orderOf),
    expired: async (before, limit) =>
      (await rowsOf(`SELECT ${COLUMNS} FROM exports WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2`, before, limit)).map(orderOf)
  }
}

function shownRow({ export_id, from_at, to_at, status, done, total, size_bytes, detail, created_at, expires_at }: Row): ExportRow {
  const times = { from: timeText(from_at), to: timeText(to_at), created_at: timeText(created_at), expires_at: timeText(expires_at) }
  return { export_id, status, done, total, size_bytes, detail, ...times }
}

function orderOf({ team_id, export_id, from_at, to_at, created_at, expires_at }: Row): ExportOrder {
  return { team_id, export_id, from: from_at, to: to_at, created_at, expires_at }
}
