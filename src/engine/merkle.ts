// The Merkle tree of RFC 6962: growing it, proving places in it, checking such proofs. Trusts nothing it is given.
import { concat, equalBytes } from './bytes.ts'
import { fault } from './fault.ts'
import type { Hash } from './ports.ts'

const HASH_BYTES = 32
const LEAF = new Uint8Array([0])
const NODE = new Uint8Array([1])

/** A complete subtree: 2^level leaves from leaf `index * 2^level` on. Level 0 is the leaves themselves. */
export interface TreeNode {
  readonly level: number
  readonly index: number
  readonly hash: Uint8Array
}

/** Gives the hash of a complete subtree that was stored. */
export type NodeReader = (level: number, index: number) => Uint8Array

/** RFC 6962 §2.1: a leaf's hash. The prefix keeps a leaf from ever passing for a node. */
export function leafHash(data: Uint8Array, hash: Hash): Uint8Array {
  return hash.sha256(concat(LEAF, data))
}

/** RFC 6962 §2.1: the hash over two subtrees. */
export function parentHash(left: Uint8Array, right: Uint8Array, hash: Hash): Uint8Array {
  return hash.sha256(concat(NODE, left, right))
}

/**
 * Adds one leaf to a tree of `size` leaves whose maximal complete subtrees are `frontier`, largest first.
 * `nodes` are the subtrees that this leaf completed, level 1 and up: one an append on average, never more than 52.
 */
export function grow(
  size: number,
  frontier: readonly Uint8Array[],
  leaf: Uint8Array,
  hash: Hash
): { frontier: Uint8Array[]; nodes: TreeNode[] } {
  if (!Number.isSafeInteger(size + 1) || size < 0) throw fault('internal', `a tree of size ${size} cannot grow`)
  const peaks = [...frontier]
  const nodes: TreeNode[] = []
  let node = leaf
  let index = size
  for (let level = 1; index % 2 === 1; level++) {
    index = (index - 1) / 2
    node = parentHash(peaks.pop()!, node, hash)
    nodes.push({ level, index, hash: node })
  }
  peaks.push(node)
  return { frontier: peaks, nodes }
}

/** The maximal complete subtrees of a tree of `size` leaves, largest first, from stored nodes: at most 53 reads. */
export function frontierOf(size: number, node: NodeReader): Uint8Array[] {
  const peaks: Uint8Array[] = []
  for (let start = 0; start < size;) {
    const { width, level } = widest(size - start)
    peaks.push(node(level, start / width))
    start += width
  }
  return peaks
}

/** The root over a frontier; of an empty tree the hash of nothing, as RFC 6962 says. */
export function rootOf(frontier: readonly Uint8Array[], hash: Hash): Uint8Array {
  if (frontier.length === 0) return hash.sha256(new Uint8Array(0))
  return frontier.reduceRight((right, left) => parentHash(left, right, hash))
}

/** RFC 6962 §2.1.1: the path from leaf `index` to the root of the tree of `size` leaves, in O(log size) reads. */
export function inclusionProof(index: number, size: number, node: NodeReader, hash: Hash): Uint8Array[] {
  return subtreeProof(index, index + 1, size, node, hash)
}

/** RFC 6962 §2.1.2: proves that the tree of `from` leaves is the beginning of the tree of `to` leaves, in O(log to) reads. */
export function consistencyProof(from: number, to: number, node: NodeReader, hash: Hash): Uint8Array[] {
  return subtreeProof(0, from, to, node, hash)
}

/** Whether `leaf` stands at `index` of the tree of `size` leaves with this root. */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
  hash: Hash
): boolean {
  return leaf.length === HASH_BYTES && index < size && verifySubtree(index, index + 1, size, leaf, proof, root, hash)
}

/** Whether `leaf` stands at `index` of the tree inside the subtree [start, end) that has this root. */
export function verifySubtreeInclusion(
  index: number,
  start: number,
  end: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
  hash: Hash
): boolean {
  return isSubtree(start, end, end) && verifyInclusion(index - start, end - start, leaf, proof, root, hash)
}

