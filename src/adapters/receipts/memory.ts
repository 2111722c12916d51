// Receipts in memory: gone with the process, otherwise exactly as the other stores.
import { hex, leafOf, matchesFilter, receiptPage } from '../../engine/index.ts'
import type { Clock, Hash, Receipt, ReceiptRow } from '../../engine/index.ts'
import { systemClock } from '../clock/system.ts'
import { nodeHash } from '../hash/index.ts'
import { ledgerTree } from '../ledger/index.ts'
import type { LedgerTree } from '../ledger/index.ts'
import { checkReceipt, samePlace } from './store.ts'
import type { ReceiptStore } from './store.ts'

interface Run {
  readonly position: number
  readonly revisions: Map<number, Receipt>
}

interface Team {
  readonly tree: LedgerTree
  /** In the order of their positions. */
  readonly runs: Map<string, Run>
}

/** A store that forgets everything when the process ends. What it gives out is a copy: nobody changes a stored receipt. */
export function memoryReceipts(hash: Hash = nodeHash, clock: Clock = systemClock): ReceiptStore {
  const teams = new Map<string, Team>()
  const newest = ({ revisions }: Run) => revisions.get(Math.max(...revisions.keys()))!
  return {
    async append(teamId, receipt) {
      const unplaced = checkReceipt(teamId, receipt)
      const leaf = leafOf(unplaced, hash)
      const team = teams.get(teamId) ?? { tree: ledgerTree(hash), runs: new Map<string, Run>() }
      teams.set(teamId, team)
      const run = team.runs.get(receipt.run_id) ?? { position: team.tree.size, revisions: new Map<number, Receipt>() }
      const stored = run.revisions.get(receipt.revision)
      if (stored !== undefined) return { ...samePlace(stored, hex(leaf)) }
      const ledger = team.tree.append(leaf)
      team.runs.set(receipt.run_id, run)
      run.revisions.set(receipt.revision, structuredClone({ ...unplaced, ledger }))
      return { ...ledger }
    },
    async latest(teamId, runId) {
      const run = teams.get(teamId)?.runs.get(runId)
      return run === undefined ? null : structuredClone(newest(run))
    },
    async get(teamId, runId, revision) {
      const run = teams.get(teamId)?.runs.get(runId)
      if (run === undefined) return null
      return structuredClone((revision === undefined ? newest(run) : run.revisions.get(revision)) ?? null)
    },
    async list(teamId, query) {
      const rows: ReceiptRow[] = []
      for (const run of [...(teams.get(teamId)?.runs.values() ?? [])].reverse()) {
        if (query.cursor !== undefined && run.position >= query.cursor) continue
        const receipt = newest(run)
        if (matchesFilter(receipt, query, clock.now())) rows.push({ position: run.position, receipt: structuredClone(receipt) })
        if (rows.length > query.limit) break
      }
      return receiptPage(rows, query.limit)
    }
  }
}
