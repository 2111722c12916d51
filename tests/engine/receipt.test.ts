// A signature covers everything of a receipt but itself and its place in the ledger.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { publicVerifier, webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { equalBytes, hex } from '../../src/engine/bytes.ts'
import { canonicalize } from '../../src/engine/canonical.ts'
import { RECEIPT_TYPE, receiptDigest, signingBytes, signReceipt, verifyReceipt } from '../../src/engine/receipt.ts'
import { Receipt, ReceiptBody, type Json, type JsonObject, type Signature } from '../../src/engine/schema.ts'
import { changes } from './json_changes.ts'
import vectors from '../vectors/receipt_v1.json' with { type: 'json' }

const full = vectors[0]!
const secret = full.secret
const receipt = Receipt.parse(full.receipt)
const { signatures: _signatures, ...rest } = receipt
const body: ReceiptBody = rest
const keyring = await webcryptoKeys({ secret }).team('acme')
const outsiders = publicVerifier(await keyring.publicKeys())

const check = (given: unknown, verifier: Parameters<typeof verifyReceipt>[1] = keyring) => verifyReceipt(given, verifier, nodeHash)
const signedAs = (signatures: readonly Signature[]) => ({ ...body, signatures })

describe('pinned vectors, made by another implementation', () => {
  test.each(vectors)(
    '$name: the same bytes, digest and signatures, forever',
    async ({ secret: given, digest, public_key, receipt: pinned }) => {
      const ring = await webcryptoKeys({ secret: given }).team(pinned.team_id)
      const { signatures, ...unsigned } = Receipt.parse(pinned)
      expect(receiptDigest(unsigned, nodeHash)).toBe(digest)
      expect((await signReceipt(unsigned, ring, nodeHash)).signatures).toEqual(signatures)
      expect(await ring.publicKeys()).toEqual([public_key])
      expect(await verifyReceipt(pinned, ring, nodeHash)).toMatchObject({ valid: true, problems: [] })
      const check = await verifyReceipt(pinned, publicVerifier([public_key as never]), nodeHash)
      expect(check).toMatchObject({ valid: true, signatures: [{ status: 'unknown_key' }, { status: 'valid' }] })
    }
  )
})

describe('signed bytes', () => {
  const bytes = signingBytes(body, nodeHash)

  test('are DSSE PAE of the type and the canonical body', () => {
    const canonical = new TextEncoder().encode(canonicalize(body as unknown as JsonObject))
    const frame = `DSSEv1 37 application/vnd.enact.receipt.v1+json ${canonical.length} `
    expect(RECEIPT_TYPE).toHaveLength(37)
    expect(new TextDecoder().decode(bytes)).toBe(frame + new TextDecoder().decode(canonical))
  })

  test('leave out signatures and ledger, and nothing else', () => {
    const place = { seq: 1, leaf: '0'.repeat(64), prev: '0'.repeat(64) }
    expect(equalBytes(signingBytes({ ...receipt, ledger: place }, nodeHash), bytes)).toBe(true)
    for (const key of Object.keys(body)) {
      const { [key as keyof ReceiptBody]: _, ...less } = body
      expect(equalBytes(signingBytes(less as ReceiptBody, nodeHash), bytes), key).toBe(false)
    }
  })

  test('changed in any one byte, no signature verifies', async () => {
    let invalid = 0
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice()
      changed[at]! ^= 1 << (at % 8)
      const found = await keyring.verify(changed, receipt.signatures)
      invalid += found.filter(({ status }) => status === 'invalid').length
    }
    expect(invalid).toBe(bytes.length * 2)
  })

  test('cut off, or with something before or after, no signature verifies', async () => {
    const canonical = bytes.slice(bytes.length - canonicalize(body as unknown as JsonObject).length)
    for (const other of [
      bytes.slice(1),
      bytes.slice(0, -1),
      canonical,
      new Uint8Array(0),
      Uint8Array.of(...bytes, 0),
      Uint8Array.of(0x20, ...bytes)
    ]) {
      expect((await keyring.verify(other, receipt.signatures)).map(({ status }) => status)).toEqual(['invalid', 'invalid'])
    }
  })

  const signing = (payload: JsonObject, more: Partial<ReceiptBody> = {}) => hex(signingBytes({ ...body, ...more, payload }, nodeHash))

  test('are never shared by two receipts', () => {
    const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: false }).map((value) => ({ value }) as JsonObject)
    fc.assert(
      fc.property(json, json, fc.string(), fc.string(), (a, b, one, two) => {
        const same = canonicalize(a) === canonicalize(b) && one === two
        expect(signing(a, { workflow: one }) === signing(b, { workflow: two })).toBe(same)
      }),
      { seed: 9, numRuns: 500 }
    )
  })

  test.each<[string, JsonObject, JsonObject]>([
    ['composed and decomposed letters', { a: 'é' }, { a: 'e\u0301' }],
    ['letters that look alike', { a: 'main' }, { a: 'm\u0430in' }],
    ['a number and its text', { a: 1 }, { a: '1' }],
    ['null, absent and empty', { a: null }, {}],
    ['false and 0', { a: false }, { a: 0 }],
    ['one array and two', { a: [1, 2] }, { a: [[1], [2]] }],
    ['keys that hold the separators of JSON', { 'a":1,"b': 2 }, { a: 1, b: 2 }],
    ['a text that looks like what follows it', { a: 'x","b":"y' }, { a: 'x', b: 'y' }],
    ['a payload that imitates the frame', { a: `DSSEv1 37 ${RECEIPT_TYPE} 2 {}` }, { a: `DSSEv1 37 ${RECEIPT_TYPE} 2 {} ` }],
    ['large integers side by side', { a: 9007199254740991 }, { a: 9007199254740990 }]
  ])('tell apart %s', (_name, a, b) => {
    expect(signing(a)).not.toBe(signing(b))
  })

  test('are the same for 1 and 1.0, which JSON does not tell apart', () => {
    expect(signing(JSON.parse('{"a":1.0}') as JsonObject)).toBe(signing({ a: 1 }))
  })

  test('do not move between fields: swapped values are another receipt', () => {
    expect(signing({}, { workflow: 'a', user_email: 'b' })).not.toBe(signing({}, { workflow: 'b', user_email: 'a' }))
  })
})

