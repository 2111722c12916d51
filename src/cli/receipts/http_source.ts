// Receipts of an installation, over its HTTP API.
import * as z from 'zod'
import { CheckpointNote, InclusionProof, Receipt } from '../../engine/index.ts'
import type { ReceiptPage } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { Jwks } from './export_format.ts'
import type { Evidence, ExportEntry } from './export_format.ts'
import type { RawQuery, ReceiptSource } from './source.ts'

const TIMEOUT_MS = 30_000
const PAGE = '200'
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** Where a run's id is looked up; the id has been checked to be one. */
const receiptPath = (runId: string) => `/receipts/${runId}`
const Page = z.looseObject({ data: z.array(z.unknown()), next_cursor: z.string().nullable(), has_more: z.boolean() })

/** The receipts that `key` may read at `url`. */
export function httpSource(url: string, key: string | undefined, context: Context): ReceiptSource {
  const api = apiAt(url, key, context)

  async function page(query: RawQuery): Promise<ReceiptPage> {
    const answer = await api.get(`/receipts?${new URLSearchParams(query)}`, Page)
    if (answer === null) throw exit('unexpected', 'the address has no `/receipts`: is it an Enact installation')
    return { ...answer, data: answer.data.map((value) => receiptIn(value)) }
  }

  async function get(runId: string, revision?: number): Promise<Receipt | null> {
    const value = await api.get(`${receiptPath(runId)}${revision === undefined ? '' : `?revision=${revision}`}`, z.unknown(), revision === undefined)
    if (value === null) return null
    const receipt = receiptIn(value)
    return revision === undefined || receipt.revision === revision ? receipt : null
  }

  async function entriesOf(receipt: Receipt): Promise<ExportEntry[]> {
    const proof = await api.get(`${receiptPath(receipt.run_id)}/proof`, InclusionProof)
    const entries: ExportEntry[] = [{ receipt, proof: proof?.leaf === receipt.ledger?.leaf ? proof : null }]
    for (let revision = receipt.revision - 1; revision >= 0; revision--) {
      const earlier = await get(receipt.run_id, revision)
      if (earlier !== null) entries.push({ receipt: earlier, proof: null })
    }
    return entries
  }

  async function* all(query: RawQuery): AsyncGenerator<ExportEntry> {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const found: ReceiptPage = await page({ ...query, limit: PAGE, ...(cursor === '' ? {} : { cursor }) })
      for (const receipt of found.data) yield* await entriesOf(receipt)
      cursor = found.next_cursor
    }
  }

  const keysOf = (teamId: string) => api.get(`/.well-known/enact-keys.json?team=${encodeURIComponent(teamId)}`, Jwks)
  const checkpointOf = (teamId: string) => api.get(`/checkpoints/latest?team=${encodeURIComponent(teamId)}`, CheckpointNote)

  return {
    list: page,
    get,
    async export(filter) {
      const [newest] = (await page({ limit: '1' })).data
      if (newest === undefined) throw exit('usage', 'there are no receipts to export')
      const header = {
        type: 'enact.export' as const,
        version: 1 as const,
        team_id: newest.team_id,
        exported_at: new Date().toISOString(),
        // An installation goes on while it is read, and a list has no older revisions it could be held to: never a claim of all.
        selection: { ...filter },
        keys: [...((await keysOf(newest.team_id)) ?? [])],
        checkpoint: await checkpointOf(newest.team_id)
      }
      return { header, entries: all(filter), problems: [] }
    },
    async evidence(runId): Promise<Evidence> {
      const newest = runId === null ? null : await get(runId)
      if (runId !== null && newest === null) throw exit('verification', `there is no receipt of run \`${runId}\``)
      const items: Evidence['items'][number][] = []
      for await (const { receipt, proof } of newest === null ? all({}) : listed(await entriesOf(newest))) {
        items.push({ label: `${receipt.run_id}.${receipt.revision}`, value: receipt, proof })
      }
      const teamId = (items[0]?.value as Receipt | undefined)?.team_id
      const keys = teamId === undefined ? [] : ((await keysOf(teamId)) ?? [])
      return { items, keys, checkpoint: null, complete: false, problems: [], notes: [] }
    }
  }
}

async function* listed<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

/** What was answered, word for word: what is checked or exported must not be a copy that may have lost a key. */
function receiptIn(value: unknown): Receipt {
  if (!Receipt.safeParse(value).success) throw exit('unexpected', 'the answer is not a receipt of version 1')
  return value as Receipt
}

/** GET requests with the key, at one origin only; every failure ends the command with its own exit code. */
function apiAt(url: string, key: string | undefined, context: Context) {
  const base = URL.parse(url)
  if (base === null || (base.protocol !== 'https:' && base.protocol !== 'http:')) throw exit('usage', `\`${url}\` is not an http address`)
  if (base.protocol === 'http:' && key !== undefined && !LOOPBACK.test(base.hostname)) context.note('warning: the key is sent over http, unencrypted')
  const root = `${base.origin}${base.pathname.replace(/\/+$/, '')}`
  const headers: Record<string, string> = { accept: 'application/json', ...(key === undefined || key === '' ? {} : { 'x-enact-api-key': key }) }
  return {
    /** Null for 404, and for a 422 where the question is not one that every installation understands. */
    async get<S extends z.ZodType>(path: string, schema: S, understood = true): Promise<z.output<S> | null> {
      // A redirect would carry the key to whoever is at its end.
      const response = await fetch(`${root}${path}`, { headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: Error) => {
        throw exit('network', `\`${root}\` does not answer: ${(error.cause as Error | undefined)?.message ?? error.message}`)
      })
      if (response.status === 404 || (response.status === 422 && !understood)) return null
      if (response.status === 401) throw exit('auth', 'the key is missing or unknown: give --key or ENACT_API_KEY')
      if (response.status === 403) throw exit('auth', 'the key may not do this')
      if (!response.ok) throw exit(response.status === 429 || response.status >= 502 ? 'network' : 'unexpected', `\`${path}\` answered ${response.status}`)
      const text = await response.text()
      const parsed = schema.safeParse(response.headers.get('content-type')?.includes('json') ? parseJson(text) : text)
      if (!parsed.success) throw exit('unexpected', `\`${path.split('?')[0]}\` answered something else than an Enact installation would`)
      return parsed.data
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
