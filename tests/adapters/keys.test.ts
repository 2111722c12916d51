// Keys: what one secret gives, who can open and verify what, and that nothing of the secret shows.
import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { checkSecret, previousSecretsOf, publicVerifier, webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { base64, base64url, hex, unbase64 } from '../../src/engine/bytes.ts'
import { Fault } from '../../src/engine/fault.ts'
import type { Keyring, PublicKey } from '../../src/engine/ports.ts'

const OLD = 'old: Vt6-qLw81_yRzE0cXk3mNp5sHd7gJf9a'
const NEW = 'new: 4uBn_Qe2TzYw8rKx6vMj1hLc3oPs5iDa'
const utf8 = (text: string) => new TextEncoder().encode(text)
const data = utf8('what is signed')

const team = (id: string, secret = NEW, previousSecrets: readonly string[] = []) => webcryptoKeys({ secret, previousSecrets }).team(id)
const statuses = async (by: Pick<Keyring, 'verify'>, signer: Keyring, bytes = data) =>
  (await by.verify(bytes, await signer.sign(data))).map(({ status }) => status)

describe('signing', () => {
  test('gives HMAC-SHA256, then Ed25519, the same every time and in every instance', async () => {
    const first = await (await team('acme')).sign(data)
    expect(first.map(({ alg }) => alg)).toEqual(['HMAC-SHA256', 'Ed25519'])
    expect(first[0]!.sig).toMatch(/^[0-9a-f]{64}$/)
    expect(first[1]!.sig).toMatch(/^[A-Za-z0-9_-]{86}$/)
    expect(await (await team('acme')).sign(data)).toEqual(first)
  })

  test('is verified by the same team and secret alone', async () => {
    const ring = await team('acme')
    expect(await statuses(ring, ring)).toEqual(['valid', 'valid'])
    expect(await statuses(ring, ring, utf8('something else'))).toEqual(['invalid', 'invalid'])
    expect(await statuses(await team('other'), ring)).toEqual(['unknown_key', 'unknown_key'])
    expect(await statuses(await team('acme', OLD), ring)).toEqual(['unknown_key', 'unknown_key'])
  })

  test('checkpoints are signed with the key that is published', async () => {
    const ring = await team('acme')
    const { keyid, publicKey, signature } = await ring.signEd25519(data)
    const [published] = await ring.publicKeys()
    expect([published!.kid, published!.x]).toEqual([keyid, base64url(publicKey)])
    expect([publicKey.length, signature.length]).toEqual([32, 64])
    expect((await publicVerifier([published!]).verify(data, [{ keyid, alg: 'Ed25519', sig: base64url(signature) }]))[0]!.status).toBe(
      'valid'
    )
  })
})

describe('key ids', () => {
  test('differ by team, purpose and secret, and do not hold a piece of the secret', async () => {
    const ids: string[] = []
    for (const secret of [OLD, NEW]) {
      for (const id of ['a', 'b', 'a-1', 'a_1']) {
        const ring = await team(id, secret)
        ids.push(...(await ring.sign(data)).map(({ keyid }) => keyid), (await ring.seal(data, 'c')).split('.')[1]!)
      }
    }
    expect(new Set(ids).size).toBe(24)
    for (const id of ids) expect(id).toMatch(/^(hmac|ed25519|seal)_[0-9a-f]{16}$/)
  })

  test.each(['', 'ACME', 'a/1', 'a'.repeat(64), '../b', 'a\u0000b'])('%j is no team: its keys are not derived', async (id) => {
    await expect(team(id)).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('rotation', () => {
  test('what the old secret signed, sealed and committed to stays good; the new one makes everything new', async () => {
    const before = await team('acme', OLD)
    const after = await team('acme', NEW, [OLD])
    expect(await statuses(after, before)).toEqual(['valid', 'valid'])
    expect(await after.open(await before.seal(data, 'run'), 'run')).toEqual(data)
    expect(await after.isCommitment(data, await before.commit(data))).toBe(true)
    expect(await statuses(before, after)).toEqual(['unknown_key', 'unknown_key'])
    expect(await after.commit(data)).toBe(await (await team('acme', NEW)).commit(data))
    await expect(before.open(await after.seal(data, 'run'), 'run')).rejects.toMatchObject({ code: 'misconfigured' })
  })

  test('old public keys stay published behind the current one', async () => {
    const kids = (keys: PublicKey[]) => keys.map(({ kid }) => kid)
    const [old] = kids(await (await team('acme', OLD)).publicKeys())
    const [current] = kids(await (await team('acme', NEW)).publicKeys())
    expect(kids(await (await team('acme', NEW, [OLD, NEW, OLD])).publicKeys())).toEqual([current, old])
  })

  test('once the old secret is gone, its signatures prove nothing', async () => {
    expect(await statuses(await team('acme', NEW), await team('acme', OLD))).toEqual(['unknown_key', 'unknown_key'])
  })

  test.each<[string | undefined, string[]]>([
    [undefined, []],
    ['', []],
    [' a , b,,c ', ['a', 'b', 'c']]
  ])('ENACT_SECRET_PREVIOUS %j holds %j', (text, secrets) => {
    expect(previousSecretsOf(text)).toEqual(secrets)
  })
})

describe('sealing', () => {
  test('opens for the same team and context, whatever the length, and never looks the same twice', async () => {
    const ring = await team('acme')
    for (const plain of [new Uint8Array(0), data, new Uint8Array(100_000).fill(7)]) {
      const sealed = await ring.seal(plain, 'run 1')
      expect(sealed).toMatch(/^v1\.seal_[0-9a-f]{16}\.[A-Za-z0-9_-]+$/)
      expect(await ring.open(sealed, 'run 1')).toEqual(plain)
      expect(await ring.seal(plain, 'run 1')).not.toBe(sealed)
    }
  })

  test('is refused for another context, another team, and any changed character', async () => {
    const ring = await team('acme')
    const sealed = await ring.seal(data, 'run 1')
    await expect(ring.open(sealed, 'run 2')).rejects.toBeInstanceOf(Fault)
    await expect((await team('other')).open(sealed, 'run 1')).rejects.toBeInstanceOf(Fault)
    let refused = 0
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
      refused += await ring.open(changed, 'run 1').then(
        () => 0,
        (error: unknown) => (error instanceof Fault ? 1 : 0)
      )
    }
    expect(refused).toBe(sealed.length)
    for (const text of ['', 'v1', 'v1..', `${sealed}.x`, sealed.slice(0, -30), sealed.split('.').slice(0, 2).join('.')]) {
      await expect(ring.open(text, 'run 1')).rejects.toBeInstanceOf(Fault)
    }
  })

  test('ties context and team apart: neither can be moved into the other', async () => {
    const sealed = await (await team('a')).seal(data, 'b","c')
    await expect((await team('a')).open(sealed, 'b')).rejects.toBeInstanceOf(Fault)
  })

  test('draws a fresh nonce of 96 bits for every text', async () => {
    const asked: number[] = []
    const keys = webcryptoKeys({ secret: NEW, random: (bytes) => (asked.push(bytes), new Uint8Array(bytes).fill(asked.length)) })
    const ring = await keys.team('acme')
    const nonces = [await ring.seal(data, 'c'), await ring.seal(data, 'c')].map((sealed) => unbase64(sealed.split('.')[2]!)!.slice(0, 12))
    expect(asked).toEqual([12, 12])
    expect(nonces.map((nonce) => nonce[0])).toEqual([1, 2])
  })
})

test('a commitment binds to the bytes and the team, and is no plain hash', async () => {
  const ring = await team('acme')
  const commitment = await ring.commit(data)
  expect(commitment).toMatch(/^hmac-sha256:[0-9a-f]{64}$/)
  expect(await ring.isCommitment(utf8('what is signeD'), commitment)).toBe(false)
  expect(await ring.isCommitment(data, `${commitment} `)).toBe(false)
  expect(await (await team('other')).commit(data)).not.toBe(commitment)
  expect((await ring.sign(data))[0]!.sig).not.toBe(commitment.slice(12))
})

test('a million team ids do not fill memory, and the keys of one that was dropped come back the same', async () => {
  const keys = webcryptoKeys({ secret: NEW })
  const first = await keys.team('first')
  expect(await keys.team('first')).toBe(first)
  for (let i = 0; i < 500; i++) await keys.team(`t${i}`)
  const again = await keys.team('first')
  expect(again).not.toBe(first)
  expect(await again.sign(data)).toEqual(await first.sign(data))
  expect(await keys.team('t499')).toBe(await keys.team('t499'))
})

describe('public keys', () => {
  test('verify Ed25519, and say of an HMAC that its key is unknown', async () => {
    const ring = await team('acme')
    expect(await statuses(publicVerifier(await ring.publicKeys()), ring)).toEqual(['unknown_key', 'valid'])
    expect(await statuses(publicVerifier([]), ring)).toEqual(['unknown_key', 'unknown_key'])
  })

  test('that pass for another key, or are none, are refused', async () => {
    const [key] = await (await team('acme')).publicKeys()
    const [other] = await (await team('other')).publicKeys()
    for (const wrong of [
      { ...other!, kid: key!.kid },
      { ...key!, crv: 'X25519' },
      { ...key!, kty: 'oct' },
      { ...key!, x: 'AAAA' },
      { ...key!, x: undefined },
      { ...key!, x: '*' }
    ]) {
      expect(() => publicVerifier([wrong as never])).toThrow(Fault)
    }
  })
})

describe('secrets', () => {
  test.each([
    [undefined, 'not set'],
    ['', 'not set'],
    ['k7#Qz', 'has 5 characters'],
    ['x'.repeat(31), 'has 31 characters'],
    [` ${NEW}`, 'space'],
    [`${NEW}\n`, 'line break'],
    [`${NEW},${OLD}`, 'comma'],
    ['a'.repeat(64), 'too easy'],
    ['ab'.repeat(20), 'too easy'],
    ['kT9-xW2_'.repeat(5), 'too easy'],
    ['0123456789abcdefghijklmnopqrstuvwxyz', 'too easy'],
    ['zyxwvutsrqponmlkjihgfedcba9876543210', 'too easy'],
    ['aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb1234', 'too easy'],
    ['replace-me-with-32-or-more-random-characters', 'example'],
    ['change_me_change_me_change_me_change_me!', 'example'],
    ['your-secret-of-at-least-32-characters', 'example'],
    ['<the output of openssl rand -base64 32>', 'example'],
    ['this is only an EXAMPLE secret 1234567890', 'example']
  ])('%j is refused: %s', (secret, why) => {
    const refused = checkSecret(secret)
    expect(refused).toContain(why)
    expect(refused).toContain('openssl rand -base64 32')
    if (secret && secret.length > 6) expect(refused).not.toContain(secret.trim())
  })

  test('random ones of 32 characters or more are accepted, in any alphabet', () => {
    for (let i = 0; i < 2000; i++) {
      const random = nodeHash.sha256(utf8(`secret ${i}`))
      const spellings = [
        hex(random),
        hex(random).slice(0, 32),
        base64(random),
        base64url(random),
        BigInt(`0x${hex(random)}`)
          .toString()
          .slice(0, 40)
      ]
      for (const secret of spellings) expect(checkSecret(secret), secret).toBeNull()
    }
  })

  test('none at all derives no keys', () => {
    expect(() => webcryptoKeys({ secret: '' })).toThrow(Fault)
  })
})
