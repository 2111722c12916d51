// Shares in D1: a share is written with the change that says so, in one transaction.
import { SHARES_MAX, type Change, type ShareRecord, type Shares, type SharePart } from '../../engine/index.ts'
import { changeInto } from './changes.ts'

const COLUMNS = 'share_id, team_id, run_id, show, shared_by, created_at, expires_at, revoked_at'
const CHANGED = 'EXISTS (SELECT 1 FROM changes WHERE team_id = ?1 AND run_id = ?2)'
const HAS_ROOM =
  '(SELECT count(*) FROM shares WHERE team_id = ?1 AND run_id = ?3 AND revoked_at IS NULL AND expires_at > ?4) < ?5 AND NOT EXISTS (SELECT 1 FROM shares WHERE hash = ?6)'
const INSERT = `INSERT INTO shares (team_id, hash, share_id, run_id, show, shared_by, created_at, expires_at) SELECT ?1, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE ${CHANGED}`
const IS_LIVE = 'EXISTS (SELECT 1 FROM shares WHERE team_id = ?1 AND share_id = ?3 AND revoked_at IS NULL)'
const REVOKE = `UPDATE shares SET revoked_at = ?4 WHERE team_id = ?1 AND share_id = ?3 AND revoked_at IS NULL AND ${CHANGED}`
const LIST_MAX = 200

type Row = Omit<ShareRecord, 'show'> & { readonly show: string }

/** Shares over a D1 database. */
export function d1Shares(db: D1Database): Shares {
  const first = async (condition: string, ...values: string[]) => {
    const row = await db
      .prepare(`SELECT ${COLUMNS} FROM shares WHERE ${condition}`)
      .bind(...values)
      .first<Row>()
    return row === null ? null : shareOf(row)
  }
  const both = async (change: Change, condition: string, values: (string | number)[], statement: D1PreparedStatement) => {
    const [taken] = await db.batch([changeInto(db, change, condition, values), statement])
    return taken!.meta.changes > 0
  }
  return {
    find: (tokenHash) => first('hash = ?1', tokenHash),
    get: (teamId, shareId) => first('team_id = ?1 AND share_id = ?2', teamId, shareId),
    async list(teamId, runId) {
      const page = db.prepare(`SELECT ${COLUMNS} FROM shares WHERE team_id = ?1 AND run_id = ?2 ORDER BY created_at DESC LIMIT ${LIST_MAX}`)
      return (await page.bind(teamId, runId).all<Row>()).results.map(shareOf)
    },
    async create(share, tokenHash, change) {
      const { share_id, team_id, run_id, show, shared_by, created_at, expires_at } = share
      const values = [team_id, change.run_id, tokenHash, share_id, run_id, JSON.stringify(show), shared_by, created_at, expires_at]
      const written = await both(change, HAS_ROOM, [run_id, created_at, SHARES_MAX, tokenHash], db.prepare(INSERT).bind(...values))
      return written ? 'written' : 'full'
    },
    async revoke({ team_id, share_id }, at, change) {
      const written = await both(change, IS_LIVE, [share_id], db.prepare(REVOKE).bind(team_id, change.run_id, share_id, at))
      return written ? 'written' : 'moved_on'
    }
  }
}

function shareOf(row: Row): ShareRecord {
  return { ...row, show: JSON.parse(row.show) as SharePart[] }
}
