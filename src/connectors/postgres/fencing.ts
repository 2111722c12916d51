// Fencing: whoever lost its locks while it was held up cannot write any more. The database remembers the newest token of each resource.
import type { CallContext } from '../../engine/connector.ts'
import type { Transaction } from './transaction.ts'
import { refuse } from './refusal.ts'
import { Refused } from './session.ts'

/** The table that remembers; no action reads or writes it, whatever the allow list says. */
export const FENCING_TABLE = 'enact_fencing'

const CREATE = `CREATE TABLE IF NOT EXISTS ${FENCING_TABLE} (
  scope text COLLATE "C" NOT NULL, resource text COLLATE "C" NOT NULL, fencing_token bigint NOT NULL, PRIMARY KEY (scope, resource))`

type Token = NonNullable<CallContext['fencing']>[number]

/**
 * Refuses with `stale_fencing_token` where somebody with a newer token has written to one of these resources, to one above it or below it;
 * else raises their tokens. Call it before the first statement of a write: what it read stays true until the transaction ends.
 */
export async function fence(tx: Transaction, given: CallContext['fencing']): Promise<void> {
  const { fencing, fencing_scope } = tx.limits
  const tokens = newestOf(given ?? [])
  if (fencing === 'off' || tokens.length === 0) return
  const hasTable = await queueUp(tx, fencing_scope, tokens)
  if (!hasTable) await createTable(tx)
  await refuseStale(tx, fencing_scope, tokens)
  await tx.query(
    `INSERT INTO ${FENCING_TABLE} AS f SELECT $1::text, * FROM unnest($2::text[], $3::bigint[])
     ON CONFLICT (scope, resource) DO UPDATE SET fencing_token = excluded.fencing_token WHERE f.fencing_token < excluded.fencing_token`,
    [fencing_scope, tokens.map((token) => token.resource), tokens.map((token) => String(token.fencing_token))]
  )
}

/** Each resource of this system once, with its newest token, in one order for all. */
function newestOf(given: readonly Token[]): Token[] {
  const newest = new Map<string, number>()
  for (const { resource, fencing_token } of given) {
    if (resource === 'postgres' || resource.startsWith('postgres/'))
      newest.set(resource, Math.max(fencing_token, newest.get(resource) ?? fencing_token))
  }
  return [...newest].map(([resource, fencing_token]) => ({ resource, fencing_token })).sort((a, b) => (a.resource < b.resource ? -1 : 1))
}

/**
 * Writers to the same resource, or to one above the other, go one after the other; all others go at once.
 * Without it two of them could each find that the other has not written yet. Says whether the table is there.
 */
async function queueUp(tx: Transaction, scope: string, tokens: readonly Token[]): Promise<boolean> {
  const own = new Set(tokens.map((token) => token.resource))
  const paths = [...new Set(tokens.flatMap((token) => pathsTo(token.resource)))].sort()
  const { rows } = await tx.query(
    `SELECT CASE WHEN is_own THEN pg_advisory_xact_lock(key) ELSE pg_advisory_xact_lock_shared(key) END::text, (to_regclass('${FENCING_TABLE}') IS NOT NULL)::text
     FROM (SELECT hashtextextended('${FENCING_TABLE} ' || $1::text || ' ' || path, 0) AS key, is_own FROM unnest($2::text[], $3::bool[]) AS p (path, is_own)) AS keys`,
    [scope, paths, paths.map((path) => String(own.has(path)))]
  )
  return rows[0]?.[1] === 'true'
}

/** Behind a lock of its own: of two that create it at once, the second would fail. */
async function createTable(tx: Transaction): Promise<void> {
  try {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('${FENCING_TABLE}', 0))::text`)
    await tx.query(CREATE)
  } catch (error) {
    // The role may not, or sees no schema to make it in.
    if (!(error instanceof Refused) || !['42501', '3F000'].includes(error.state)) throw error
    const sql = CREATE.replaceAll(/\s+/g, ' ')
    throw refuse(
      'no_fencing_table',
      `locks are enforced in table \`${FENCING_TABLE}\`, which this role may not create: run \`${sql}\`, or set \`fencing: 'off'\``
    )
  }
}

/** A token outranks what it is compared with by its own resource, or by any other of the run's that stands above or below. */
async function refuseStale(tx: Transaction, scope: string, tokens: readonly Token[]): Promise<void> {
  const ranges = tokens.flatMap(({ resource, fencing_token }) => [
    ...pathsTo(resource).map((path) => ({ from: path, to: path, fencing_token })),
    // Everything below: no resource holds a character beyond ASCII.
    { from: `${resource}/`, to: `${resource}/\u{10ffff}`, fencing_token }
  ])
  const { rows } = await tx.query(
    `SELECT f.resource, f.fencing_token::text, max(mine.token)::text FROM unnest($2::text[], $3::text[], $4::bigint[]) AS mine (low, high, token)
     JOIN ${FENCING_TABLE} AS f ON f.scope = $1 AND f.resource >= mine.low COLLATE "C" AND f.resource <= mine.high COLLATE "C"
     GROUP BY f.resource, f.fencing_token HAVING f.fencing_token > max(mine.token) ORDER BY 1 LIMIT 1`,
    [scope, ranges.map((range) => range.from), ranges.map((range) => range.to), ranges.map((range) => String(range.fencing_token))]
  )
  const [resource, newest, mine] = rows[0] ?? []
  if (resource !== undefined)
    throw refuse(
      'stale_fencing_token',
      `somebody wrote to \`${resource}\` under a newer lock (token ${newest}, ours is ${mine}): this run lost its lock before it came to write`
    )
}

/** The resource and everything above it, the widest first. */
function pathsTo(resource: string): string[] {
  const segments = resource.split('/')
  return segments.map((_, i) => segments.slice(0, i + 1).join('/'))
}
