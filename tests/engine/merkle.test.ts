import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { concat, hex } from '../../src/engine/bytes.ts'
import {
  consistencyProof,
  frontierOf,
  grow,
  inclusionProof,
  leafHash,
  rootOf,
  subtreeProof,
  verifyConsistency,
  verifyInclusion,
  verifySubtree,
  verifySubtreeInclusion
} from '../../src/engine/merkle.ts'

const SIZE_MAX = 130
const leaves = Array.from({ length: SIZE_MAX }, (_, i) => leafHash(Uint8Array.of(i, 7), nodeHash))

/** RFC 6962 §2.1 word for word: slow, and obviously right. */
const naive = {
  root(data: readonly Uint8Array[]): Uint8Array {
    if (data.length === 0) return nodeHash.sha256(new Uint8Array())
    if (data.length === 1) return data[0]!
    const k = naive.split(data.length)
    return nodeHash.sha256(concat(Uint8Array.of(1), naive.root(data.slice(0, k)), naive.root(data.slice(k))))
  },
  path(m: number, data: readonly Uint8Array[]): Uint8Array[] {
    if (data.length === 1) return []
    const k = naive.split(data.length)
    return m < k
      ? [...naive.path(m, data.slice(0, k)), naive.root(data.slice(k))]
      : [...naive.path(m - k, data.slice(k)), naive.root(data.slice(0, k))]
  },
  proof(m: number, data: readonly Uint8Array[], whole = true): Uint8Array[] {
    if (m === data.length) return whole ? [] : [naive.root(data)]
    const k = naive.split(data.length)
    return m <= k
      ? [...naive.proof(m, data.slice(0, k), whole), naive.root(data.slice(k))]
      : [...naive.proof(m - k, data.slice(k), false), naive.root(data.slice(0, k))]
  },
  split: (size: number) => 2 ** Math.floor(Math.log2(size - 1))
}

/** A grown tree: frontiers by size, and a reader over what was persisted that counts its reads. */
function grown(size: number) {
  const nodes = new Map(leaves.map((leaf, i) => [`0/${i}`, leaf]))
  const frontiers: Uint8Array[][] = [[]]
  for (let i = 0; i < size; i++) {
    const step = grow(i, frontiers[i]!, leaves[i]!, nodeHash)
    frontiers.push(step.frontier)
    for (const { level, index, hash } of step.nodes) nodes.set(`${level}/${index}`, hash)
  }
  const tree = { frontiers, nodes, reads: 0, node: (level: number, index: number) => (tree.reads++, nodes.get(`${level}/${index}`)!) }
  return tree
}
const texts = (hashes: readonly Uint8Array[]) => hashes.map(hex)
const tree = grown(SIZE_MAX)
const rootAt = (size: number) => rootOf(tree.frontiers[size]!, nodeHash)

describe('against RFC 6962 word for word', () => {
  test('every root up to 130 leaves is the same, grown or read back', () => {
    for (let size = 0; size <= SIZE_MAX; size++) {
      const root = hex(naive.root(leaves.slice(0, size)))
      expect(hex(rootAt(size))).toBe(root)
      expect(hex(rootOf(frontierOf(size, tree.node), nodeHash))).toBe(root)
    }
  })

  test('every inclusion proof up to 130 leaves is the same, and verifies at its own place alone', () => {
    for (let size = 1; size <= SIZE_MAX; size++) {
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(index, size, tree.node, nodeHash)
        if (size < 40 || index % 7 === 0) expect(texts(proof)).toEqual(texts(naive.path(index, leaves.slice(0, size))))
        expect(verifyInclusion(index, size, leaves[index]!, proof, rootAt(size), nodeHash)).toBe(true)
        const other = (index + 1) % size
        if (other !== index) expect(verifyInclusion(other, size, leaves[index]!, proof, rootAt(size), nodeHash)).toBe(false)
      }
    }
  })

  test('every consistency proof up to 130 leaves is the same and verifies', () => {
    for (let to = 1; to <= SIZE_MAX; to++) {
      for (let from = 1; from <= to; from++) {
        const proof = consistencyProof(from, to, tree.node, nodeHash)
        if (to < 40 || from % 7 === 0) expect(texts(proof)).toEqual(texts(naive.proof(from, leaves.slice(0, to))))
        expect(verifyConsistency(from, to, rootAt(from), rootAt(to), proof, nodeHash)).toBe(true)
      }
    }
  })

  test('every subtree up to 40 leaves is proven, one that is not aligned is refused', () => {
    for (let size = 1; size <= 40; size++) {
      for (let start = 0; start < size; start++) {
        for (let end = start + 1; end <= size; end++) {
          const part = naive.root(leaves.slice(start, end))
          const aligned = start % 2 ** Math.ceil(Math.log2(end - start)) === 0
          if (!aligned) expect(() => subtreeProof(start, end, size, tree.node, nodeHash)).toThrow('no subtree')
          const proof = aligned ? subtreeProof(start, end, size, tree.node, nodeHash) : []
          expect(verifySubtree(start, end, size, part, proof, rootAt(size), nodeHash)).toBe(aligned)
        }
      }
    }
  })
})

