// A team's ledger as a pure machine: gapless places, a hash chain, an RFC 6962 tree. Whoever stores it adds storage and nothing else.
import * as z from 'zod'
import { concat, hex, unhex } from './bytes.ts'
import { frontierOf, grow, leafHash, rootOf, verifyInclusion } from './merkle.ts'
import type { NodeReader, TreeNode } from './merkle.ts'
import type { Hash } from './ports.ts'
import { signingBytes } from './receipt.ts'
import type { LedgerPlace, Receipt, ReceiptBody } from './schema.ts'

/** What the next append needs. `size` is the next `seq`, `chain` the next `prev`. */
export interface LedgerState {
  readonly size: number
  readonly chain: Uint8Array
  readonly frontier: readonly Uint8Array[]
}

/** What one append gives: store `place` with the receipt and `nodes` under (level, index), in one transaction with the new state. */
export interface LedgerStep {
  readonly state: LedgerState
  readonly place: LedgerPlace
  readonly nodes: readonly TreeNode[]
}

/** `prev` of the first entry, seq 0. */
export const CHAIN_START = '0'.repeat(64)

/** A ledger without entries. */
export const EMPTY_LEDGER: LedgerState = { size: 0, chain: new Uint8Array(32), frontier: [] }

/** The leaf that stands for a receipt: SHA-256 of a zero byte and the signed bytes, which is RFC 6962's leaf hash. */
export function leafOf(receipt: ReceiptBody | Receipt, hash: Hash): Uint8Array {
  return leafHash(signingBytes(receipt, hash), hash)
}

/** The next entry: `seq` without a gap from 0, `prev` the chain before it. Pure: an append that was not stored never was. */
export function appendLeaf(state: LedgerState, leaf: Uint8Array, hash: Hash): LedgerStep {
  const { frontier, nodes } = grow(state.size, state.frontier, leaf, hash)
  const place = { seq: state.size, leaf: hex(leaf), prev: hex(state.chain) }
  return { state: { size: state.size + 1, chain: hash.sha256(concat(state.chain, leaf)), frontier }, place, nodes }
}

/** The place after `last` (null: the first), for a store that keeps no tree. */
export function nextPlace(last: LedgerPlace | null, leaf: Uint8Array, hash: Hash): LedgerPlace {
  return { seq: last === null ? 0 : last.seq + 1, leaf: hex(leaf), prev: chainAfter(last, hash) }
}

/** SHA-256(prev ‖ leaf) of a place: what the entry after it must carry as `prev`. */
export function chainAfter(place: LedgerPlace | null, hash: Hash): string {
  if (place === null) return CHAIN_START
  return hex(hash.sha256(concat(unhex(place.prev)!, unhex(place.leaf)!)))
}

/** The state again from the newest entry and the stored nodes (level 0: the leaves), so that nothing else need be stored. */
export function resumeLedger(last: LedgerPlace | null, node: NodeReader, hash: Hash): LedgerState {
  if (last === null) return EMPTY_LEDGER
  const size = last.seq + 1
  return { size, chain: unhex(chainAfter(last, hash))!, frontier: frontierOf(size, node) }
}

/** The tree's root after everything in `state`. */
export function ledgerRoot(state: LedgerState, hash: Hash): Uint8Array {
  return rootOf(state.frontier, hash)
}

/** Whether a receipt's place is really its own: what is wrong with it, or nothing. The chain before it is `checkChain`'s business. */
export function verifyPlace(receipt: Receipt, hash: Hash): string[] {
  const place = receipt.ledger
  if (place === undefined) return ['the receipt has no place in a ledger']
  const problems: string[] = []
  if (place.leaf !== hex(leafOf(receipt, hash))) problems.push(`the leaf of entry ${place.seq} is not that of this receipt`)
  if (place.seq === 0 && place.prev !== CHAIN_START) problems.push('the first entry does not begin the chain')
  return problems
}

/** What `checkChain` found. `from` and `to` are the first and last `seq` given; `links` counts the neighbours that were compared. */
export interface ChainCheck {
  readonly whole: boolean
  readonly from: number | null
  readonly to: number | null
  readonly links: number
  readonly gaps: readonly string[]
  readonly breaks: readonly string[]
}

/**
 * Checks that entries, in any order, follow one another: `whole` means gapless from seq 0 with every link right.
 * `gaps` are missing entries, which a selection has by nature; `breaks` are never innocent. Both name the first broken place first.
 */
export function checkChain(places: readonly LedgerPlace[], hash: Hash): ChainCheck {
  const sorted = places.toSorted((a, b) => a.seq - b.seq)
  const gaps: string[] = []
  const breaks: string[] = []
  let links = 0
  let last: LedgerPlace | null = null
  for (const place of sorted) {
    const expected: number = last === null ? 0 : last.seq + 1
    if (last !== null && place.seq === last.seq) breaks.push(`entry ${place.seq} is there twice`)
    else if (place.seq > expected) gaps.push(missing(expected, place.seq - 1))
    else if (place.prev === chainAfter(last, hash)) links++
    else breaks.push(place.seq === 0 ? 'entry 0 does not begin the chain' : `entry ${place.seq} does not follow on entry ${place.seq - 1}`)
    last = place
  }
  const whole = sorted.length > 0 && gaps.length === 0 && breaks.length === 0
  return { whole, from: sorted[0]?.seq ?? null, to: last?.seq ?? null, links, gaps, breaks }
}

function missing(first: number, last: number): string {
  return first === last ? `entry ${first} is missing` : `entries ${first} to ${last} are missing`
}

const Hex64 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')

/** A checkpoint's signed note, as a text or in an answer's `note`. */
export const CheckpointNote = z
  .union([z.string(), z.looseObject({ note: z.string() }).transform(({ note }) => note)])
  .pipe(z.string().max(16_384))

/** `GET /receipts/{run_id}/proof`: that the entry `seq` is in the tree of `tree_size` leaves, whose root the signed `checkpoint` tells. */
export const InclusionProof = z.strictObject({
  seq: z.int().nonnegative(),
  tree_size: z.int().positive(),
  leaf: Hex64,
  path: z.array(Hex64).max(64),
  checkpoint: CheckpointNote.nullable()
})
export type InclusionProof = z.infer<typeof InclusionProof>

/** Whether a proof puts exactly this place into the tree with this root: what is wrong with it, or nothing. */
export function verifyProof(place: LedgerPlace, proof: InclusionProof, tree: { size: number; root: Uint8Array }, hash: Hash): string[] {
  if (proof.seq !== place.seq || proof.leaf !== place.leaf) return [`the proof is for entry ${proof.seq}, not for this receipt`]
  if (proof.tree_size !== tree.size) return [`the proof is for a tree of ${proof.tree_size}, the checkpoint for one of ${tree.size}`]
  const path = proof.path.map((step) => unhex(step)!)
  const proven = verifyInclusion(proof.seq, proof.tree_size, unhex(proof.leaf)!, path, tree.root, hash)
  return proven ? [] : [`the proof does not lead from entry ${proof.seq} to the checkpoint's root`]
}
