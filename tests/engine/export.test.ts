// A compliance export as a pure matter: the same ledger gives the same bytes, in whatever batches, stopped wherever.
import { describe, expect, test } from 'vitest'
import { hashParts, nodeHash } from '../../src/adapters/hash/index.ts'
import {
  crc32,
  exportProgress,
  isPlainName,
  nextAsk,
  openEnvelope,
  openExport,
  RECEIPT_TYPE,
  readZip,
  stepExport,
  zipEnd,
  zipHeader,
  zipSize,
  type ExportState
} from '../../src/engine/index.ts'
import { answerFrom, makeExport, memoryLedger, PERIOD, zipOf } from '../cli/export_zip.ts'
import { signed } from '../cli/receipts_cli.ts'

const receipts = (count: number) => Promise.all(Array.from({ length: count }, (_, n) => signed(n)))
const text = (bytes: Uint8Array | undefined) => nodeHash.text(bytes!)

describe('an export', () => {
  test('has the same bytes in batches of one, of seven, and all at once', async () => {
    const ledger = await memoryLedger(await receipts(20), [3, 4, 9])
    const whole = await Promise.all([1, 7, 1000].map(async (batch) => hashParts([await zipOf((await makeExport(ledger, batch)).files)])))
    expect(new Set(whole).size).toBe(1)
  })

  test('says how large it will be before a byte of it is sent', async () => {
    const { state, files } = await makeExport(await memoryLedger(await receipts(9)))
    expect((await zipOf(files)).length).toBe(state.size_bytes)
    expect(exportProgress(state)).toEqual({ status: 'DONE', done: 9, total: 9, size_bytes: state.size_bytes, detail: null })
  })

  test('goes on from its stored state, and a step that is done again from the same state writes the same', async () => {
    const ledger = await memoryLedger(await receipts(8), [2])
    const order = { team_id: 'acme', export_id: 'x', ...PERIOD, created_at: 0, expires_at: 1 }
    let state = openExport(order)
    for (let ask = nextAsk(state, nodeHash); ask !== null && ask.about !== 'digest'; ask = nextAsk(state, nodeHash)) {
      const answer = await answerFrom(ledger, ask, new Map())
      const [first, again] = [0, 1].map(() => stepExport(JSON.parse(JSON.stringify(state)) as ExportState, answer, nodeHash))
      expect(again).toEqual(first)
      state = first!.state
    }
    expect(state.stage).toBe('digests')
  })

  test('holds every receipt as the exact text that was signed, and begins a new file after a thousand', async () => {
    const made = await receipts(1_050)
    const { files } = await makeExport(await memoryLedger(made), 300)
    const lines = [...files.keys()]
      .filter((name) => name.startsWith('receipts/'))
      .map((name) => text(files.get(name)).trimEnd().split('\n'))
    expect(lines.map(({ length }) => length)).toEqual([1_000, 50])
    const opened = lines.flat().map((line) => openEnvelope(JSON.parse(line), RECEIPT_TYPE, nodeHash))
    expect(opened.map((one) => typeof one !== 'string' && one.signatures)).toEqual(made.map(({ signatures }) => signatures))
  })

  test('without entries is an export that says so', async () => {
    const ledger = await memoryLedger(await receipts(3))
    const { files } = await makeExport({ ...ledger, receipts: 0 })
    expect(JSON.parse(text(files.get('gaps.json')))).toMatchObject({
      range: null,
      entries: 0,
      statement: expect.stringContaining('no entry')
    })
  })

  test('names what was erased and brings the receipt of it along; what is damaged is named as that', async () => {
    const ledger = await memoryLedger(await receipts(6), [1, 2])
    const exported = ledger.exported
    const { files } = await makeExport({
      ...ledger,
      exported: (seq, size) => (seq === 4 ? { ...exported(seq, size), whole: false } : exported(seq, size))
    })
    expect(JSON.parse(text(files.get('gaps.json')))).toMatchObject({ erased: [[1, 2]], unreadable: [[4, 4]], receipts: 3, missing: [] })
    expect(
      text(files.get('erased.ndjson'))
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).erased_by)
    ).toEqual([ledger.erasure, ledger.erasure, null])
    expect(text(files.get('erasures.ndjson')).split('\n').filter(Boolean)).toHaveLength(1)
  })

  test('fails where the ledger leaves something out, and is not made', async () => {
    const order = { team_id: 'acme', export_id: 'x', ...PERIOD, created_at: 0, expires_at: 1 }
    const ledger = await memoryLedger(await receipts(3))
    const begun = stepExport(openExport(order), await answerFrom(ledger, { about: 'range', from: 0, to: 1 }, new Map()), nodeHash).state
    for (const answer of [[], [ledger.exported(1, 3)], [ledger.exported(0, 3), ledger.exported(2, 3)]])
      expect(exportProgress(stepExport(begun, { about: 'entries', answer }, nodeHash).state)).toMatchObject({
        status: 'FAILED',
        size_bytes: null
      })
  })

  test('gives spreadsheets nothing to run', async () => {
    const evil = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '|calc', '%x', '\uff1d1']
    const made = await Promise.all(evil.map((workflow, n) => signed(n, { workflow })))
    const { files } = await makeExport(await memoryLedger(made))
    const cells = text(files.get('summary.csv'))
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',')[4])
    expect(cells).toHaveLength(evil.length)
    for (const cell of cells) expect(cell).not.toMatch(/^"?\s*[=+\-@|%\uff1d]/u)
  })
})

