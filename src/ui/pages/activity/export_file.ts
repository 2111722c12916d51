// The file of an export, made in the browser: the same bytes that `enact receipts export` writes.
import { csvLines } from '../../../engine/receipt_csv.ts'
import { exportLines, exportObject, type ExportEntry, type ExportHeader } from '../../../engine/receipt_export.ts'
import type { InclusionProof } from '../../../engine/ledger.ts'
import type { PublicKey } from '../../../engine/ports.ts'
import type { Receipt } from '../../../engine/schema.ts'
import { get } from '../../shell/api.ts'
import type { ReceiptPage } from './feed.ts'

export const FORMATS = {
  csv: { title: 'CSV', about: 'one row a receipt, for spreadsheets', type: 'text/csv' },
  json: { title: 'JSON', about: 'everything, with keys and proofs', type: 'application/json' },
  ndjson: { title: 'NDJSON', about: 'the same, one receipt a line', type: 'application/x-ndjson' }
} as const
export type Format = keyof typeof FORMATS

/** More than this is a job for Exports, which works in the background. */
export const ALL_MAX = 5_000
const PAGE_MAX = 200
const PROOFS_AT_ONCE = 6

export interface ExportOrder {
  readonly format: Format
  readonly query: string
  readonly teamId: string
  /** The rows that are shown; null = all that the search finds, up to `ALL_MAX`. */
  readonly receipts: readonly Receipt[] | null
  readonly withProofs: boolean
  onProgress(done: number): void
  readonly stop: AbortSignal
}

/** `isCut` = there were more than `ALL_MAX`. */
export interface ExportedFile {
  readonly blob: Blob
  readonly name: string
  readonly count: number
  readonly isCut: boolean
}

/** Throws `Problem` where the server refuses, and `AbortError` where it was stopped. */
export async function makeExport(order: ExportOrder): Promise<ExportedFile> {
  const { format, stop } = order
  const cut = { isCut: false, count: 0 }
  const entries = entriesOf(order, cut)
  const header = format === 'csv' ? null : await headerOf(order)
  const lines = header === null ? csvLines(entries) : format === 'json' ? exportObject(header, entries) : exportLines(header, entries)
  const parts: string[] = []
  for await (const line of lines) {
    stop.throwIfAborted()
    parts.push(`${line}\n`)
  }
  const day = new Date().toISOString().slice(0, 10)
  return { blob: new Blob(parts, { type: FORMATS[format].type }), name: `enact-${order.teamId}-${day}.${format}`, ...cut }
}

async function headerOf({ teamId, query, stop }: ExportOrder): Promise<ExportHeader> {
  const [{ keys }, checkpoint] = await Promise.all([
    get<{ keys: readonly PublicKey[] }>('/.well-known/enact-keys.json', { team: teamId }, stop),
    get<{ note: string }>('/checkpoints/latest', { team: teamId }, stop).then(
      ({ note }) => note,
      () => null
    )
  ])
  return {
    type: 'enact.export',
    version: 1,
    team_id: teamId,
    exported_at: new Date().toISOString(),
    selection: { search: query },
    keys,
    checkpoint
  }
}

async function* entriesOf(order: ExportOrder, cut: { isCut: boolean; count: number }): AsyncGenerator<ExportEntry> {
  const { onProgress, withProofs, format, stop } = order
  for await (const page of pagesOf(order, cut)) {
    for (let i = 0; i < page.length; i += PROOFS_AT_ONCE) {
      const some = page.slice(i, i + PROOFS_AT_ONCE)
      const proofs = withProofs && format !== 'csv' ? await Promise.all(some.map((receipt) => proofOf(receipt, stop))) : []
      for (const [at, receipt] of some.entries()) yield { receipt, proof: proofs[at] ?? null }
      cut.count += some.length
      onProgress(cut.count)
    }
  }
}

/** A run that was amended in between has another leaf by now. */
async function proofOf(receipt: Receipt, stop: AbortSignal): Promise<InclusionProof | null> {
  const proof = await get<InclusionProof>(`/receipts/${receipt.run_id}/proof`, {}, stop).catch(() => null)
  return proof !== null && proof.leaf === receipt.ledger?.leaf ? proof : null
}

async function* pagesOf({ receipts, query, stop }: ExportOrder, cut: { isCut: boolean }): AsyncGenerator<readonly Receipt[]> {
  if (receipts !== null) {
    yield receipts
    return
  }
  let cursor: string | null = null
  for (let count = 0; count < ALL_MAX;) {
    const page: ReceiptPage = await get<ReceiptPage>('/receipts', { search: query, limit: PAGE_MAX, cursor }, stop)
    yield page.data
    count += page.data.length
    cursor = page.next_cursor
    if (!page.has_more) return
  }
  cut.isCut = true
}
