// Receipts in D1: written by the ledger's pump, read by lists, compared by the reconciler.
import { drizzle } from 'drizzle-orm/d1'
import { Fault, hex, leafHash, preAuthEncoding, receiptPage } from '../../engine/index.ts'
import type {
  Clock,
  Finding,
  Hash,
  IndexPrint,
  LedgerPlace,
  LedgerRow,
  Receipt,
  ReceiptFilter,
  ReceiptIndex,
  ReceiptRow,
  Signature
} from '../../engine/index.ts'
import { columnsOf, type Columns } from './columns.ts'
import { entryOf, receiptOf } from './ledger.ts'
import { countsOf, keyCountsStatement } from './key_counts.ts'
import { histogramStatement, listStatement, type Statement } from './list_sql.ts'
import { relatedReceipts } from './related.ts'
import { findings } from './schema.ts'

/** Receipts to search, and what the pump and the reconciler need. */
export interface EdgeReceipts extends ReceiptIndex {
  /** Writes rows, each the newest revision of its run; an older one never replaces a newer one. */
  put(teamId: string, rows: readonly LedgerRow[]): Promise<void>
  /** Rows with positions in [from, to), in their order. */
  prints(teamId: string, from: number, to: number): Promise<IndexPrint[]>
  print(teamId: string, runId: string): Promise<IndexPrint | null>
  /** Takes rows out, so that they can be written anew or stay away. */
  remove(teamId: string, runIds: readonly string[]): Promise<void>
  record(found: readonly Finding[], now: number): Promise<void>
}

// INVARIANT: one bound parameter a statement, whatever the number of rows: D1 takes a hundred.
const PUT = `INSERT INTO receipts (team_id, run_id, position, revision, workflow, decision, outcome, user_email, agent, api_key_id, run_mode, seq, at, words, body, signatures, place)
  SELECT value ->> 'team_id', value ->> 'run_id', value ->> 'position', value ->> 'revision', value ->> 'workflow', value ->> 'decision', value ->> 'outcome',
    value ->> 'user_email', value ->> 'agent', value ->> 'api_key_id', value ->> 'run_mode', value ->> 'seq', value ->> 'at', value ->> 'words', value ->> 'body', value ->> 'signatures', value ->> 'place' FROM json_each(?1) WHERE true
  ON CONFLICT (team_id, run_id) DO UPDATE SET position = excluded.position, revision = excluded.revision, workflow = excluded.workflow, decision = excluded.decision,
    outcome = excluded.outcome, user_email = excluded.user_email, agent = excluded.agent, api_key_id = excluded.api_key_id, run_mode = excluded.run_mode, seq = excluded.seq, at = excluded.at, words = excluded.words, body = excluded.body, signatures = excluded.signatures,
    place = excluded.place WHERE excluded.revision >= receipts.revision`
const UNTAG = `DELETE FROM receipt_tags WHERE (team_id, position) IN (SELECT value ->> 'team_id', value ->> 'position' FROM json_each(?1))`
const TAG = `INSERT OR IGNORE INTO receipt_tags (team_id, kind, value, position)
  SELECT row.value ->> 'team_id', substr(tag.value, 1, instr(tag.value, ':') - 1), substr(tag.value, instr(tag.value, ':') + 1), row.value ->> 'position'
  FROM json_each(?1) AS row, json_each(row.value, '$.tags') AS tag`
const REMOVE = `DELETE FROM receipts WHERE team_id = ?1 AND run_id IN (SELECT value FROM json_each(?2))`
const PRINT = `SELECT *, (SELECT json_group_array(kind || ':' || value) FROM receipt_tags t WHERE t.team_id = receipts.team_id AND t.position = receipts.position) AS tags
  FROM receipts WHERE team_id = ?1`

