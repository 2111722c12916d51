// `enact receipts tail`: asks again and again for what is new.
import { setTimeout as pause } from 'node:timers/promises'
import type { Receipt } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { Exit, EXIT } from '../exit.ts'
import type { RawQuery, ReceiptSource } from './source.ts'

const PAGE = 200

/** The newest `lines` receipts, oldest first, and then every run that begins, once each. A network that fails is asked again. */
export async function* followReceipts(
  source: ReceiptSource,
  query: RawQuery,
  lines: number,
  intervalMs: number,
  context: Context
): AsyncGenerator<Receipt> {
  const seen = new Set<string>()
  const first = lines === 0 ? { data: [] } : await source.list({ ...query, limit: String(Math.min(lines, PAGE)) })
  if (lines === 0) for (const { run_id } of (await source.list({ ...query, limit: '1' })).data) seen.add(run_id)
  for (const receipt of first.data.toReversed()) {
    seen.add(receipt.run_id)
    yield receipt
  }
  for (;;) {
    await pause(intervalMs)
    try {
      for (const receipt of await unseen(source, query, seen)) {
        seen.add(receipt.run_id)
        yield receipt
      }
    } catch (error) {
      if (!(error instanceof Exit) || error.code !== EXIT.network) throw error
      context.note(`enact: ${error.message}; trying again`)
    }
  }
}

/** Pages back until a run that was seen; oldest first. */
async function unseen(source: ReceiptSource, query: RawQuery, seen: ReadonlySet<string>): Promise<Receipt[]> {
  const found: Receipt[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Awaited<ReturnType<ReceiptSource['list']>> = await source.list({
      ...query,
      limit: String(PAGE),
      ...(cursor === '' ? {} : { cursor })
    })
    for (const receipt of page.data) {
      if (seen.has(receipt.run_id)) return found.toReversed()
      found.push(receipt)
    }
    // Nothing was seen yet: what is there now is the beginning, not all that ever was.
    cursor = seen.size === 0 ? null : page.next_cursor
  }
  return found.toReversed()
}
