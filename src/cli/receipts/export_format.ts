// Reading an export of receipts: what `enact receipts verify` is given. engine/receipt_export.ts says what is in one and writes it.
// A bare receipt, an array of receipts and one receipt a line are read too.
import * as z from 'zod'
import { InclusionProof, type PublicKey } from '../../engine/index.ts'
import type { ExportHeader } from '../../engine/receipt_export.ts'

export { exportLines, exportObject, type ExportEntry, type ExportHeader } from '../../engine/receipt_export.ts'

/** A published key; what else its JWK has is passed over. */
const Jwk = z
  .object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), kid: z.string().max(256), x: z.string().max(64) })
  .transform((key): PublicKey => ({ ...key, use: 'sig', alg: 'EdDSA' }))
/** `/.well-known/enact-keys.json`, or a bare list of keys. */
export const Jwks = z.union([z.object({ keys: z.array(Jwk) }).transform(({ keys }) => keys), z.array(Jwk)])

const Header = z.strictObject({
  type: z.literal('enact.export'),
  version: z.literal(1),
  team_id: z.string(),
  exported_at: z.string(),
  selection: z.record(z.string(), z.json()).nullable(),
  keys: z.array(Jwk),
  checkpoint: z.string().nullable()
})
const Entry = z.strictObject({ type: z.literal('enact.receipt').optional(), receipt: z.unknown(), proof: InclusionProof.nullable() })
const End = z.strictObject({ type: z.literal('enact.end'), count: z.int() })

/** A receipt that is to be checked: `value` is what stood there, whatever it is. */
export interface Item {
  readonly label: string
  readonly value: unknown
  readonly proof: InclusionProof | null
}

/** Receipts that are to be checked, with what came along. */
export interface Evidence {
  readonly items: readonly Item[]
  /** Keys from the export itself: they show that it is whole, not who made it. */
  readonly keys: readonly PublicKey[]
  /** A signed note that speaks of the whole, and of every proof without one of its own. */
  readonly checkpoint: string | null
  /** Whether these claim to be all receipts of the ledger. */
  readonly complete: boolean
  readonly problems: readonly string[]
  readonly notes: readonly string[]
}

/** What a file holds, in any of the forms above; never throws. What cannot be read is a problem, never left out. */
export function readExport(text: string, label: string): Evidence {
  const whole = parseJson(text)
  if (whole === undefined) return readLines(text, label)
  if (Array.isArray(whole)) return bare(whole.map((value, i) => ({ label: `${label}[${i}]`, value, proof: null })))
  if (!isRecord(whole) || whole.type !== 'enact.export') return bare([{ label, value: whole, proof: null }])
  const { entries, ...rest } = whole
  const header = Header.safeParse(rest)
  if (!header.success || !Array.isArray(entries)) {
    // An NDJSON export that was cut off after its first line is one JSON value, too.
    const why = header.success ? 'the export was cut off: it has no receipts' : "the export's first part is not of version 1"
    return { ...bare([]), problems: [`${label}: ${why}`] }
  }
  return evidence(
    header.data,
    entries.map((entry, i) => readEntry(entry, `${label}[${i}]`)),
    []
  )
}

function readLines(text: string, label: string): Evidence {
  const lines = text.split('\n').map((line, i) => ({ label: `${label}:${i + 1}`, line: line.trim(), value: parseJson(line) }))
  const filled = lines.filter(({ line }) => line !== '')
  const problems = filled
    .filter(({ value }) => value === undefined)
    .map((line) => `${line.label}: not JSON: the file was cut off or changed`)
  const values = filled.filter(({ value }) => value !== undefined)
  const header = Header.safeParse(values[0]?.value)
  if (!header.success) {
    if (problems.length > 0 && values.length === 0) return { ...bare([]), problems: [`${label}: neither JSON nor one JSON value a line`] }
    return { ...bare(values.map((line) => ({ label: line.label, value: line.value, proof: null }))), problems }
  }
  const end = End.safeParse(values.at(-1)?.value)
  const entries = values.slice(1, end.success ? -1 : undefined).map((line) => readEntry(line.value, line.label))
  if (!end.success) problems.push(`${label}: the export was cut off: its last line is missing`)
  else if (end.data.count !== entries.length)
    problems.push(`${label}: the export says it has ${end.data.count} receipts, and has ${entries.length}`)
  return evidence(header.data, entries, problems)
}

function readEntry(value: unknown, label: string): Item & { problem?: string } {
  const parsed = Entry.safeParse(value)
  if (parsed.success) return { label, value: parsed.data.receipt, proof: parsed.data.proof }
  return { label, value: isRecord(value) ? value.receipt : value, proof: null, problem: `${label}: not a receipt with its proof` }
}

function evidence(header: ExportHeader, entries: readonly (Item & { problem?: string })[], problems: readonly string[]): Evidence {
  return {
    items: entries,
    keys: header.keys,
    checkpoint: header.checkpoint,
    complete: header.selection === null,
    problems: [...problems, ...entries.flatMap(({ problem }) => problem ?? [])],
    notes: header.selection === null ? [] : ['a selection of receipts: it does not claim that there are no others']
  }
}

function bare(items: readonly Item[]): Evidence {
  return { items, keys: [], checkpoint: null, complete: false, problems: [], notes: [] }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
