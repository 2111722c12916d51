// The entries of a compliance export: receipts in their envelopes, erased ones by their places; and that they are the range which the export claims.
import * as z from 'zod'
import { nodeHash } from '../../adapters/hash/index.ts'
import {
  canonicalize,
  chainAfter,
  CHAIN_START,
  erasedBy,
  hex,
  leafHash,
  openEnvelope,
  preAuthEncoding,
  rangesOf,
  Receipt,
  RECEIPT_TYPE,
  RunId,
  type ExportManifest,
  type Json,
  type JsonObject,
  type LedgerPlace,
  type SeqRange,
  type Verifier
} from '../../engine/index.ts'
import type { ZipFile } from './zip_file.ts'

/** What was found so far. */
export interface Found {
  readonly places: Map<number, LedgerPlace>
  /** What the receipts of erasures say was erased, by their run ids. */
  readonly erasures: Map<string, readonly SeqRange[]>
  receipts: number
  first: string | null
  last: string | null
}

const Hex64 = z.string().regex(/^[0-9a-f]{64}$/)
const Seq = z.int().nonnegative()
const Erased = z.strictObject({
  seq: Seq,
  leaf: Hex64,
  prev: Hex64,
  run_id: z.string(),
  revision: Seq,
  erased_at: z.string().nullable(),
  erased_by: RunId.nullable()
})
const Ranges = z.array(z.tuple([Seq, Seq]))
const Gaps = z.looseObject({
  team_id: z.string(),
  period: z.looseObject({ from: z.string(), to: z.string() }),
  range: z.strictObject({ first_seq: Seq, last_seq: Seq }).nullable(),
  entries: Seq,
  receipts: Seq,
  missing: z.array(z.never()),
  erased: Ranges,
  unreadable: Ranges,
  chain: z.strictObject({ start: Hex64.nullable(), end: Hex64.nullable() }),
  first_time: z.string().nullable(),
  last_time: z.string().nullable()
})

