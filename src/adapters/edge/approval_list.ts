// The team's approvals in D1: a projection of their objects, for lists alone; nothing decides by it.
import { and, desc, eq, lt, or, gt, lte, ne } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { timeText, type ApprovalList, type ApprovalRow } from '../../engine/index.ts'
import { approvals } from './approval_schema.ts'

/** Approvals over a D1 database. */
export function d1ApprovalList(db: D1Database): ApprovalList {
  const orm = drizzle(db)
  return {
    async list(teamId, status, before, limit, now) {
      const at = timeText(now)
      const isOver = lte(approvals.expiresAt, at)
      const pending = eq(approvals.status, 'PENDING')
      const wanted =
        status === null
          ? undefined
          : status === 'PENDING'
            ? and(pending, gt(approvals.expiresAt, at))
            : status === 'EXPIRED'
              ? or(eq(approvals.status, 'EXPIRED'), and(pending, isOver))
              : eq(approvals.status, status)
      const position = before === null ? null : before.split('/')
      const earlier =
        position === null
          ? undefined
          : or(lt(approvals.createdAt, position[0]!), and(eq(approvals.createdAt, position[0]!), lt(approvals.hitlId, position[1] ?? '')))
      const rows = await orm
        .select()
        .from(approvals)
        .where(and(eq(approvals.teamId, teamId), wanted, earlier))
        .orderBy(desc(approvals.createdAt), desc(approvals.hitlId))
        .limit(limit)
      return rows.map((row) => rowOf(row, at))
    },
    overdue(now, limit) {
      return orm
        .select({ team_id: approvals.teamId, hitl_id: approvals.hitlId })
        .from(approvals)
        .where(and(eq(approvals.status, 'PENDING'), lte(approvals.expiresAt, timeText(now))))
        .orderBy(approvals.expiresAt)
        .limit(limit)
    },
    async put(teamId, row) {
      const { workflow, status, decided_at, decided_by } = row
      const values = {
        teamId,
        hitlId: row.hitl_id,
        workflow,
        runId: row.run_id,
        status,
        userEmail: row.user_email,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
        decidedAt: decided_at,
        decidedBy: decided_by
      }
      const insert = orm.insert(approvals).values(values)
      if (status === 'PENDING') await insert.onConflictDoNothing()
      else
        await insert.onConflictDoUpdate({
          target: [approvals.teamId, approvals.hitlId],
          set: { status, decidedAt: decided_at, decidedBy: decided_by },
          setWhere: ne(approvals.status, status)
        })
    }
  }
}

function rowOf(row: typeof approvals.$inferSelect, now: string): ApprovalRow {
  const isOver = row.status === 'PENDING' && row.expiresAt <= now
  return {
    hitl_id: row.hitlId,
    workflow: row.workflow,
    run_id: row.runId,
    status: isOver ? 'EXPIRED' : row.status,
    user_email: row.userEmail,
    created_at: row.createdAt,
    expires_at: row.expiresAt,
    decided_at: isOver ? row.expiresAt : row.decidedAt,
    decided_by: row.decidedBy
  }
}
