import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { fileReceipts } from '../../src/adapters/receipts/index.ts'
import { checkEvidence } from '../../src/cli/receipts/check.ts'
import { readExport } from '../../src/cli/receipts/export_format.ts'
import type { PublicKey } from '../../src/engine/ports.ts'
import { runId } from '../adapters/receipt_samples.ts'
import { enact, enactProcess, filledFolder, freshFolder, OTHER_SECRET, SECRET, signed } from './receipts_cli.ts'

const receiptFile = (n: number) => `${runId(n)}.0.json`
const secret = { ENACT_SECRET: SECRET }
type Filled = Awaited<ReturnType<typeof filledFolder>>

describe('enact receipts export, then verify', () => {
  let filled: Filled
  let files: Record<'ndjson' | 'json', string>
  beforeAll(async () => {
    filled = await filledFolder(6, (n) => (n % 2 === 0 ? {} : { decision: 'BLOCK', outcome: 'NONE' }))
    files = { ndjson: join(filled.at, 'all.ndjson'), json: join(filled.at, 'all.json') }
    for (const [format, file] of Object.entries(files)) {
      const ended = await enact(['receipts', 'export', '--dir', filled.dir, '--format', format, '--out', file, '--json'], secret)
      expect(JSON.parse(ended.out)).toEqual({ file, format, receipts: 6, problems: [] })
    }
  })

  test.each(['ndjson', 'json'] as const)('%s verifies alone, and says whose keys those were', async (format) => {
    const alone = await enactProcess(['receipts', 'verify', files[format]])
    expect(alone).toMatchObject({ code: 0, out: expect.stringContaining('the keys came with the receipts') })
    const known = await enact(['receipts', 'verify', files[format], '--keys', filled.keys])
    expect(known.out).not.toContain('the keys came with')
    expect(known.out).toContain('HMAC –  Ed25519 ✓  leaf ✓  proof ✓')
    expect(known.out).toContain('complete by its checkpoint')
    const result = JSON.parse((await enact(['receipts', 'verify', files[format], '--json'], secret)).out)
    expect(result).toMatchObject({ ok: true, ledgers: [{ from: 0, to: 5, chain: 'ok', complete: 'ok' }] })
    for (const { checks } of result.receipts) expect(checks).toEqual({ shape: 'ok', hmac: 'ok', ed25519: 'ok', leaf: 'ok', proof: 'ok' })
  })

  test('the file is for this user alone, and no half of it stays behind', async () => {
    expect((await stat(files.json)).mode & 0o777).toBe(0o600)
    expect((await readdir(filled.at)).filter((name) => name.startsWith('all.')).sort()).toEqual(['all.json', 'all.ndjson'])
  })

  test('a changed byte of an export is found, or changed nothing that was said', async () => {
    const text = await readFile(files.ndjson, 'utf8')
    const { keys } = JSON.parse(await readFile(filled.keys, 'utf8')) as { keys: PublicKey[] }
    const verify = async (given: string) => checkEvidence(readExport(given, 'x'), { keys, secrets: [SECRET] })
    expect(await verify(text)).toMatchObject({ ok: true })
    // Without a process of its own for each byte, and not quite every byte: seconds instead of hours.
    for (let at = 1; at < text.length; at += 41) {
      const result = await verify(text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1))
      if (result.ok) expect(unsaid(text, at), `byte ${at}: ${text.slice(at - 30, at + 10)}`).toBe(true)
    }
  })

  const lines = async () => (await readFile(files.ndjson, 'utf8')).trimEnd().split('\n')
  const attacks: [string, (lines: string[]) => string[], RegExp][] = [
    ['the middle receipt taken out', (all) => all.toSpliced(3, 1), /says it has 6 receipts, and has 5/],
    [
      'the middle receipt taken out, and the count with it',
      (all) => [...all.slice(0, 3), ...all.slice(4, -1), '{"type":"enact.end","count":5}'],
      /entry 2 is missing/
    ],
    [
      'the last receipt taken out, and the count with it',
      (all) => [...all.slice(0, -2), '{"type":"enact.end","count":5}'],
      /the checkpoint counts 6 entries, here are 5/
    ],
    ['the end cut off', (all) => all.slice(0, -1), /cut off/],
    ['the file cut off in the middle of a receipt', (all) => [...all.slice(0, 3), all[3]!.slice(0, 100)], /not JSON/],
    ['only its first line', (all) => all.slice(0, 1), /no receipts/],
    ['two proofs swapped', (all) => swapProofs(all), /the proof is for entry 1, not for this receipt/],
    ['the checkpoint of another', (all) => [all[0]!.replace('\\n6\\n', '\\n7\\n'), ...all.slice(1)], /not over this checkpoint/],
    ['one receipt twice', (all) => [...all.slice(0, 2), all[1]!, ...all.slice(2, -1), '{"type":"enact.end","count":7}'], /^$/]
  ]
  test.each(attacks)('%s is found', async (name, spoil, told) => {
    const file = join(filled.at, 'attack.ndjson')
    await writeFile(file, `${spoil(await lines()).join('\n')}\n`)
    const ended = await enact(['receipts', 'verify', file, '--keys', filled.keys])
    // The very same receipt twice adds nothing and hides nothing.
    if (name === 'one receipt twice') expect(ended.code).toBe(0)
    else expect(ended).toMatchObject({ code: 5, out: expect.stringMatching(told) })
  })

  test('an export signed anew from top to bottom verifies alone, and not with the true keys', async () => {
    const forged = await freshFolder()
    const store = fileReceipts(join(forged, 'r'))
    for (let n = 0; n < 3; n++) await store.append('acme', await signed(n, { payload: { forged: n } }, OTHER_SECRET))
    const file = join(forged, 'forged.ndjson')
    await enact(['receipts', 'export', '--dir', join(forged, 'r'), '--out', file], { ENACT_SECRET: OTHER_SECRET })
    expect(await enact(['receipts', 'verify', file])).toMatchObject({ code: 0, out: expect.stringContaining('not who signed') })
    expect((await enact(['receipts', 'verify', file, '--keys', filled.keys])).code).toBe(5)
    expect((await enact(['receipts', 'verify', file], secret)).code).toBe(5)
  })

  test('a selection verifies, each by its proof, and does not claim to be all', async () => {
    const file = join(filled.at, 'selection.ndjson')
    await enact(
      ['receipts', 'export', '--dir', filled.dir, '--decision', 'BLOCK', '--from', '2026-03-01', '--to', '2026-03-02', '--out', file],
      secret
    )
    const ended = await enact(['receipts', 'verify', file, '--keys', filled.keys])
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('3 receipts verified') })
    expect(ended.out).toContain('does not claim that there are no others')
    expect(ended.out).toContain('entry 2 is missing here')
    expect(ended.out.match(/proof ✓/g)).toHaveLength(3)
  })

  test('receipts’ own files verify too, one or several, and their neighbours are compared', async () => {
    const [a, b] = [join(filled.dir, receiptFile(1)), join(filled.dir, receiptFile(2))]
    expect(await enact(['receipts', 'verify', a, b, '--keys', filled.keys])).toMatchObject({
      code: 0,
      out: expect.stringContaining('entries 1 to 2, chain ✓')
    })
    expect((await enact(['receipts', 'verify', runId(1), '--dir', filled.dir, '--keys', filled.keys])).code).toBe(0)
    expect((await enact(['receipts', 'verify', runId(99), '--dir', filled.dir, '--keys', filled.keys])).code).toBe(5)
  })

  test('a place that cannot be written is a mistake in use, and leaves nothing', async () => {
    const ended = await enact(['receipts', 'export', '--dir', filled.dir, '--out', join(filled.at, 'none', 'x.json')], secret)
    expect(ended).toMatchObject({ code: 2, err: expect.stringContaining('cannot be written (ENOENT)') })
  })

  test('a damaged folder is exported as far as it is whole, and exit code 5 says that it is not', async () => {
    const { dir, at } = await filledFolder(3)
    await writeFile(join(dir, receiptFile(1)), '')
    const ended = await enact(['receipts', 'export', '--dir', dir, '--out', join(at, 'x.ndjson')], secret)
    expect(ended).toMatchObject({ code: 5, err: expect.stringContaining(receiptFile(1)) })
    expect((await enact(['receipts', 'verify', join(at, 'x.ndjson')])).code).toBe(5)
  })

  test('no cell of a CSV is a formula, and no cell breaks its row', async () => {
    const { dir } = await filledFolder(1, () => ({
      workflow: '=HYPERLINK("http://x","y")',
      user_email: '+1',
      policy_results: [{ policy: '@SUM', passed: false, effect: 'deny', reason: '\t=1\r\n"x", \u202e' }]
    }))
    const { out, code } = await enactProcess(['receipts', 'export', '--dir', dir, '--format', 'csv'])
    expect(code).toBe(0)
    const rows = out.split('\r\n')
    expect(rows).toHaveLength(3)
    expect(rows[1]).toContain(`"'=HYPERLINK(""http://x"",""y"")"`)
    for (const cell of rows[1]!.slice(1, -1).split('","')) expect(cell).not.toMatch(/^\s*[=+\-@]/)
    expect(rows[1]).not.toMatch(/[\t\u202e]/)
  })
})

/** Whether a byte is one that no signature covers and nothing hangs on: the time of the export, its own keys, which `--keys` overrules. */
function unsaid(text: string, at: number): boolean {
  return at < text.indexOf('"checkpoint"') && (at > text.indexOf('"exported_at":"') || at > text.indexOf('"team_id":"'))
}

function swapProofs(lines: string[]): string[] {
  const [a, b] = [JSON.parse(lines[1]!), JSON.parse(lines[2]!)]
  return lines.toSpliced(1, 2, JSON.stringify({ ...a, proof: b.proof }), JSON.stringify({ ...b, proof: a.proof }))
}
