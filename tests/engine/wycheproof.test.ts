// Project Wycheproof's vectors, through the very primitives that the keys use.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ed25519Verifier, hmacSha256, openAesGcm, sealAesGcm, verifyHmacSha256 } from '../../src/adapters/keys/primitives.ts'
import { hex, unhex } from '../../src/engine/bytes.ts'
import { corpus } from '../vectors/corpora.ts'

interface Vectors<Group, Test> {
  readonly numberOfTests: number
  readonly testGroups: readonly (Group & {
    readonly tests: readonly (Test & { readonly tcId: number; readonly result: 'valid' | 'invalid' })[]
  })[]
}

const folder = corpus('wycheproof')

function load<Group, Test>(file: string): Vectors<Group, Test> {
  return folder === null
    ? { numberOfTests: 0, testGroups: [] }
    : (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Vectors<Group, Test>)
}

const bytes = (text: string) => unhex(text)!

/** Counts outcomes, so that a vector that is passed over is seen. */
function tally() {
  const counts: Record<string, number> = {}
  return { counts, add: (what: string) => (counts[what] = (counts[what] ?? 0) + 1) }
}

describe.skipIf(folder === null)('Wycheproof (skipped: no corpora)', () => {
  test('HMAC-SHA256: whole tags are made and checked right, truncated ones refused', () => {
    const { numberOfTests, testGroups } = load<{ tagSize: number }, { key: string; msg: string; tag: string }>('hmac_sha256_test.json')
    const { counts, add } = tally()
    for (const { tagSize, tests } of testGroups) {
      for (const { tcId, key, msg, tag, result } of tests) {
        const accepted = verifyHmacSha256(bytes(key), bytes(msg), bytes(tag))
        expect(accepted, `vector ${tcId}`).toBe(tagSize === 256 && result === 'valid')
        if (result === 'valid') expect(hex(hmacSha256(bytes(key), bytes(msg))).slice(0, tagSize / 4), `vector ${tcId}`).toBe(tag)
        add(tagSize === 256 ? result : 'truncated, refused')
      }
    }
    expect(counts).toEqual({ valid: 33, invalid: 54, 'truncated, refused': 87 })
    expect(numberOfTests).toBe(174)
  })

  test('Ed25519: every signature is judged right', () => {
    const { numberOfTests, testGroups } = load<{ publicKey: { pk: string } }, { msg: string; sig: string }>('ed25519_test.json')
    const { counts, add } = tally()
    for (const { publicKey, tests } of testGroups) {
      const verify = ed25519Verifier(bytes(publicKey.pk))
      for (const { tcId, msg, sig, result } of tests) {
        expect(verify(bytes(msg), bytes(sig)), `vector ${tcId}`).toBe(result === 'valid')
        add(result)
      }
    }
    expect(counts).toEqual({ valid: 88, invalid: 63 })
    expect(numberOfTests).toBe(151)
  })

  test('AES-256-GCM with 96-bit nonces: sealed and opened right; other keys and nonces are refused', () => {
    const { numberOfTests, testGroups } = load<
      { keySize: number; ivSize: number },
      { key: string; iv: string; aad: string; msg: string; ct: string; tag: string }
    >('aes_gcm_test.json')
    const { counts, add } = tally()
    for (const { keySize, ivSize, tests } of testGroups) {
      for (const { tcId, key, iv, aad, msg, ct, tag, result } of tests) {
        const open = () => openAesGcm(bytes(key), bytes(iv), bytes(ct + tag), bytes(aad))
        const seal = () => sealAesGcm(bytes(key), bytes(iv), bytes(msg), bytes(aad))
        if (keySize !== 256 || ivSize !== 96) {
          expect(open, `vector ${tcId}`).toThrow(RangeError)
          expect(seal, `vector ${tcId}`).toThrow(RangeError)
          add(keySize !== 256 ? 'other key size, refused' : 'other nonce size, refused')
          continue
        }
        const plain = open()
        expect(plain === null ? null : hex(plain), `vector ${tcId}`).toBe(result === 'valid' ? msg : null)
        if (result === 'valid') expect(hex(seal()), `vector ${tcId}`).toBe(ct + tag)
        add(result)
      }
    }
    expect(counts).toEqual({ valid: 39, invalid: 27, 'other key size, refused': 211, 'other nonce size, refused': 39 })
    expect(numberOfTests).toBe(316)
  })
})
