import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { concat, hex, unhex } from '../../src/engine/bytes.ts'
import {
  appendLeaf,
  chainAfter,
  CHAIN_START,
  checkChain,
  EMPTY_LEDGER,
  InclusionProof,
  leafOf,
  ledgerRoot,
  nextPlace,
  resumeLedger,
  verifyPlace,
  verifyProof
} from '../../src/engine/ledger.ts'
import { inclusionProof } from '../../src/engine/merkle.ts'
import { signingBytes } from '../../src/engine/receipt.ts'
import type { LedgerPlace, Receipt } from '../../src/engine/schema.ts'
import { receiptOf } from '../adapters/receipt_samples.ts'

const COUNT = 20

/** A ledger of `COUNT` receipts, everything that a store would keep of it. */
function filled() {
  let state = EMPTY_LEDGER
  const nodes = new Map<string, Uint8Array>()
  const receipts: Receipt[] = []
  for (let n = 0; n < COUNT; n++) {
    const receipt = receiptOf(n)
    const leaf = leafOf(receipt, nodeHash)
    const step = appendLeaf(state, leaf, nodeHash)
    nodes.set(`0/${n}`, leaf)
    for (const { level, index, hash } of step.nodes) nodes.set(`${level}/${index}`, hash)
    receipts.push({ ...receipt, ledger: step.place })
    state = step.state
  }
  return {
    state,
    receipts,
    places: receipts.map(({ ledger }) => ledger!),
    node: (level: number, index: number) => nodes.get(`${level}/${index}`)!
  }
}
const { state, receipts, places, node } = filled()

test('leaf and chain are exactly what the contract says, computed without the code under test', () => {
  const leaf = nodeHash.sha256(concat(Uint8Array.of(0), signingBytes(receipts[0]!, nodeHash)))
  expect(places[0]).toEqual({ seq: 0, leaf: hex(leaf), prev: '0'.repeat(64) })
  const chain = nodeHash.sha256(concat(new Uint8Array(32), leaf))
  expect(places[1]).toMatchObject({ seq: 1, prev: hex(chain) })
  expect(places[2]!.prev).toBe(hex(nodeHash.sha256(concat(chain, unhex(places[1]!.leaf)!))))
})

test('signatures and place are not part of the leaf: neither can be, before it is made', () => {
  const { ledger: _, ...unplaced } = receipts[3]!
  expect(leafOf({ ...unplaced, signatures: [] }, nodeHash)).toEqual(leafOf(receipts[3]!, nodeHash))
})

test('an append changes nothing that was given to it', () => {
  const before = structuredClone(state)
  appendLeaf(state, new Uint8Array(32), nodeHash)
  expect(state).toEqual(before)
})

test('the state is the same again from the newest entry and the stored nodes, at every size', () => {
  let grown = EMPTY_LEDGER
  expect(resumeLedger(null, node, nodeHash)).toEqual(grown)
  for (const place of places) {
    expect(nextPlace(grown.size === 0 ? null : places[grown.size - 1]!, unhex(place.leaf)!, nodeHash)).toEqual(place)
    grown = appendLeaf(grown, unhex(place.leaf)!, nodeHash).state
    expect(resumeLedger(place, node, nodeHash)).toEqual(grown)
  }
})

describe('a receipt’s place', () => {
  test('is its own', () => expect(receipts.flatMap((receipt) => verifyPlace(receipt, nodeHash))).toEqual([]))

  const spoilt: [string, Receipt][] = [
    ['no place', { ...receipts[3]!, ledger: undefined }],
    ['another receipt’s place', { ...receipts[3]!, ledger: places[4]! }],
    ['a changed payload', { ...receipts[3]!, payload: { number: 4 } }],
    ['a first entry that follows something', { ...receipts[0]!, ledger: { ...places[0]!, prev: 'a'.repeat(64) } }]
  ]
  test.each(spoilt)('%s is told', (_, receipt) => expect(verifyPlace(receipt, nodeHash)).toHaveLength(1))
})

