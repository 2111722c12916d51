// Receipts of an installation, over its HTTP API.
import * as z from 'zod'
import { CheckpointNote, InclusionProof, Receipt } from '../../engine/index.ts'
import type { PublicKey, ReceiptPage } from '../../engine/index.ts'
import { apiAt } from '../api.ts'
import type { Api } from '../api.ts'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { Jwks } from './export_format.ts'
import type { Evidence, ExportEntry } from './export_format.ts'
import type { RawQuery, ReceiptSource } from './source.ts'

const PAGE = '200'

const Page = z.looseObject({ data: z.array(z.unknown()), next_cursor: z.string().nullable(), has_more: z.boolean() })

/** The receipts that `key` may read at `url`. */
export function httpSource(url: string, key: string | undefined, context: Context): ReceiptSource {
  const api = apiAt(url, key, context)
  return {
    list: (query) => pageOf(api, query),
    get: (runId, revision) => receiptOf(api, runId, revision),
    async export(filter) {
      const [newest] = (await pageOf(api, { limit: '1' })).data
      if (newest === undefined) throw exit('usage', 'there are no receipts to export')
      const header = {
        type: 'enact.export' as const,
        version: 1 as const,
        team_id: newest.team_id,
        exported_at: new Date().toISOString(),
        // An installation goes on while it is read: never a claim of all.
        selection: { ...filter },
        keys: await keysOf(api, newest.team_id),
        checkpoint: await api.get(`/checkpoints/latest?team=${encodeURIComponent(newest.team_id)}`, CheckpointNote)
      }
      return { header, entries: entriesOf(api, filter), problems: [] }
    },
    async evidence(runId): Promise<Evidence> {
      const newest = runId === null ? null : await receiptOf(api, runId)
      if (runId !== null && newest === null) throw exit('verification', `there is no receipt of run \`${runId}\``)
      const items: Evidence['items'][number][] = []
      for await (const { receipt, proof } of newest === null ? entriesOf(api, {}) : revisionsOf(api, newest)) {
        items.push({ label: `${receipt.run_id}.${receipt.revision}`, value: receipt, proof })
      }
      const teamId = (items[0]?.value as Receipt | undefined)?.team_id
      return {
        items,
        keys: teamId === undefined ? [] : await keysOf(api, teamId),
        checkpoint: null,
        complete: false,
        problems: [],
        notes: []
      }
    }
  }
}

async function pageOf(api: Api, query: RawQuery): Promise<ReceiptPage> {
  const answer = await api.get(`/receipts?${new URLSearchParams(query)}`, Page)
  if (answer === null) throw exit('unexpected', 'the address has no `/receipts`: is it an Enact installation')
  return { ...answer, data: answer.data.map(wordForWord) }
}

async function receiptOf(api: Api, runId: string, revision?: number): Promise<Receipt | null> {
  const value = await api.get(
    `/receipts/${runId}${revision === undefined ? '' : `?revision=${revision}`}`,
    z.unknown(),
    revision === undefined
  )
  if (value === null) return null
  const receipt = wordForWord(value)
  return revision === undefined || receipt.revision === revision ? receipt : null
}

/** The newest revision with its proof, then those before it that the installation still gives. */
async function* revisionsOf(api: Api, newest: Receipt): AsyncGenerator<ExportEntry> {
  const proof = await api.get(`/receipts/${newest.run_id}/proof`, InclusionProof)
  // A run that was amended in between has another leaf by now.
  yield { receipt: newest, proof: proof?.leaf === newest.ledger?.leaf ? proof : null }
  for (let revision = newest.revision - 1; revision >= 0; revision--) {
    const receipt = await receiptOf(api, newest.run_id, revision)
    if (receipt !== null) yield { receipt, proof: null }
  }
}

async function* entriesOf(api: Api, query: RawQuery): AsyncGenerator<ExportEntry> {
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: ReceiptPage = await pageOf(api, { ...query, limit: PAGE, ...(cursor === '' ? {} : { cursor }) })
    for (const receipt of page.data) yield* revisionsOf(api, receipt)
    cursor = page.next_cursor
  }
}

async function keysOf(api: Api, teamId: string): Promise<PublicKey[]> {
  return (await api.get(`/.well-known/enact-keys.json?team=${encodeURIComponent(teamId)}`, Jwks)) ?? []
}

/** The receipt as it was answered: what is checked or exported must not be a copy that may have lost a key. */
function wordForWord(value: unknown): Receipt {
  if (!Receipt.safeParse(value).success) throw exit('unexpected', 'the answer is not a receipt of version 1')
  return value as Receipt
}