describe('the ZIP', () => {
  const files = new Map([
    ['a.txt', nodeHash.utf8('hello')],
    ['dir/b.txt', new Uint8Array(0)]
  ])
  const open = (bytes: Uint8Array) => readZip(bytes.length, (at, length) => Promise.resolve(bytes.slice(at, at + length)), nodeHash)

  test('knows CRC-32, in one piece or several', () => {
    expect(crc32(nodeHash.utf8('123456789'))).toBe(0xcbf43926)
    expect(crc32(nodeHash.utf8('6789'), crc32(nodeHash.utf8('12345')))).toBe(0xcbf43926)
    expect(crc32(new Uint8Array(0))).toBe(0)
  })

  test('is read back as it was written', async () => {
    const bytes = await zipOf(files)
    expect(await open(bytes)).toEqual([
      { name: 'a.txt', size: 5, crc: crc32(files.get('a.txt')!), offset: 35 },
      { name: 'dir/b.txt', size: 0, crc: 0, offset: 79 }
    ])
  })

  test('is refused with any bit of a header turned', async () => {
    const bytes = await zipOf(files)
    const inside = (at: number) => at >= 35 && at < 40
    for (let at = 0; at < bytes.length; at++) {
      if (inside(at)) continue
      const changed = bytes.slice()
      changed[at] = changed[at]! ^ 1
      expect(typeof (await open(changed)), `byte ${at}`).toBe('string')
    }
    for (let length = 0; length < bytes.length; length++)
      expect(typeof (await open(bytes.slice(0, length))), `cut at ${length}`).toBe('string')
    expect(typeof (await open(new Uint8Array([...bytes, 0])))).toBe('string')
    expect(typeof (await open(new Uint8Array([0, ...bytes])))).toBe('string')
  })

  test.each(['../x', '/x', 'C:/x', 'a/../b', 'a\\b', 'a/b/c', '.hidden', 'a//b', '', 'a\u0000', 'ä.txt', 'x'.repeat(101), 'a/'])(
    'has no file %j',
    async (name) => {
      expect(isPlainName(name)).toBe(false)
      const entry = { name, size: 1, crc: crc32(nodeHash.utf8('x')) }
      const bytes = new Uint8Array(Buffer.concat([zipHeader(entry, nodeHash), nodeHash.utf8('x'), zipEnd([entry], nodeHash)]))
      expect(bytes.length).toBe(zipSize([entry], nodeHash))
      expect(await open(bytes)).toEqual(expect.any(String))
    }
  )

  test('has no name twice, in any spelling', async () => {
    expect(
      await open(
        await zipOf(
          new Map([
            ['a', new Uint8Array(1)],
            ['A', new Uint8Array(1)]
          ])
        )
      )
    ).toContain('twice')
  })
})
