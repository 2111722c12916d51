// How a compliance export is made, one step after another: each asks for one thing and writes what follows from the answer. Pure: whoever stores state
// and bytes in one transaction can be stopped anywhere, and goes on where it was.
import { concat } from './bytes.ts'
import { envelopeOf, receiptEnvelope } from './dsse.ts'
import { rangesOf, type SeqRange } from './erasure.ts'
import { MAPPINGS } from './export_mappings.ts'
import { EXPORT_TYPE, manifestOf } from './export_manifest.ts'
import type { ExportedEntry, ExportFile, ExportStage, ExportState, ExportTalk } from './export_state.ts'
import { exportReadme, gapsText } from './export_words.ts'
import { crc32, ZIP_ENTRIES_MAX, ZIP_SIZE_MAX, zipSize } from './export_zip.ts'
import type { Hash } from './ports.ts'
import { CSV_HEADING, csvRow } from './receipt_csv.ts'
import type { Receipt } from './schema.ts'

/** Receipts in one file, and its bytes, after which the next one begins. */
const PART_RECEIPTS_MAX = 1_000
const PART_BYTES_MAX = 8_000_000
const ERASURES_AT_ONCE = 100

/** The next question: `about` says of what kind. */
export type ExportAsk = { readonly [K in keyof ExportTalk]: { readonly about: K } & ExportTalk[K]['ask'] }[keyof ExportTalk]
export type ExportAnswer = {
  readonly [K in keyof ExportTalk]: { readonly about: K; readonly answer: ExportTalk[K]['answer'] }
}[keyof ExportTalk]

/** What one step gives: bytes to add to the ends of files, and the state that goes with them. */
export interface ExportStep {
  readonly state: ExportState
  readonly writes: readonly { readonly file: string; readonly bytes: Uint8Array }[]
}

/** What to ask now; null = it is over. */
export function nextAsk(state: ExportState, hash: Hash): ExportAsk | null {
  const { stage, order, range, next, head, erased_by, fetched, checkpoint, files } = state
  if (stage === 'range') return { about: 'range', from: order.from, to: order.to }
  if (stage === 'entries') return { about: 'entries', from: next, to: range!.end, tree_size: range!.tree_size }
  if (stage === 'head') return { about: 'head' }
  if (stage === 'erasures') return { about: 'erasures', run_ids: erased_by.slice(fetched, fetched + ERASURES_AT_ONCE), tree_size: head }
  if (stage === 'checkpoints') {
    const { before, tree_size } = range!
    const after = checkpoint ?? Math.max(before - 1, 0)
    return after < tree_size
      ? { about: 'checkpoints', after, up_to: tree_size, previous: checkpoint }
      : { about: 'checkpoints', after: head - 1, up_to: head, previous: checkpoint }
  }
  if (stage === 'words') return { about: 'keys' }
  if (stage === 'digests') return { about: 'digest', file: files.find(({ sha256 }) => sha256 === null)!.name }
  if (stage === 'manifest') return { about: 'signature', bytes: manifestOf(state, hash).signed }
  return null
}

/** The step that follows from an answer to `nextAsk`. */
export function stepExport(state: ExportState, given: ExportAnswer, hash: Hash): ExportStep {
  const draft = new Draft(state, hash)
  if (given.about === 'range') {
    draft.change({ range: given.answer, next: given.answer.first, stage: 'entries' })
    draft.write('proofs.ndjson', '')
    draft.write('erased.ndjson', '')
    draft.write('summary.csv', `${CSV_HEADING}\r\n`)
    if (given.answer.first === given.answer.end) draft.change({ stage: 'head' })
  }
  if (given.about === 'entries') addEntries(draft, given.answer)
  if (given.about === 'head') draft.change({ head: given.answer.tree_size, stage: state.erased_by.length > 0 ? 'erasures' : 'checkpoints' })
  if (given.about === 'erasures') addErasures(draft, given.answer)
  if (given.about === 'checkpoints') {
    for (const { path, ...shown } of given.answer) {
      draft.line('checkpoints.ndjson', shown)
      if (path !== null) draft.line('consistency.ndjson', { from: draft.state.checkpoint, to: shown.tree_size, path })
      draft.change({ checkpoint: shown.tree_size, checkpoints: draft.state.checkpoints + 1 })
    }
    if ((draft.state.checkpoint ?? 0) >= draft.state.head) draft.change({ stage: 'words' })
    else if (given.answer.length === 0) draft.fail('the ledger has not the checkpoints that it should have')
  }
  if (given.about === 'keys') {
    draft.write('keys.json', `${JSON.stringify({ keys: given.answer }, null, 2)}\n`)
    draft.write('gaps.json', gapsText(draft.state, hash))
    draft.write('README.md', exportReadme(draft.state))
    for (const [name, text] of Object.entries(MAPPINGS)) draft.write(`mappings/${name}`, text)
    draft.change({ stage: 'digests' })
  }
  if (given.about === 'digest') draft.digest(given.answer)
  if (given.about === 'signature') {
    draft.write('MANIFEST.json', manifestOf(state, hash).text)
    draft.line('MANIFEST.dsse.json', envelopeOf(EXPORT_TYPE, hash.utf8(manifestOf(state, hash).text), [given.answer]))
    draft.change({ stage: 'done' })
  }
  return draft.end()
}

/** It cannot be made, and why. */
export function failExport(state: ExportState, detail: string): ExportState {
  return { ...state, stage: 'failed', files: [], detail }
}