/** Whether nothing of the smaller tree was changed in the larger one. Refuses an empty smaller tree: it begins every tree and proves nothing. */
export function verifyConsistency(
  from: number,
  to: number,
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
  proof: readonly Uint8Array[],
  hash: Hash
): boolean {
  return from > 0 && verifySubtree(0, from, to, fromRoot, proof, toRoot, hash)
}

/**
 * Proves that leaves [start, end) are a part of the tree of `size` leaves (Merkle Tree Certificates draft §4.4).
 * One leaf gives RFC 6962's inclusion proof, a start of 0 its consistency proof: both are this one walk.
 */
export function subtreeProof(start: number, end: number, size: number, node: NodeReader, hash: Hash): Uint8Array[] {
  if (!isSubtree(start, end, size)) throw fault('internal', `no subtree [${start}, ${end}) in a tree of size ${size}`)
  const walk = (from: number, to: number, whole: boolean): Uint8Array[] => {
    if (end >= to && start <= from) return whole ? [] : [rangeHash(from, to, node, hash)]
    const middle = from + splitOf(to - from)
    if (end <= middle) return [...walk(from, middle, whole), rangeHash(middle, to, node, hash)]
    return [...walk(middle, to, whole && start >= middle), rangeHash(from, middle, node, hash)]
  }
  return start === end ? [] : walk(0, size, true)
}

/**
 * Whether leaves [start, end) with root `part` are a part of the tree of `size` leaves with this root.
 * An empty part proves nothing about the tree: it is told from a non-empty one by the hash of nothing alone.
 */
export function verifySubtree(
  start: number,
  end: number,
  size: number,
  part: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
  hash: Hash
): boolean {
  if (!isSubtree(start, end, size) || proof.some((step) => step.length !== HASH_BYTES)) return false
  if (start === end) return proof.length === 0 && equalBytes(part, rootOf([], hash))
  let used = 0
  const next = () => proof[used++] ?? new Uint8Array(0)
  // The mirror image of `subtreeProof`: gives [what the part would be, what the tree would be] for one range.
  const walk = (from: number, to: number, whole: boolean): [Uint8Array, Uint8Array] => {
    if (end >= to && start <= from) {
      const known = whole ? part : next()
      return [known, known]
    }
    const middle = from + splitOf(to - from)
    if (end <= middle) {
      const [old, grown] = walk(from, middle, whole)
      return [old, parentHash(grown, next(), hash)]
    }
    const [old, grown] = walk(middle, to, whole && start >= middle)
    const left = next()
    return [start >= middle ? old : parentHash(left, old, hash), parentHash(left, grown, hash)]
  }
  const [old, grown] = walk(0, size, true)
  return used === proof.length && equalBytes(old, part) && equalBytes(grown, root)
}

/** A subtree begins at a multiple of its width rounded up to a power of two; the bound keeps every sum exact. */
function isSubtree(start: number, end: number, size: number): boolean {
  if (![start, end, size].every((value) => Number.isSafeInteger(value) && value >= 0)) return false
  if (start > end || end > size) return false
  if (start === end) return true
  const { width } = widest(end - start)
  return start % (width === end - start ? width : width * 2) === 0
}

/** The hash over leaves [from, to), where `from` is where RFC 6962 would split. */
function rangeHash(from: number, to: number, node: NodeReader, hash: Hash): Uint8Array {
  const { width, level } = widest(to - from)
  if (width === to - from) return node(level, from / width)
  return parentHash(node(level, from / width), rangeHash(from + width, to, node, hash), hash)
}

/** The largest power of two not above `size`, which must be at least 1. */
function widest(size: number): { width: number; level: number } {
  let width = 1
  let level = 0
  while (width * 2 <= size) {
    width *= 2
    level++
  }
  return { width, level }
}

/** RFC 6962's k: the largest power of two below `size`, which must be at least 2. */
function splitOf(size: number): number {
  const { width } = widest(size)
  return width === size ? width / 2 : width
}