describe('a chain', () => {
  const without = (seq: number) => places.filter((place) => place.seq !== seq)
  test('is whole in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(places, { minLength: COUNT }), (shuffled) => {
        expect(checkChain(shuffled, nodeHash)).toEqual({ whole: true, from: 0, to: COUNT - 1, links: COUNT, gaps: [], breaks: [] })
      }),
      { seed: 1, numRuns: 20 }
    )
  })

  const changed = (seq: number, change: Partial<LedgerPlace>) =>
    places.map((place) => (place.seq === seq ? { ...place, ...change } : place))
  test.each([
    ['the middle one removed', without(7), { gaps: ['entry 7 is missing'], breaks: [] }],
    ['the first ones removed', places.slice(3), { gaps: ['entries 0 to 2 are missing'], breaks: [] }],
    [
      'the middle one removed and the rest renumbered',
      without(7).map((place, seq) => ({ ...place, seq })),
      { gaps: [], breaks: ['entry 7 does not follow on entry 6'] }
    ],
    ['a changed leaf', changed(7, { leaf: 'a'.repeat(64) }), { gaps: [], breaks: ['entry 8 does not follow on entry 7'] }],
    [
      'a changed prev',
      changed(7, { prev: 'a'.repeat(64) }),
      { gaps: [], breaks: ['entry 7 does not follow on entry 6', 'entry 8 does not follow on entry 7'] }
    ],
    [
      'a first one that does not begin',
      changed(0, { prev: 'a'.repeat(64) }),
      { breaks: ['entry 0 does not begin the chain', 'entry 1 does not follow on entry 0'] }
    ],
    ['two under one number', [...places, places[7]!], { gaps: [], breaks: ['entry 7 is there twice'] }],
    ['a fork at the end', [...places, { ...places[19]!, leaf: 'a'.repeat(64) }], { breaks: ['entry 19 is there twice'] }]
  ])('with %s is not, and the place is named', (_, given, expected) => {
    expect(checkChain(given, nodeHash)).toMatchObject({ whole: false, ...expected })
  })

  test('of nothing is not whole', () => expect(checkChain([], nodeHash)).toMatchObject({ whole: false, from: null, to: null }))
})

describe('a proof', () => {
  const tree = { size: COUNT, root: ledgerRoot(state, nodeHash) }
  const proofOf = (seq: number): InclusionProof =>
    InclusionProof.parse({
      seq,
      tree_size: COUNT,
      leaf: places[seq]!.leaf,
      path: inclusionProof(seq, COUNT, node, nodeHash).map(hex),
      checkpoint: null
    })

  test('holds for its own place alone', () => {
    for (const place of places) {
      expect(verifyProof(place, proofOf(place.seq), tree, nodeHash)).toEqual([])
      expect(verifyProof(places[(place.seq + 1) % COUNT]!, proofOf(place.seq), tree, nodeHash)).toHaveLength(1)
    }
  })

  test('does not hold for another tree, another size, another path', () => {
    const proof = proofOf(5)
    expect(verifyProof(places[5]!, proof, { ...tree, root: new Uint8Array(32) }, nodeHash)).toHaveLength(1)
    expect(verifyProof(places[5]!, proof, { ...tree, size: COUNT + 1 }, nodeHash)).toHaveLength(1)
    expect(verifyProof(places[5]!, { ...proof, path: proof.path.slice(1) }, tree, nodeHash)).toHaveLength(1)
    expect(verifyProof(places[5]!, { ...proof, path: proof.path.toReversed() }, tree, nodeHash)).toHaveLength(1)
  })

  test('may carry its checkpoint as text or in an object’s `note`', () => {
    expect(InclusionProof.parse({ ...proofOf(5), checkpoint: { note: 'text', tree_size: 20 } })).toEqual(
      InclusionProof.parse({ ...proofOf(5), checkpoint: 'text' })
    )
  })
})

test('the chain after the first entry is not the chain’s start', () => expect(chainAfter(places[0]!, nodeHash)).not.toBe(CHAIN_START))