describe('any change makes verification fail', () => {
  const all = [...changes(body as unknown as Json, '')]

  test('at every path of a receipt that has every field', async () => {
    const paths = new Set(all.map(([what]) => what))
    for (const key of Object.keys(ReceiptBody.shape)) expect(paths, `the sample has no \`${key}\``).toContain(`/${key} deleted`)
    expect(all.length).toBeGreaterThan(700)
    const accepted: string[] = []
    for (const [what, changed] of all) {
      const given =
        changed !== null && typeof changed === 'object' && !Array.isArray(changed)
          ? { ...changed, signatures: receipt.signatures }
          : changed
      for (const verifier of [keyring, outsiders]) if ((await check(given, verifier)).valid) accepted.push(what)
    }
    expect(accepted).toEqual([])
  })

  test('at every character of its text', async () => {
    const text = JSON.stringify(receipt)
    const end = text.indexOf(',"signatures":')
    const accepted: string[] = []
    let read = 0
    for (let at = 0; at < end; at++) {
      const letter = text[at] === '0' ? '1' : '0'
      let given: unknown
      try {
        given = JSON.parse(text.slice(0, at) + letter + text.slice(at + 1))
      } catch {
        continue
      }
      read++
      if ((await check(given)).valid) accepted.push(`${at}: ${text[at]}`)
    }
    expect(read).toBeGreaterThan(1000)
    expect(accepted).toEqual([])
  })
})

