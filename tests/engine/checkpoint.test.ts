import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { publicVerifier, webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { base64, unbase64 } from '../../src/engine/bytes.ts'
import { checkpointBody, openCheckpoint, originOf, signCheckpoint } from '../../src/engine/checkpoint.ts'
import type { Checkpoint, CheckpointKeys } from '../../src/engine/checkpoint.ts'
import type { Keyring } from '../../src/engine/ports.ts'

const keys = webcryptoKeys({ secret: 'uYw3tQpZk81LxVb6RcNd0MsHaE5fGj2o', previousSecrets: ['oLdU4nXw8Jq1ZpTb7RcKd2MsHaE5fGv9'] })
const checkpoint: Checkpoint = { origin: originOf('acme'), size: 1234, root: new Uint8Array(32).fill(7), timestamp: '2026-03-01T00:00:00Z' }

let ring: Keyring
let known: CheckpointKeys
let note: string
const open = (text: string, origin = checkpoint.origin, given = known) => openCheckpoint(text, origin, given, nodeHash)

beforeAll(async () => {
  ring = await keys.team('acme')
  const publicKeys = await ring.publicKeys()
  known = { verify: publicVerifier(publicKeys).verify, publicKeys }
  note = await signCheckpoint(checkpoint, ring, nodeHash)
})

test('a checkpoint is a C2SP signed note, byte for byte', async () => {
  const { publicKey, signature } = await ring.signEd25519(new TextEncoder().encode(checkpointBody(checkpoint)))
  const keyHash = createHash('sha256').update('enact.ledger/acme\n').update(Uint8Array.of(1)).update(publicKey).digest().subarray(0, 4)
  expect(note).toBe(
    `enact.ledger/acme\n1234\n${base64(checkpoint.root)}\ntimestamp 2026-03-01T00:00:00Z\n\n— enact.ledger/acme ${Buffer.concat([keyHash, signature]).toString('base64')}\n`
  )
})

test('what was signed is opened, with public keys alone or with the keyring', async () => {
  const { publicKeys } = known
  for (const given of [known, { verify: (await keys.team('acme')).verify, publicKeys }]) {
    expect(await open(note, checkpoint.origin, given)).toEqual({ ok: true, checkpoint, keyid: publicKeys[0]!.kid })
  }
  const bare = { ...checkpoint, size: 0, timestamp: null }
  expect(await open(await signCheckpoint(bare, ring, nodeHash))).toMatchObject({ ok: true, checkpoint: bare })
})

test('a checkpoint of a previous secret still opens', async () => {
  const before = await webcryptoKeys({ secret: 'oLdU4nXw8Jq1ZpTb7RcKd2MsHaE5fGv9' }).team('acme')
  expect(await open(await signCheckpoint(checkpoint, before, nodeHash))).toMatchObject({ ok: true, keyid: known.publicKeys[1]!.kid })
})

describe('refused:', () => {
  test('every change of every character', async () => {
    for (let at = 0; at < note.length; at++) {
      const spoilt = note.slice(0, at) + (note[at] === 'A' ? 'B' : 'A') + note.slice(at + 1)
      expect(await open(spoilt), `character ${at}`).toMatchObject({ ok: false })
    }
  })

  test('every beginning', async () => {
    for (let length = 0; length < note.length; length++) expect(await open(note.slice(0, length))).toMatchObject({ ok: false })
  })

  test('another team’s checkpoint, and another team’s keys', async () => {
    expect(await open(note, originOf('other'))).toMatchObject({
      ok: false,
      problem: expect.stringContaining('not of `enact.ledger/other`')
    })
    const other = await keys.team('other')
    const given = { verify: other.verify, publicKeys: await other.publicKeys() }
    expect(await open(note, checkpoint.origin, given)).toMatchObject({ ok: false, problem: expect.stringContaining('none of the keys') })
    // The other team signs a checkpoint in this team's name: its key is not this team's.
    expect(await open(await signCheckpoint(checkpoint, other, nodeHash))).toMatchObject({ ok: false })
  })

  test('a receipt’s signature in place of a checkpoint’s: the signed bytes begin otherwise', async () => {
    const [, ed25519] = await ring.sign(new TextEncoder().encode(`DSSEv1 1 x 1 y`))
    const cut = note.lastIndexOf(' ') + 1
    const keyHash = unbase64(note.slice(cut, -1))!.slice(0, 4)
    const forged = `${note.slice(0, cut)}${base64(new Uint8Array([...keyHash, ...unbase64(ed25519!.sig)!]))}\n`
    expect(await open(forged)).toMatchObject({ ok: false, problem: expect.stringContaining('not over this checkpoint') })
  })

  const malformed: [string, (text: string) => string][] = [
    ['no newline at the end', (text) => text.slice(0, -1)],
    ['a carriage return', (text) => text.replaceAll('\n', '\r\n')],
    ['a NUL', (text) => text.replace('1234', '1234\0')],
    ['a size with a leading zero', (text) => text.replace('1234', '01234')],
    ['a size with a sign', (text) => text.replace('1234', '+1234')],
    ['a size that is not exact', (text) => text.replace('1234', '9007199254740993')],
    ['a hexadecimal size', (text) => text.replace('1234', '0x4d2')],
    ['a short root', (text) => text.replace(base64(checkpoint.root), base64(new Uint8Array(31)))],
    ['a root in base64url', (text) => text.replace(base64(checkpoint.root), `${'_'.repeat(42)}8`)],
    ['a signature line with a hyphen for the dash', (text) => text.replace('— ', '- ')],
    ['a signature without bytes', (text) => text.replace(/— (\S+) .*/, '— $1 AAAAAA==')],
    ['a second body', (text) => `${text}\n${text}`],
    ['a lone surrogate', (text) => text.replace('timestamp', 'time\ud800stamp')],
    ['too much', (text) => text + '— a AAAAAAAAAAAA\n'.repeat(33)],
    ['nothing', () => '']
  ]
  test.each(malformed)('%s', async (_, spoil) => expect(await open(spoil(note))).toMatchObject({ ok: false }))
})

test('a witness’s signature may stand beside, a wrong one of a known key may not', async () => {
  expect(await open(`${note}— witness.example AAAAAAAAAAAAAAAA\n`)).toMatchObject({ ok: true })
  const [line] = note.split('\n').slice(-2)
  const wrong = line!.slice(0, -6) + (line!.at(-6) === 'A' ? 'B' : 'A') + line!.slice(-5)
  expect(await open(`${note}${wrong}\n`)).toMatchObject({ ok: false })
})