test('an append stores about one node, and a proof reads at most two a level', () => {
  expect(tree.nodes.size - leaves.length).toBeLessThan(SIZE_MAX)
  for (let index = 0; index < SIZE_MAX; index++) {
    tree.reads = 0
    inclusionProof(index, SIZE_MAX, tree.node, nodeHash)
    expect(tree.reads).toBeLessThanOrEqual(16)
  }
})

test('no changed bit, no missing, added or swapped step of any proof verifies', () => {
  const size = fc.integer({ min: 2, max: SIZE_MAX })
  const spoilt = (proof: Uint8Array[], how: number, at: number): Uint8Array[] => {
    const copy = proof.map((step) => step.slice())
    const step = at % Math.max(copy.length, 1)
    if (how === 0 && copy.length > 0) copy[step]![at % 32]! ^= 1 << (at % 8)
    else if (how === 1 && copy.length > 0) copy.splice(step, 1)
    else if (how === 2 && copy.length > 1) copy.push(copy.shift()!)
    else if (how === 3 && copy.length > 0) copy[step] = copy[step]!.slice(1)
    else copy.splice(step, 0, new Uint8Array(32))
    return copy
  }
  fc.assert(
    fc.property(size, fc.nat(), fc.nat({ max: 4 }), fc.nat(), (to, pick, how, at) => {
      const index = pick % to
      const path = spoilt(inclusionProof(index, to, tree.node, nodeHash), how, at)
      expect(verifyInclusion(index, to, leaves[index]!, path, rootAt(to), nodeHash)).toBe(false)
      const from = (pick % to) + 1
      const proof = spoilt(consistencyProof(from, to, tree.node, nodeHash), how, at)
      expect(verifyConsistency(from, to, rootAt(from), rootAt(to), proof, nodeHash)).toBe(false)
    }),
    { seed: 6962, numRuns: 500 }
  )
})

test.each([
  ['a negative size', 0, -1],
  ['a fraction', 0.5, 2],
  ['NaN', Number.NaN, 2],
  ['a size whose sums are not exact', 0, 2 ** 53],
  ['infinity', 0, Number.POSITIVE_INFINITY],
  ['an index outside', 2, 2]
])('%s is refused at once', (_, index, size) => {
  expect(verifyInclusion(index, size, leaves[0]!, [], leaves[0]!, nodeHash)).toBe(false)
  expect(() => inclusionProof(index, size, tree.node, nodeHash)).toThrow()
})

test('the largest tree there can be is verified in bounded time', () => {
  const size = Number.MAX_SAFE_INTEGER
  expect(verifyInclusion(0, size, leaves[0]!, [], leaves[0]!, nodeHash)).toBe(false)
  expect(verifyConsistency(size - 1, size, leaves[0]!, leaves[1]!, Array(9999).fill(leaves[2]!), nodeHash)).toBe(false)
})

test('an empty tree begins every tree, so its consistency is refused as proving nothing', () => {
  expect(verifyConsistency(0, 5, rootAt(0), rootAt(5), [], nodeHash)).toBe(false)
})

const folder = new URL('../../../shared/corpora/merkle/', import.meta.url)
if (!existsSync(folder)) console.warn('skipped: no corpora (merkle)')

interface Vector {
  leafIdx: number
  treeSize: number
  start: number
  end: number
  size: number
  size1: number
  size2: number
  root: string
  root1: string
  root2: string
  leafHash: string
  proof: string[] | null
  wantErr: boolean
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))
const verify: Record<string, (vector: Vector, proof: Uint8Array[]) => boolean> = {
  inclusion: (v, proof) => verifyInclusion(v.leafIdx, v.treeSize, bytes(v.leafHash), proof, bytes(v.root), nodeHash),
  consistency: (v, proof) => verifyConsistency(v.size1, v.size2, bytes(v.root1), bytes(v.root2), proof, nodeHash),
  subtreeinclusion: (v, proof) => verifySubtreeInclusion(v.leafIdx, v.start, v.end, bytes(v.leafHash), proof, bytes(v.root), nodeHash),
  subtreeconsistency: (v, proof) => verifySubtree(v.start, v.end, v.size, bytes(v.root1), proof, bytes(v.root2), nodeHash)
}

test.skipIf(!existsSync(folder)).each(Object.keys(verify))(
  'every public %s vector is judged right (skipped where there are no corpora)',
  (kind) => {
    const files = readdirSync(new URL(`${kind}/`, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'))
    expect(files.length).toBeGreaterThan(90)
    const wrong = files.filter((file) => {
      const vector = JSON.parse(
        readFileSync(new URL(`${kind}/${encodeURIComponent(file).replaceAll('%2F', '/')}`, folder), 'utf8')
      ) as Vector
      return verify[kind]!(vector, (vector.proof ?? []).map(bytes)) === vector.wantErr
    })
    expect(wrong).toEqual([])
  }
)
