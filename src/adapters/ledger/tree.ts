// A ledger's tree in memory: for the embedded stores, and for whoever holds a whole ledger's leaves.
import { appendLeaf, consistencyProof, EMPTY_LEDGER, fault, frontierOf, inclusionProof, ledgerRoot, rootOf } from '../../engine/index.ts'
import type { Hash, LedgerPlace } from '../../engine/index.ts'

/** Grows by leaves and proves places at any size it has had. */
export interface LedgerTree {
  readonly size: number
  append(leaf: Uint8Array): LedgerPlace
  /** The root when there were `size` entries; by default now. */
  root(size?: number): Uint8Array
  inclusion(seq: number, size: number): Uint8Array[]
  consistency(from: number, to: number): Uint8Array[]
}

/** An empty tree. */
export function ledgerTree(hash: Hash): LedgerTree {
  let state = EMPTY_LEDGER
  const nodes = new Map<string, Uint8Array>()
  const node = (level: number, index: number) => {
    const found = nodes.get(`${level}/${index}`)
    if (found === undefined) throw fault('internal', `the ledger has no node ${level}/${index}`)
    return found
  }
  return {
    get size() {
      return state.size
    },
    append(leaf) {
      const step = appendLeaf(state, leaf, hash)
      nodes.set(`0/${step.place.seq}`, leaf)
      for (const { level, index, hash: value } of step.nodes) nodes.set(`${level}/${index}`, value)
      state = step.state
      return step.place
    },
    root: (size) => (size === undefined ? ledgerRoot(state, hash) : rootOf(frontierOf(size, node), hash)),
    inclusion: (seq, size) => inclusionProof(seq, size, node, hash),
    consistency: (from, to) => consistencyProof(from, to, node, hash)
  }
}