/** The index over a D1 database; `long` reads a receipt whose body is too long for a row. */
export function d1Receipts(db: D1Database, hash: Hash, long: Long, clock: Clock): EdgeReceipts {
  const orm = drizzle(db)
  const all = async <Row>({ sql, values }: Statement) =>
    (
      await db
        .prepare(sql)
        .bind(...values)
        .all<Row>()
    ).results
  const rowsOf = async (teamId: string, filter: ReceiptFilter, cursor: number | null, limit: number) =>
    Promise.all(
      (await all<StoredRow>(listStatement(teamId, filter, cursor, limit, clock.now()))).map(async (row) => ({
        position: row.position,
        receipt: row.body === null ? await long(teamId, row.run_id).catch(nothingWhereErased) : read(row.body, row)
      }))
    )
  return {
    list: async (...asked) => (await rowsOf(...asked)).filter((row): row is ReceiptRow => row.receipt !== null),
    async page(teamId, filter, cursor, limit) {
      const rows = await rowsOf(teamId, filter, cursor, limit + 1)
      // INVARIANT: whether there is more is told by rows, not by what is left of them.
      const page = receiptPage(rows as ReceiptRow[], limit)
      return { ...page, data: page.data.filter((receipt) => receipt !== null) }
    },
    async histogram(teamId, filter, from, bucketMs, buckets) {
      const rows = await all<{ at: number; counts: string }>(histogramStatement(teamId, filter, from, bucketMs, buckets, clock.now()))
      return rows.map(({ at, counts }) => {
        const [pass, block, partial] = JSON.parse(counts) as [number, number, number]
        return { at, pass, block, partial }
      })
    },
    related: (teamId, receipt) => relatedReceipts(db, teamId, receipt),
    countsOfKeys: async (teamId, keyIds, since) => countsOf(await all(keyCountsStatement(teamId, keyIds, since))),
    async put(teamId, rows) {
      const json = JSON.stringify(rows.map((row) => columnsOf(teamId, row)))
      await db.batch([PUT, UNTAG, TAG].map((statement) => db.prepare(statement).bind(json)))
    },
    async prints(teamId, from, to) {
      const { results } = await db.prepare(`${PRINT} AND position >= ?2 AND position < ?3 ORDER BY position`).bind(teamId, from, to).all()
      return Promise.all(results.map((row) => printOf(row, hash, long)))
    },
    async print(teamId, runId) {
      const row = await db.prepare(`${PRINT} AND run_id = ?2`).bind(teamId, runId).first()
      return row === null ? null : printOf(row, hash, long)
    },
    async remove(teamId, runIds) {
      await db.prepare(REMOVE).bind(teamId, JSON.stringify(runIds)).run()
    },
    async record(found, now) {
      const at = new Date(now).toISOString()
      for (const { team_id, position, run_id, kind, repaired } of found)
        await orm.insert(findings).values({ at, teamId: team_id, position, runId: run_id, kind, repaired })
    }
  }
}

/** What was erased is not in lists; its place in the ledger still is. */
function nothingWhereErased(error: unknown): null {
  if (error instanceof Fault && error.status === 410) return null
  throw error
}

function read(body: string, row: { signatures: string; place: string }): Receipt {
  return receiptOf({ body, signatures: JSON.parse(row.signatures) as Signature[], place: JSON.parse(row.place) as LedgerPlace })
}

interface StoredRow {
  readonly position: number
  readonly run_id: string
  readonly body: string | null
  readonly signatures: string
  readonly place: string
}

type Long = (teamId: string, runId: string) => Promise<Receipt | null>

/** INVARIANT: says of a row only what its text proves; a row that was changed anywhere is not sound. */
async function printOf(raw: Record<string, unknown>, hash: Hash, long: Long): Promise<IndexPrint> {
  const row = raw as unknown as Omit<Columns, 'tags'> & { tags: string }
  const given: Columns = { ...row, tags: (parsed(row.tags) as string[]).sort() }
  const place = parsed(row.place) as LedgerPlace
  const signatures = parsed(row.signatures) as Signature[]
  const { team_id, position, run_id, revision } = row
  const body = row.body ?? textOf(await long(team_id, run_id))
  const sound = isSound(given, { position, run_id, revision, body, place, signatures }, hash)
  return { position, run_id, revision, place, signatures, sound }
}

function isSound(given: Columns, row: LedgerRow, hash: Hash): boolean {
  try {
    const made = columnsOf(given.team_id, row)
    const leaf = hex(leafHash(preAuthEncoding(hash.utf8(row.body), hash), hash))
    return (
      leaf === row.place.leaf &&
      Object.entries(made).every(([name, value]) => JSON.stringify(value) === JSON.stringify(given[name as keyof Columns]))
    )
  } catch {
    return false
  }
}

/** The text that was signed, of a receipt that is too long for a row. */
function textOf(receipt: Receipt | null): string {
  return receipt === null ? '' : entryOf(receipt).body
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
