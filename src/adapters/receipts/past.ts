// The Past port over the embedded stores: their lists are read to the end, since they have no index.
import { matchesPast, ReceiptQuery, type Past, type Receipt, type Receipts } from '../../engine/index.ts'

const PAGE = 200

/** Past receipts of a store. Rejects where a file is damaged: it could be the one that was asked for. */
export function receiptsPast(receipts: Pick<Receipts, 'list'>): Past {
  return {
    async find(teamId, query, limit) {
      const found: Receipt[] = []
      let cursor: string | null = null
      do {
        const from = new Date(Math.max(0, query.since)).toISOString()
        const asked = ReceiptQuery.parse({ decision: 'PASS', from, limit: PAGE, ...(cursor === null ? {} : { cursor }) })
        const page = await receipts.list(teamId, asked)
        if (page.damaged !== undefined && page.damaged.length > 0) throw new Error(`a receipt is damaged: ${page.damaged[0]}`)
        found.push(...page.data.filter((receipt) => matchesPast(receipt, query)))
        cursor = page.next_cursor
      } while (cursor !== null && found.length < limit)
      return found.slice(0, limit)
    }
  }
}