/** JSON, or undefined. */
export function parsed(text: string | null): unknown {
  try {
    return text === null ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}

/** Reads one file of envelopes into `found`; `hmac` is the team's own keyring, where the secret is here. */
export async function readReceipts(
  zip: ZipFile,
  name: string,
  { team_id }: ExportManifest,
  verifier: Verifier,
  hmac: Verifier | null,
  found: Found,
  problems: string[]
): Promise<void> {
  let number = 0
  for await (const line of zip.lines(name)) {
    const label = `${name}:${++number}`
    const envelope = openEnvelope(parsed(line), RECEIPT_TYPE, nodeHash)
    if (typeof envelope === 'string' || envelope.ledger === null) {
      problems.push(`${label}: ${typeof envelope === 'string' ? envelope : 'it has no place in the ledger'}`)
      continue
    }
    const { text, bytes, signatures, ledger } = envelope
    const value = parsed(text)
    const receipt = Receipt.safeParse({ ...(value as JsonObject), signatures, ledger })
    // INVARIANT: one text a receipt. A key that is there twice would mean one thing here and another elsewhere.
    if (!receipt.success || canonicalize(value as JsonObject) !== text) {
      problems.push(`${label}: it is no receipt of version 1 in its canonical form`)
      continue
    }
    const signed = preAuthEncoding(bytes, nodeHash)
    const said = (await verifier.verify(signed, signatures)).filter(({ alg }) => alg === 'Ed25519')
    if (hmac !== null) said.push(...(await hmac.verify(signed, signatures)).filter(({ alg }) => alg === 'HMAC-SHA256'))
    if (signatures.length !== 2 || said.length !== (hmac === null ? 1 : 2) || said.some(({ status }) => status !== 'valid'))
      problems.push(
        `${label}: a signature of the receipt of run \`${receipt.data.run_id}\` is missing, by an unknown key, or not over this receipt`
      )
    if (hex(leafHash(signed, nodeHash)) !== ledger.leaf)
      problems.push(`${label}: the leaf of entry ${ledger.seq} is not that of this receipt`)
    if (receipt.data.team_id !== team_id) problems.push(`${label}: it is a receipt of team \`${receipt.data.team_id}\``)
    addPlace(found, ledger, problems)
    const ranges = erasedBy(receipt.data)
    if (ranges !== null) found.erasures.set(receipt.data.run_id, ranges)
    found.receipts++
    found.first ??= receipt.data.timestamp
    found.last = receipt.data.timestamp
  }
}

/** Entries without a receipt; their places go into `found`. */
export async function readErased(zip: ZipFile, found: Found, problems: string[]): Promise<z.infer<typeof Erased>[]> {
  const erased: z.infer<typeof Erased>[] = []
  for await (const line of zip.lines('erased.ndjson')) {
    const read = Erased.safeParse(parsed(line))
    if (!read.success) {
      problems.push('erased.ndjson holds a line that is no erased entry')
      continue
    }
    const { seq, leaf, prev } = read.data
    addPlace(found, { seq, leaf, prev }, problems)
    erased.push(read.data)
  }
  return erased
}

/** Gapless, one chain, and exactly what manifest and gap statement say. */
export async function checkPlaces(
  zip: ZipFile,
  manifest: ExportManifest,
  found: Found,
  erased: readonly { readonly seq: number; readonly erased_by: string | null }[],
  problems: string[]
): Promise<void> {
  const places = [...found.places.values()].sort((a, b) => a.seq - b.seq)
  const [first, last] = [places[0], places.at(-1)]
  const range = first === undefined ? null : { first_seq: first.seq, last_seq: last!.seq }
  if (first?.seq === 0 && first.prev !== CHAIN_START) problems.push('entry 0 does not begin the chain')
  for (const [i, place] of places.entries()) {
    const before = places[i - 1]
    if (before === undefined) continue
    if (place.seq !== before.seq + 1) problems.push(`entries ${before.seq + 1} to ${place.seq - 1} are missing`)
    else if (place.prev !== chainAfter(before, nodeHash)) problems.push(`entry ${place.seq} does not follow on entry ${before.seq}`)
  }
  const gone = (isErased: boolean) => rangesOf(erased.filter(({ erased_by }) => (erased_by !== null) === isErased).map(({ seq }) => seq))
  const count = (ranges: readonly SeqRange[]) => ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)
  const counts = { entries: places.length, receipts: found.receipts, erased: count(gone(true)), unreadable: count(gone(false)) }
  const { checkpoints: _checkpoints, ...claimed } = manifest.counts
  expectSame('MANIFEST.json', { range: manifest.range, counts: claimed }, { range, counts }, problems)
  const gaps = Gaps.safeParse(parsed(await zip.text('gaps.json')))
  if (!gaps.success) {
    problems.push('gaps.json is no gap statement')
    return
  }
  const { statement: _statement, ...said } = gaps.data
  const chain = { start: first?.prev ?? null, end: last === undefined ? null : chainAfter(last, nodeHash) }
  const times = { first_time: found.first, last_time: found.last }
  const truth = {
    team_id: manifest.team_id,
    period: manifest.period,
    range,
    missing: [],
    erased: gone(true),
    unreadable: gone(false),
    chain,
    ...times
  }
  expectSame('gaps.json', said, { ...truth, entries: counts.entries, receipts: counts.receipts }, problems)
}

function expectSame(what: string, said: Readonly<Record<string, unknown>>, truth: JsonObject, problems: string[]): void {
  for (const [name, value] of Object.entries(truth))
    if (canonicalize([(said[name] ?? null) as Json]) !== canonicalize([value]))
      problems.push(`${what} says something else of \`${name}\` than what is here`)
}

function addPlace(found: Found, place: LedgerPlace, problems: string[]): void {
  if (found.places.has(place.seq)) problems.push(`entry ${place.seq} is there twice`)
  found.places.set(place.seq, { seq: place.seq, leaf: place.leaf, prev: place.prev })
}
