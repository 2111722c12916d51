// Lists, counts and relations over a folder's index: the answers that D1 gives an installation.
import type { FolderIndex, FolderRow } from '../../adapters/receipts/index.ts'
import {
  linkedIds,
  matchesFilter,
  receiptPage,
  RELATED_MAX,
  relationFrom,
  relationTo,
  type HistogramBucket,
  type Receipt,
  type ReceiptFilter,
  type ReceiptIndex,
  type ReceiptPage,
  type ReceiptRow,
  type RelatedReceipt
} from '../../engine/index.ts'

const FIELDS = { PASS: 'pass', BLOCK: 'block', PARTIAL: 'partial' } as const

/** Searches `index`, as of its last refresh. What is damaged is told in every page, and never passed over in silence. */
export function folderViews(index: FolderIndex): Pick<ReceiptIndex, 'page' | 'histogram' | 'related'> {
  return {
    async page(teamId, filter, cursor, limit): Promise<ReceiptPage> {
      const damaged = new Set<string>()
      const rows: ReceiptRow[] = []
      for await (const row of matching(index, filter)) {
        if (cursor !== null && row.position >= cursor) continue
        const { receipt, problem } = await index.show(row)
        if (problem !== null) damaged.add(problem)
        if (receipt?.team_id === teamId) rows.push({ position: row.position, receipt })
        else if (receipt !== null) damaged.add(`${receipt.run_id}: of team \`${receipt.team_id}\`, not of \`${teamId}\``)
        if (rows.length > limit) break
      }
      for (const problem of index.damaged()) damaged.add(problem)
      const page = receiptPage(rows, limit)
      return damaged.size === 0 ? page : { ...page, damaged: [...damaged] }
    },
    async histogram(_teamId, filter, from, bucketMs, count): Promise<HistogramBucket[]> {
      const buckets = Array.from({ length: count }, (_, i) => ({ at: from + i * bucketMs, pass: 0, block: 0, partial: 0 }))
      for await (const { receipt } of matching(index, filter)) {
        const bucket = buckets[Math.floor((Date.parse(receipt.timestamp) - from) / bucketMs)]
        if (bucket !== undefined) bucket[FIELDS[receipt.decision]]++
      }
      return buckets
    },
    async related(_teamId, receipt): Promise<RelatedReceipt[]> {
      const { run_id, actor } = receipt
      const wanted = new Set(linkedIds(receipt))
      const [named, naming, session]: [RelatedReceipt[], RelatedReceipt[], RelatedReceipt[]] = [[], [], []]
      for await (const { receipt: other } of index.rows()) {
        if (other.run_id === run_id) continue
        if (wanted.has(other.run_id)) named.push(shown(other, relationTo(receipt, other.run_id)))
        else if (naming.length < RELATED_MAX.linked && linkedIds(other).includes(run_id))
          naming.push(shown(other, fromOther(other, run_id)))
        else if (session.length < RELATED_MAX.session && actor.session_id !== null && other.actor.session_id === actor.session_id)
          session.push(shown(other, 'same_session'))
      }
      return [...named, ...naming, ...session]
    }
  }
}

async function* matching(index: FolderIndex, filter: ReceiptFilter): AsyncGenerator<FolderRow> {
  const now = Date.now()
  for await (const row of index.rows()) if (matchesFilter(row.receipt, filter, now)) yield row
}

function fromOther({ links, approval }: Receipt, id: string): RelatedReceipt['relation'] {
  return relationFrom({ links, hitl_id: approval?.hitl_id ?? null }, id)
}

function shown({ run_id, workflow, decision, outcome, timestamp }: Receipt, relation: RelatedReceipt['relation']): RelatedReceipt {
  return { relation, run_id, workflow, decision, outcome, timestamp }
}
