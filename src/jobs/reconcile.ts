// The reconciler: goes through every team's ledger, range by range, and proves that the index says the same. What differs is reported and written anew.
import { messageOf, type Clock, type Finding, type IndexPrint, type JsonObject, type LedgerDigest, type Signal } from '../engine/index.ts'

/** Runs compared per team and round; the next round goes on where this one ended. */
const RANGE = 500
/** Teams per round, those first that waited longest: a round makes about five calls a team, of the thousand it may make. */
const TEAMS_MAX = 100

/** What it needs of the ledger, the index and the list of teams. */
export interface Reconciling {
  readonly directory: {
    /** Teams and where to go on with each, longest unvisited first. */
    toReconcile(limit: number): Promise<{ team_id: string; from: number }[]>
    reconciled(teamId: string, next: number, now: number): Promise<void>
  }
  readonly ledger: {
    project(teamId: string): Promise<unknown>
    digests(teamId: string, from: number, limit: number): Promise<LedgerDigest[]>
    digest(teamId: string, runId: string): Promise<LedgerDigest | null>
    reproject(teamId: string, runIds: readonly string[]): Promise<void>
  }
  readonly index: {
    prints(teamId: string, from: number, to: number): Promise<IndexPrint[]>
    print(teamId: string, runId: string): Promise<IndexPrint | null>
    remove(teamId: string, runIds: readonly string[]): Promise<void>
    record(found: readonly Finding[], now: number): Promise<void>
  }
  /** Never rejects. */
  alarm(teamId: string, ...signals: readonly Signal[]): Promise<void>
  readonly clock: Clock
  log(entry: JsonObject): void
}

/** One round. A team whose round fails is logged, and the others get theirs. */
export async function reconcile(parts: Reconciling): Promise<void> {
  for (const { team_id, from } of await parts.directory.toReconcile(TEAMS_MAX)) {
    try {
      const found = await reconcileTeam(parts, team_id, from)
      if (found.length > 0) await report(parts, found)
    } catch (error) {
      parts.log({ level: 'error', event: 'reconcile_failed', team_id, error: messageOf(error) })
    }
  }
}

/** One range of one team. The last range has no end, so that rows beyond the ledger are found too. */
export async function reconcileTeam(parts: Reconciling, teamId: string, from: number): Promise<Finding[]> {
  const { directory, ledger, index, clock } = parts
  await ledger.project(teamId)
  const digests = await ledger.digests(teamId, from, RANGE + 1)
  const next = digests[RANGE]?.position
  const prints = await index.prints(teamId, from, next ?? Number.MAX_SAFE_INTEGER)
  const suspects = suspectsOf(digests.slice(0, RANGE), prints)
  const found: Finding[] = []
  for (const runId of suspects) found.push(...(await settle(parts, teamId, runId)))
  await directory.reconciled(teamId, next ?? 0, clock.now())
  return found
}

/** Runs that are not the same on both sides, or damaged in the ledger. */
export function suspectsOf(digests: readonly LedgerDigest[], prints: readonly IndexPrint[]): string[] {
  const shown = new Map(prints.map((print) => [print.run_id, print]))
  const suspects = digests
    .filter((digest) => digest.damaged || !isSame(digest, shown.get(digest.run_id) ?? null))
    .map(({ run_id }) => run_id)
  const known = new Set(digests.map(({ run_id }) => run_id))
  return [...suspects, ...prints.filter(({ run_id }) => !known.has(run_id)).map(({ run_id }) => run_id)]
}

/** Looks at one run again, for a revision may have come in between, and writes it anew where it really differs. */
async function settle({ ledger, index }: Reconciling, teamId: string, runId: string): Promise<Finding[]> {
  await ledger.project(teamId)
  const digest = await ledger.digest(teamId, runId)
  const print = await index.print(teamId, runId)
  const finding = { team_id: teamId, run_id: runId, position: digest?.position ?? print?.position ?? 0 }
  if (digest === null) {
    if (print === null) return []
    await index.remove(teamId, [runId])
    return [{ ...finding, kind: 'surplus', repaired: true }]
  }
  // INVARIANT: a ledger that does not hold is never written over an index that may still have the truth.
  if (digest.damaged) return [{ ...finding, kind: 'ledger_damaged', repaired: false }]
  if (isSame(digest, print)) return []
  if (digest.erased) {
    await index.remove(teamId, [runId])
    return [{ ...finding, kind: 'surplus', repaired: (await index.print(teamId, runId)) === null }]
  }
  if (print !== null) await index.remove(teamId, [runId])
  await ledger.reproject(teamId, [runId])
  return [{ ...finding, kind: print === null ? 'missing' : 'differs', repaired: isSame(digest, await index.print(teamId, runId)) }]
}

/** What is erased must not be in the index any more; everything else must, and say the same. */
function isSame(digest: LedgerDigest, print: IndexPrint | null): boolean {
  if (digest.erased) return print === null
  if (print === null || !print.sound) return false
  const { damaged: _damaged, erased: _erased, ...told } = digest
  const { sound: _sound, ...shown } = print
  return (['position', 'run_id', 'revision', 'place', 'signatures'] as const).every(
    (key) => JSON.stringify(told[key]) === JSON.stringify(shown[key])
  )
}

async function report({ index, alarm, clock, log }: Reconciling, found: readonly Finding[]): Promise<void> {
  for (const finding of found) log({ level: 'error', event: 'receipts_differ', ...finding })
  await index.record(found, clock.now())
  const at = clock.now()
  // All of one team's: together they are one step.
  const signals: Signal[] = found.map(({ run_id, kind, repaired }) => ({ kind: 'tamper', finding: { run_id, kind, repaired, at } }))
  await alarm(found[0]!.team_id, ...signals)
}