describe('signatures', () => {
  const [hmac, ed25519] = receipt.signatures as [Signature, Signature]

  test('in the other order, and a place in the ledger, change nothing', async () => {
    expect((await check(signedAs([ed25519, hmac]))).valid).toBe(true)
    expect((await check({ ...receipt, ledger: { seq: 3, leaf: '0'.repeat(64), prev: '1'.repeat(64) } })).valid).toBe(true)
  })

  test.each<[string, readonly Signature[], RegExp]>([
    ['none', [], /HMAC-SHA256 signature is missing/],
    ['the HMAC stripped', [ed25519], /HMAC-SHA256 signature is missing/],
    ['the Ed25519 stripped', [hmac], /Ed25519 signature is missing/],
    ['one doubled', [hmac, hmac, ed25519], /2 HMAC-SHA256 signatures instead of one/],
    ['a stranger added', [hmac, ed25519, { ...ed25519, keyid: 'ed25519_0000000000000000' }], /2 Ed25519 signatures/],
    [
      'values swapped',
      [
        { ...hmac, sig: ed25519.sig },
        { ...ed25519, sig: hmac.sig }
      ],
      /is not over this receipt/
    ],
    [
      'key ids swapped',
      [
        { ...hmac, keyid: ed25519.keyid },
        { ...ed25519, keyid: hmac.keyid }
      ],
      /is not over this receipt/
    ],
    [
      'the HMAC labelled Ed25519',
      [
        { ...hmac, alg: 'Ed25519' },
        { ...ed25519, alg: 'HMAC-SHA256' }
      ],
      /is not over this receipt/
    ],
    ['two HMACs, one labelled Ed25519', [hmac, { ...hmac, alg: 'Ed25519' }], /the Ed25519 signature of `hmac_/],
    ['an HMAC keyed with the public key', [{ ...hmac, keyid: ed25519.keyid }, ed25519], /is not over this receipt/],
    ['upper-case hex', [{ ...hmac, sig: hmac.sig.toUpperCase() }, ed25519], /the HMAC-SHA256 signature/],
    ['a truncated HMAC', [{ ...hmac, sig: hmac.sig.slice(0, 32) }, ed25519], /the HMAC-SHA256 signature/],
    ['an empty HMAC', [{ ...hmac, sig: '' }, ed25519], /the HMAC-SHA256 signature/],
    ['padded base64url', [hmac, { ...ed25519, sig: `${ed25519.sig}==` }], /the Ed25519 signature/],
    ['an empty Ed25519 signature', [hmac, { ...ed25519, sig: '' }], /the Ed25519 signature/],
    [
      'all keys unknown',
      [
        { ...hmac, keyid: 'hmac_0' },
        { ...ed25519, keyid: 'ed25519_0' }
      ],
      /no signature could be verified/
    ]
  ])('%s: refused', async (_name, signatures, problem) => {
    const found = await check(signedAs(signatures))
    expect(found.valid).toBe(false)
    expect(found.problems.join('; ')).toMatch(problem)
  })

  test('of another receipt are refused', async () => {
    const other = await signReceipt({ ...body, revision: 2 }, keyring, nodeHash)
    expect((await check({ ...receipt, signatures: other.signatures })).valid).toBe(false)
    expect((await check({ ...receipt, signatures: [hmac, other.signatures[1]] })).valid).toBe(false)
    expect((await check({ ...receipt, signatures: [other.signatures[0], ed25519] })).valid).toBe(false)
  })

  test('of another team, or under another secret, are refused', async () => {
    for (const keys of [await webcryptoKeys({ secret }).team('other'), await webcryptoKeys({ secret: `${secret}.` }).team('acme')]) {
      const forged = await signReceipt(body, keys, nodeHash)
      const found = await check(forged)
      expect(found.valid).toBe(false)
      expect(found.signatures.map(({ status }) => status)).toEqual(['unknown_key', 'unknown_key'])
      const renamed = forged.signatures.map((signature, i) => ({ ...signature, keyid: receipt.signatures[i]!.keyid }))
      expect((await check(signedAs(renamed))).valid).toBe(false)
    }
  })

  test('of an invalid known key spoil the receipt, though the other one is valid', async () => {
    const broken = { ...hmac, sig: '0'.repeat(64) }
    expect((await check(signedAs([broken, ed25519]))).valid).toBe(false)
    // To somebody with public keys only, the HMAC says nothing either way.
    expect((await check(signedAs([broken, ed25519]), outsiders)).valid).toBe(true)
  })
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'receipt'],
  ['an array', [receipt]],
  ['an empty object', {}],
  ['only signatures', { signatures: receipt.signatures }],
  ['version 2', { ...receipt, version: 2 }],
  ['a Date inside', { ...receipt, payload: { at: new Date(0) } }],
  ['a lone surrogate inside', { ...receipt, payload: { at: '\ud800' } }],
  ['a circle', Object.assign({ ...receipt } as Record<string, unknown>, { payload: ((o) => Object.assign(o, { o }))({}) })],
  ['endless depth', { ...receipt, payload: { a: JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as Json } }],
  ['signatures that are no array', { ...receipt, signatures: { length: 2 } }],
  [
    'a getter that lies',
    {
      ...receipt,
      get signatures(): never {
        throw new Error('no')
      }
    }
  ]
])('%s is no receipt: refused with a reason, never a crash', async (_name, given) => {
  const found = await check(given)
  expect(found.valid).toBe(false)
  expect(found.problems.length).toBeGreaterThan(0)
})
