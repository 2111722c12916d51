import { readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fileReceipts } from '../../src/adapters/receipts/index.ts'
import type { Receipt } from '../../src/engine/schema.ts'
import { runId } from '../adapters/receipt_samples.ts'
import { enact, enactProcess, filledFolder, keysFile, OTHER_SECRET, SECRET, signed } from './receipts_cli.ts'

const receiptFile = (n: number) => `${runId(n)}.0.json`
const entryFile = (n: number) => join('.ledger', `${String(n).padStart(12, '0')}.json`)
const secret = { ENACT_SECRET: SECRET }
type Filled = Awaited<ReturnType<typeof filledFolder>>

/** Changes a receipt's file and its entry alike, as whoever owns the folder could. */
async function rewrite({ dir }: Filled, n: number, change: (receipt: Receipt) => unknown): Promise<void> {
  const text = JSON.stringify(await change(JSON.parse(await readFile(join(dir, receiptFile(n)), 'utf8'))))
  for (const file of [receiptFile(n), entryFile(n)]) {
    await unlink(join(dir, file))
    await writeFile(join(dir, file), text)
  }
}

describe('enact receipts verify --dir', () => {
  test('an untouched folder verifies, with public keys alone, with the secret alone, with both', async () => {
    const { dir, keys } = await filledFolder(5)
    const open = await enact(['receipts', 'verify', '--dir', dir, '--keys', keys])
    expect(open).toMatchObject({ code: 0, out: expect.stringContaining('5 receipts verified') })
    expect(open.out).toContain(`✓ ${runId(0)}.0  shape ✓  HMAC –  Ed25519 ✓  leaf ✓  proof –`)
    expect(open.out).toContain('✓ ledger of acme: entries 0 to 4, chain ✓')
    expect(open.out).toContain('cannot be shown without a checkpoint')
    const closed = await enact(['receipts', 'verify', '--dir', dir], secret)
    expect(closed).toMatchObject({ code: 0, out: expect.stringContaining('HMAC ✓  Ed25519 ✓') })
    expect((await enact(['receipts', 'verify', '--dir', dir, '--keys', keys, '--json'], secret)).code).toBe(0)
  })

  test('after a rotation receipts still verify with the previous secret, and not without it', async () => {
    const { dir } = await filledFolder(2)
    expect((await enact(['receipts', 'verify', '--dir', dir], { ENACT_SECRET: OTHER_SECRET, ENACT_SECRET_PREVIOUS: SECRET })).code).toBe(0)
    expect((await enact(['receipts', 'verify', '--dir', dir], { ENACT_SECRET: OTHER_SECRET })).code).toBe(5)
  })

  const attacks: [string, (folder: Filled) => Promise<unknown>, RegExp][] = [
    [
      'a changed payload',
      (folder) => rewrite(folder, 2, (receipt) => ({ ...receipt, payload: { number: 3 } })),
      /Ed25519 signature .* is not over this receipt/
    ],
    ['a decision turned round', (folder) => rewrite(folder, 2, (receipt) => ({ ...receipt, decision: 'BLOCK' })), /not over this receipt/],
    ['a field added', (folder) => rewrite(folder, 2, (receipt) => ({ ...receipt, extra: 1 })), /not a receipt/],
    ['another seq', (folder) => rewrite(folder, 2, (receipt) => ({ ...receipt, ledger: { ...receipt.ledger!, seq: 9 } })), /holds entry 9/],
    [
      'another leaf',
      (folder) => rewrite(folder, 2, (receipt) => ({ ...receipt, ledger: { ...receipt.ledger!, leaf: 'a'.repeat(64) } })),
      /leaf of entry 2 is not that of this receipt/
    ],
    [
      'another prev',
      (folder) => rewrite(folder, 2, (receipt) => ({ ...receipt, ledger: { ...receipt.ledger!, prev: 'a'.repeat(64) } })),
      /entry 2 does not follow on entry 1/
    ],
    ['no place', (folder) => rewrite(folder, 2, (receipt) => ({ ...receipt, ledger: undefined })), /holds entry none/],
    ['no signatures', (folder) => rewrite(folder, 2, (receipt) => ({ ...receipt, signatures: [] })), /signature is missing/],
    [
      'one signature removed',
      (folder) => rewrite(folder, 2, (receipt) => ({ ...receipt, signatures: receipt.signatures.slice(0, 1) })),
      /Ed25519 signature is missing/
    ],
    [
      'signatures of another receipt',
      async (folder) => rewrite(folder, 2, async (receipt) => ({ ...receipt, signatures: (await signed(3)).signatures })),
      /not over this receipt/
    ],
    [
      'a receipt signed again with another key',
      (folder) =>
        rewrite(folder, 2, async (receipt) => ({
          ...(await signed(2, { payload: { forged: true } }, OTHER_SECRET)),
          ledger: receipt.ledger
        })),
      /none of the keys given/
    ],
    ['the middle receipt’s file deleted', ({ dir }) => unlink(join(dir, receiptFile(2))), /is missing, the ledger has it as entry 2/],
    ['the middle receipt’s entry deleted', ({ dir }) => unlink(join(dir, entryFile(2))), /is not in the folder's ledger/],
    [
      'the middle receipt deleted whole',
      async ({ dir }) => (await unlink(join(dir, receiptFile(2))), unlink(join(dir, entryFile(2)))),
      /entry 2 is missing/
    ],
    ['a file cut off', ({ dir }) => writeFile(join(dir, receiptFile(2)), '{"version":1,'), /not whole JSON/],
    ['a file emptied', ({ dir }) => writeFile(join(dir, receiptFile(2)), ''), /its write was cut off/],
    [
      'two files swapped',
      async ({ dir }) => (
        await rename(join(dir, receiptFile(1)), join(dir, 'x')),
        await rename(join(dir, receiptFile(2)), join(dir, receiptFile(1))),
        rename(join(dir, 'x'), join(dir, receiptFile(2)))
      ),
      /is not what the ledger has as entry 1/
    ]
  ]
  test.each(attacks)('%s is found, and exit code 5', async (_, attack, told) => {
    const folder = await filledFolder(4)
    await attack(folder)
    const ended = await enactProcess(['receipts', 'verify', '--dir', folder.dir, '--keys', folder.keys])
    expect(ended).toMatchObject({ code: 5, out: expect.stringMatching(told), err: expect.stringContaining('verification failed') })
  })

  test('the last receipts removed are found with a checkpoint from before', async () => {
    const { dir, keys, at } = await filledFolder(4)
    const before = join(at, 'before.ndjson')
    await enact(['receipts', 'export', '--dir', dir, '--out', before], secret)
    await fileReceipts(dir).append('acme', await signed(4))
    expect((await enact(['receipts', 'verify', '--dir', dir, '--keys', keys, '--checkpoint', before])).code).toBe(0)
    for (const n of [3, 4]) for (const file of [receiptFile(n), entryFile(n)]) await unlink(join(dir, file))
    expect((await enact(['receipts', 'verify', '--dir', dir, '--keys', keys])).code).toBe(0)
    const ended = await enact(['receipts', 'verify', '--dir', dir, '--keys', keys, '--checkpoint', before])
    expect(ended).toMatchObject({ code: 5, out: expect.stringContaining('the checkpoint counts 4 entries, here are 3') })
  })

  test('a ledger written anew with the true key does not agree with the checkpoint from before', async () => {
    const { dir, keys, at } = await filledFolder(3)
    const before = join(at, 'before.ndjson')
    await enact(['receipts', 'export', '--dir', dir, '--out', before], secret)
    const anew = await filledFolder(3, (n) => (n === 1 ? { payload: { rewritten: true } } : {}))
    expect((await enact(['receipts', 'verify', '--dir', anew.dir, '--keys', keys])).code).toBe(0)
    const ended = await enact(['receipts', 'verify', '--dir', anew.dir, '--keys', keys, '--checkpoint', before])
    expect(ended).toMatchObject({ code: 5, out: expect.stringContaining('not those that the checkpoint was signed over') })
  })

  test('another team’s keys, another installation’s keys and another secret verify nothing', async () => {
    const { dir, at } = await filledFolder(2)
    for (const keys of [await keysFile(at, 'other'), await keysFile(at, 'acme', OTHER_SECRET)]) {
      expect(await enact(['receipts', 'verify', '--dir', dir, '--keys', keys])).toMatchObject({
        code: 5,
        out: expect.stringContaining('none of the keys given')
      })
    }
    expect((await enact(['receipts', 'verify', '--dir', dir], { ENACT_SECRET: OTHER_SECRET })).code).toBe(5)
  })

  test('a key that goes under another key’s name is refused', async () => {
    const { dir, keys, at } = await filledFolder(1)
    const mine = JSON.parse(await readFile(await keysFile(at, 'other', OTHER_SECRET), 'utf8')) as { keys: { kid: string }[] }
    const true_ = JSON.parse(await readFile(keys, 'utf8')) as { keys: { kid: string }[] }
    mine.keys[0]!.kid = true_.keys[0]!.kid
    await writeFile(keys, JSON.stringify(mine))
    expect((await enact(['receipts', 'verify', '--dir', dir, '--keys', keys])).code).not.toBe(0)
  })

  test('nothing verified is not a success', async () => {
    const { at, keys } = await filledFolder(0)
    expect((await enact(['receipts', 'verify', '--dir', join(at, 'none'), '--keys', keys])).code).toBe(2)
    expect(await enact(['receipts', 'verify', '--dir', at, '--keys', keys])).toMatchObject({
      code: 5,
      out: expect.stringContaining('no receipt to verify')
    })
    for (const text of ['', '[]', '{}', 'null', '\n\n', '{"type":"enact.end","count":0}']) {
      await writeFile(join(at, 'empty.json'), text)
      expect((await enact(['receipts', 'verify', join(at, 'empty.json'), '--keys', keys])).code, text).toBe(5)
    }
  })

  test('without anything to check signatures with it says so instead of guessing', async () => {
    const { dir } = await filledFolder(1)
    expect(await enact(['receipts', 'verify', '--dir', dir])).toMatchObject({ code: 2, err: expect.stringContaining('--keys') })
  })
})