function addEntries(draft: Draft, entries: readonly ExportedEntry[]): void {
  const { range } = draft.state
  if (entries.length === 0 || entries.some(({ place }, i) => place.seq !== draft.state.next + i))
    return draft.fail('the ledger has not the entries that it should have')
  for (const { run_id, revision, place, path, body, signatures, erased, whole } of entries) {
    const { seq, leaf, prev } = place
    draft.line('proofs.ndjson', { seq, tree_size: range!.tree_size, leaf, path, checkpoint: null })
    if (body !== '' && whole) draft.receipt(body, place, signatures)
    else {
      draft.line('erased.ndjson', { seq, leaf, prev, run_id, revision, ...(erased ?? { erased_at: null, erased_by: null }) })
      draft.gone(seq, whole ? erased : null)
    }
    draft.change({ next: seq + 1, last: place, start: draft.state.start ?? prev })
  }
  if (draft.state.next === range!.end) draft.change({ stage: 'head' })
}

/** Receipts of erasures that are beyond the period: without them nobody could tell an erasure from a loss. */
function addErasures(draft: Draft, entries: readonly ExportedEntry[]): void {
  const { range, head, erased_by, fetched } = draft.state
  for (const { place, path, body, signatures } of entries) {
    const { seq, leaf } = place
    if (seq >= range!.first && seq < range!.end) continue
    draft.write('erasures.ndjson', `${receiptEnvelope(body, signatures, place, draft.hash)}\n`)
    draft.line('erasures_proofs.ndjson', { seq, tree_size: head, leaf, path, checkpoint: null })
  }
  draft.change({ fetched: Math.min(fetched + ERASURES_AT_ONCE, erased_by.length) })
  if (draft.state.fetched === erased_by.length) draft.change({ stage: 'checkpoints' })
}

/** A step under way. */
class Draft {
  state: ExportState
  readonly hash: Hash
  readonly #writes = new Map<string, Uint8Array[]>()

  constructor(state: ExportState, hash: Hash) {
    this.state = state
    this.hash = hash
  }

  change(part: Partial<ExportState> & { readonly stage?: ExportStage }): void {
    if (this.state.stage !== 'failed') this.state = { ...this.state, ...part }
  }

  fail(detail: string): void {
    this.state = failExport(this.state, detail)
  }

  write(name: string, text: string): void {
    const bytes = this.hash.utf8(text)
    const parts = this.#writes.get(name)
    if (parts === undefined) this.#writes.set(name, [bytes])
    else parts.push(bytes)
  }

  line(name: string, value: unknown): void {
    this.write(name, `${JSON.stringify(value)}\n`)
  }

  receipt(body: string, place: ExportedEntry['place'], signatures: ExportedEntry['signatures']): void {
    const name = partName(this.state.part)
    this.write(name, `${receiptEnvelope(body, signatures, place, this.hash)}\n`)
    const receipt = { ...(JSON.parse(body) as Receipt), signatures: [...signatures], ledger: place }
    this.write('summary.csv', `${csvRow(receipt)}\r\n`)
    const { receipts, in_part, first_time, part } = this.state
    this.change({ receipts: receipts + 1, in_part: in_part + 1, first_time: first_time ?? receipt.timestamp, last_time: receipt.timestamp })
    if (in_part + 1 >= PART_RECEIPTS_MAX || this.#sizeOf(name) >= PART_BYTES_MAX) this.change({ part: part + 1, in_part: 0 })
  }

  gone(seq: number, erasure: ExportedEntry['erased']): void {
    if (erasure === null) return this.change({ unreadable: withSeq(this.state.unreadable, seq) })
    const { erased_by } = this.state
    const by = erased_by.includes(erasure.erased_by) ? erased_by : [...erased_by, erasure.erased_by]
    this.change({ erased: withSeq(this.state.erased, seq), erased_by: by })
  }

  digest(sha256: string): void {
    const at = this.state.files.findIndex((file) => file.sha256 === null)
    const files = this.state.files.map((file, i) => (i === at ? { ...file, sha256 } : file))
    this.change({ files, stage: files.some((file) => file.sha256 === null) ? 'digests' : 'manifest' })
  }

  end(): ExportStep {
    if (this.state.stage === 'failed') return { state: this.state, writes: [] }
    const writes = [...this.#writes].map(([file, parts]) => ({ file, bytes: concat(...parts) }))
    const files = new Map(this.state.files.map((file) => [file.name, file]))
    for (const { file, bytes } of writes) {
      const known: ExportFile = files.get(file) ?? { name: file, size: 0, crc: 0, sha256: null }
      files.set(file, { ...known, size: known.size + bytes.length, crc: crc32(bytes, known.crc) })
    }
    const isDone = this.state.stage === 'done'
    const all = isDone ? zipOrder([...files.values()]) : [...files.values()]
    const size = zipSize(all, this.hash)
    if (size > ZIP_SIZE_MAX || all.length > ZIP_ENTRIES_MAX)
      return { state: failExport(this.state, 'the export would be larger than 4 GB: ask for a shorter period'), writes: [] }
    return { state: { ...this.state, files: all, ...(isDone ? { size_bytes: size } : {}) }, writes }
  }

  /** With what this step adds. */
  #sizeOf(name: string): number {
    const before = this.state.files.find((file) => file.name === name)?.size ?? 0
    return (this.#writes.get(name) ?? []).reduce((sum, bytes) => sum + bytes.length, before)
  }
}

function partName(part: number): string {
  return `receipts/${String(part).padStart(6, '0')}.ndjson`
}

/** Entries come in order: the new one is behind all others. */
function withSeq(ranges: readonly SeqRange[], seq: number): SeqRange[] {
  const last = ranges.at(-1)
  if (last !== undefined && last[1] === seq - 1) return [...ranges.slice(0, -1), [last[0], seq]]
  return [...ranges, ...rangesOf([seq])]
}

/** The same whatever the order in which they came about. */
function zipOrder(files: readonly ExportFile[]): ExportFile[] {
  return files.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
