// Stored receipts in the order of the ledger, a day at a time: however many there are, only the acts of one day are in memory.
import { observationsOf, type Observation, type Receipt } from '../../engine/index.ts'
import { exit } from '../exit.ts'
import type { ReceiptSource } from '../receipts/source.ts'

const DAY_MS = 86_400_000
const PAGE = '200'

/** The newest receipt before a time; null where there is none. */
export async function newestReceipt(source: ReceiptSource, untilMs: number): Promise<Receipt | null> {
  const page = await source.list({ limit: '1', to: new Date(untilMs).toISOString() })
  return page.data[0] ?? null
}

/** What each day's receipts count as, oldest day first, within a day by place in the ledger. */
export async function* storedDays(
  source: ReceiptSource,
  sinceMs: number,
  untilMs: number,
  fullName: (id: string) => string
): AsyncGenerator<{ readonly receipts: number; readonly observations: Observation[] }> {
  for (let from = sinceMs; from < untilMs;) {
    const to = Math.min(untilMs, (Math.floor(from / DAY_MS) + 1) * DAY_MS)
    const observations: Observation[] = []
    let receipts = 0
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = { limit: PAGE, from: new Date(from).toISOString(), to: new Date(to).toISOString() }
      const page = await source.list(cursor === '' ? query : { ...query, cursor })
      if (page.damaged !== undefined) throw exit('verification', `not whole: ${page.damaged.join('; ')}`)
      receipts += page.data.length
      // A later revision adds what became of it and keeps the times of what was done.
      for (const receipt of page.data) observations.push(...observationsOf({ ...receipt, revision: 0 }, fullName))
      cursor = page.next_cursor
    }
    yield { receipts, observations: observations.sort((a, b) => a.seq - b.seq) }
    from = to
  }
}
