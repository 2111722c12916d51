// A compliance export made without a server: the engine's steps over a ledger in memory, the bytes as its object would give them.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hashParts, nodeHash } from '../../src/adapters/hash/index.ts'
import { webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { ledgerTree } from '../../src/adapters/ledger/index.ts'
import {
  base64url,
  canonicalize,
  erasureDraft,
  hex,
  issueReceipt,
  leafOf,
  nextAsk,
  openExport,
  originOf,
  signCheckpoint,
  stepExport,
  zipEnd,
  zipHeader,
  type ExportAnswer,
  type ExportAsk,
  type ExportedEntry,
  type ExportState,
  type JsonObject,
  type LedgerPlace,
  type Receipt
} from '../../src/engine/index.ts'
import { memorySealed } from '../../src/adapters/sealed/index.ts'
import { SECRET } from './receipts_cli.ts'

const T = Date.parse('2026-03-01T00:00:00Z')
export const PERIOD = { from: T, to: T + 86_400_000 }
const CHECKPOINT_EVERY = 4

/** A ledger of receipts, some of which were erased. */
export async function memoryLedger(receipts: readonly Receipt[], erased: readonly number[] = [], secret = SECRET) {
  const keys = webcryptoKeys({ secret })
  const keyring = await keys.team('acme')
  const tree = ledgerTree(nodeHash)
  const entries: { receipt: Receipt; place: LedgerPlace }[] = []
  const append = (receipt: Receipt) => void entries.push({ receipt, place: tree.append(leafOf(receipt, nodeHash)) })
  for (const receipt of receipts) append(receipt)
  const order = {
    run_id: '0198c0de-0000-7000-8000-0000000000ee',
    team_id: 'acme',
    api_key_id: null,
    user_email: '',
    config_digest: 'sha256:0',
    at: T + 1,
    why: { kind: 'retention', retention_days: 1 }
  } as const
  if (erased.length > 0)
    append(await issueReceipt(erasureDraft(order, erased, erased.length), { hash: nodeHash, keys, sealed: memorySealed() }))
  const sizes = [
    ...new Set([...Array.from({ length: Math.floor(tree.size / CHECKPOINT_EVERY) }, (_, i) => (i + 1) * CHECKPOINT_EVERY), tree.size])
  ]
  const checkpoints = await Promise.all(
    sizes.map(async (size) => {
      const [root, created_at] = [tree.root(size), new Date(T + size).toISOString()]
      const note = await signCheckpoint({ origin: originOf('acme'), size, root, timestamp: created_at }, keyring, nodeHash)
      return { tree_size: size, root_hash: hex(root), created_at, note }
    })
  )
  const exported = (seq: number, size: number): ExportedEntry => {
    const { receipt, place } = entries[seq]!
    const { signatures, ledger: _ledger, ...body } = receipt
    const isErased = erased.includes(seq)
    return {
      run_id: receipt.run_id,
      revision: receipt.revision,
      place,
      path: tree.inclusion(seq, size).map(hex),
      body: isErased ? '' : canonicalize(body as unknown as JsonObject),
      signatures: isErased ? [] : signatures,
      erased: isErased ? { erased_at: new Date(T + 1).toISOString(), erased_by: order.run_id } : null,
      whole: true
    }
  }
  return { keyring, tree, entries, checkpoints, exported, receipts: receipts.length, erasure: order.run_id }
}

type MemoryLedger = Awaited<ReturnType<typeof memoryLedger>>

/** What its ledger would answer; `batch` entries at a time. */
export async function answerFrom(
  ledger: MemoryLedger,
  ask: ExportAsk,
  bytes: ReadonlyMap<string, Uint8Array[]>,
  batch = 3
): Promise<ExportAnswer> {
  const { tree, checkpoints, exported, keyring, receipts } = ledger
  switch (ask.about) {
    case 'range':
      return {
        about: 'range',
        answer: { first: 0, end: receipts, tree_size: checkpoints.find(({ tree_size }) => tree_size >= receipts)!.tree_size, before: 0 }
      }
    case 'entries': {
      const seqs = Array.from({ length: Math.min(batch, ask.to - ask.from) }, (_, i) => ask.from + i)
      return { about: 'entries', answer: seqs.map((seq) => exported(seq, ask.tree_size)) }
    }
    case 'head':
      return { about: 'head', answer: { tree_size: tree.size } }
    case 'erasures':
      return {
        about: 'erasures',
        answer: ask.run_ids.map((id) =>
          exported(
            ledger.entries.findIndex(({ receipt }) => receipt.run_id === id),
            ask.tree_size
          )
        )
      }
    case 'checkpoints': {
      let previous = ask.previous
      const some = checkpoints.filter(({ tree_size }) => tree_size > ask.after && tree_size <= ask.up_to).slice(0, 2)
      return {
        about: 'checkpoints',
        answer: some.map((one) => {
          const path = previous === null ? null : tree.consistency(previous, one.tree_size).map(hex)
          previous = one.tree_size
          return { ...one, path }
        })
      }
    }
    case 'keys':
      return { about: 'keys', answer: await keyring.publicKeys() }
    case 'digest':
      return { about: 'digest', answer: hashParts(bytes.get(ask.file) ?? []) }
    case 'signature': {
      const { keyid, signature } = await keyring.signEd25519(ask.bytes)
      return { about: 'signature', answer: { keyid, alg: 'Ed25519', sig: base64url(signature) } }
    }
  }
}

/** The export, to its end. */
export async function makeExport(ledger: MemoryLedger, batch = 3): Promise<{ state: ExportState; files: Map<string, Uint8Array> }> {
  const order = { team_id: 'acme', export_id: '0198c0de-0000-7000-8000-0000000000ff', ...PERIOD, created_at: T, expires_at: T + 1 }
  let state = openExport(order)
  const bytes = new Map<string, Uint8Array[]>()
  for (let ask = nextAsk(state, nodeHash); ask !== null; ask = nextAsk(state, nodeHash)) {
    const step = stepExport(state, await answerFrom(ledger, ask, bytes, batch), nodeHash)
    for (const { file, bytes: more } of step.writes) bytes.set(file, [...(bytes.get(file) ?? []), more])
    state = step.state
  }
  const files = new Map(state.files.map(({ name }) => [name, new Uint8Array(Buffer.concat(bytes.get(name) ?? []))]))
  return { state, files }
}

/** The archive of these files, headers made anew where they changed. */
export async function zipOf(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const { crc32 } = await import('../../src/engine/index.ts')
  const entries = [...files].map(([name, bytes]) => ({ name, size: bytes.length, crc: crc32(bytes) }))
  return new Uint8Array(
    Buffer.concat([...entries.flatMap((entry) => [zipHeader(entry, nodeHash), files.get(entry.name)!]), zipEnd(entries, nodeHash)])
  )
}

/** Writes an archive where `enact` finds it. */
export async function writeZip(at: string, bytes: Uint8Array, name = 'export.zip'): Promise<string> {
  const file = join(at, name)
  await writeFile(file, bytes)
  return file
}
