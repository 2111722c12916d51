// `enact receipts verify export.zip`: whatever is done to a compliance export is found, with public keys alone.
import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { base64url, envelopeOf, EXPORT_TYPE, hex, preAuthEncoding } from '../../src/engine/index.ts'
import type { ExportManifest, JsonObject } from '../../src/engine/index.ts'
import { makeExport, memoryLedger, writeZip, zipOf } from './export_zip.ts'
import { enact, enactProcess, freshFolder, keysFile, OTHER_SECRET, SECRET, signed } from './receipts_cli.ts'

type Files = Map<string, Uint8Array>

const utf8 = (text: string) => nodeHash.utf8(text)
const text = (files: Files, name: string) => nodeHash.text(files.get(name)!)

async function good(erased: number[] = []) {
  const ledger = await memoryLedger(await Promise.all(Array.from({ length: 9 }, (_, n) => signed(n))), erased)
  const { files } = await makeExport(ledger)
  const at = await freshFolder()
  return { files, at, keys: await keysFile(at, 'acme'), ledger }
}

const verify = async (at: string, bytes: Uint8Array, ...more: string[]) => enact(['receipts', 'verify', await writeZip(at, bytes), ...more])

/** Signs the manifest anew over what the files now are, as whoever has the team's key could. */
async function resign(
  files: Files,
  change: (manifest: ExportManifest) => ExportManifest = (manifest) => manifest,
  secret = SECRET
): Promise<void> {
  const manifest = JSON.parse(text(files, 'MANIFEST.json')) as ExportManifest
  const listed = [...files].filter(([name]) => !name.startsWith('MANIFEST')).sort(([a], [b]) => (a < b ? -1 : 1))
  const fresh = listed.map(([name, bytes]) => ({ name, size: bytes.length, sha256: hex(nodeHash.sha256(bytes)) }))
  const bytes = utf8(JSON.stringify(change({ ...manifest, files: fresh })))
  const { keyid, signature } = await (
    await webcryptoKeys({ secret }).team('acme')
  ).signEd25519(preAuthEncoding(bytes, nodeHash, EXPORT_TYPE))
  files.set('MANIFEST.json', bytes)
  files.set(
    'MANIFEST.dsse.json',
    utf8(JSON.stringify(envelopeOf(EXPORT_TYPE, bytes, [{ keyid, alg: 'Ed25519', sig: base64url(signature) }])))
  )
}

function edit(files: Files, name: string, change: (lines: string[]) => string[]): void {
  const lines = text(files, name)
    .split('\n')
    .filter((line) => line !== '')
  files.set(
    name,
    utf8(
      change(lines)
        .map((line) => `${line}\n`)
        .join('')
    )
  )
}

function editJson(files: Files, name: string, change: (value: JsonObject) => JsonObject): void {
  files.set(name, utf8(JSON.stringify(change(JSON.parse(text(files, name)) as JsonObject))))
}

describe('a whole export', () => {
  test('verifies with the published keys, with those inside (saying so), and with the secret', async () => {
    const { files, at, keys } = await good([2, 3])
    const zip = await zipOf(files)
    const named = await verify(at, zip, '--keys', keys)
    expect(named).toMatchObject({ code: 0, out: expect.stringContaining('7 receipts verified') })
    expect(named.out).toContain('entries 0 to 8 without a gap, 2 erased')
    expect(named.out).not.toContain('the keys came with')
    expect(await verify(at, zip)).toMatchObject({ code: 0, out: expect.stringContaining('the keys came with the export') })
    expect((await enact(['receipts', 'verify', await writeZip(at, zip), '--keys', keys], { ENACT_SECRET: SECRET })).code).toBe(0)
    const json = await enactProcess(['receipts', 'verify', await writeZip(at, zip), '--keys', keys, '--json'])
    expect([json.code, JSON.parse(json.out)]).toEqual([
      0,
      { ok: true, exports: [expect.objectContaining({ ok: true, team_id: 'acme', problems: [] })] }
    ])
  })

  test('does not verify with the keys of another team or installation, nor with another secret', async () => {
    const { files, at } = await good()
    const zip = await zipOf(files)
    for (const keys of [await keysFile(at, 'other'), await keysFile(at, 'acme', OTHER_SECRET)])
      expect(await verify(at, zip, '--keys', keys)).toMatchObject({ code: 5, out: expect.stringContaining('none of the keys given') })
    expect((await enact(['receipts', 'verify', await writeZip(at, zip)], { ENACT_SECRET: OTHER_SECRET })).code).toBe(5)
  })

  test('agrees with a checkpoint that was kept, and not with one of another history', async () => {
    const { files, at, keys, ledger } = await good()
    const zip = await zipOf(files)
    const other = await memoryLedger(await Promise.all(Array.from({ length: 9 }, (_, n) => signed(n + 100))))
    const notes = await Promise.all(
      [ledger, other].map(({ checkpoints }, i) => writeZip(at, utf8(checkpoints[0]!.note), `checkpoint-${i}.txt`))
    )
    expect((await verify(at, zip, '--keys', keys, '--checkpoint', notes[0]!)).code).toBe(0)
    expect(await verify(at, zip, '--keys', keys, '--checkpoint', notes[1]!)).toMatchObject({
      code: 5,
      out: expect.stringContaining('the history was rewritten')
    })
  })
})

describe('an archive that was touched', () => {
  const damages: [string, (files: Files) => Promise<Uint8Array> | Uint8Array, RegExp][] = [
    ['a byte of a receipt', flipped('receipts/000001.ndjson'), /receipts\/000001\.ndjson` is not what the archive's checksum says/],
    ['a byte of the table', flipped('summary.csv'), /summary\.csv/],
    ['a byte of the manifest', flipped('MANIFEST.json'), /MANIFEST\.json|was changed/],
    [
      'a byte of its signature',
      flipped('MANIFEST.dsse.json', 300),
      /MANIFEST\.dsse\.json|does not verify|not what was signed|none of the keys/
    ],
    [
      'a file changed, its checksum too',
      (files) => (edit(files, 'summary.csv', (lines) => lines.slice(0, -1)), zipOf(files)),
      /summary\.csv` has \d+ bytes/
    ],
    ['a file removed', (files) => (files.delete('gaps.json'), zipOf(files)), /gaps\.json` is missing/],
    ['a file added', (files) => (files.set('receipts/000002.ndjson', utf8('x')), zipOf(files)), /000002\.ndjson` was added/],
    ['the manifest removed', (files) => (files.delete('MANIFEST.json'), zipOf(files)), /no MANIFEST\.json/],
    [
      'its signature removed',
      (files) => (files.delete('MANIFEST.dsse.json'), zipOf(files)),
      /MANIFEST\.dsse\.json: it is no DSSE envelope/
    ],
    ['its end cut off', async (files) => (await zipOf(files)).slice(0, -40), /cut off/],
    ['its second half cut off', async (files) => (await zipOf(files)).slice(0, 20_000), /cut off/],
    ['everything cut off', () => new Uint8Array(0), /no ZIP, or was cut off/],
    ['something behind it', async (files) => new Uint8Array([...(await zipOf(files)), 1]), /no ZIP, or was cut off or added to/],
    ['something before it', async (files) => new Uint8Array([80, 75, 3, 4, ...(await zipOf(files))]), /cut off or changed/],
    ['a name that climbs out', (files) => (files.set('../../etc/x', utf8('x')), zipOf(files)), /named in a way that no export names one/],
    ['an absolute name', (files) => (files.set('/etc/x', utf8('x')), zipOf(files)), /named in a way/],
    ['a file twice', (files) => (files.set('readme.md', utf8('x')), zipOf(files)), /twice/],
    ['a bomb: a file that is compressed', (files) => bomb(files), /compressed/],
    ['a bomb: a size that is not there', (files) => lying(files), /not as Enact writes one/]
  ]
  test.each(damages)('%s: exit code 5, and says why', async (_what, damage, told) => {
    const { files, at, keys } = await good([2])
    const ended = await verify(at, await damage(files), '--keys', keys)
    expect(ended).toMatchObject({ code: 5, out: expect.stringMatching(told) })
  })

  test('any single byte of it', async () => {
    const { files, at, keys } = await good([2])
    const zip = await zipOf(files)
    const step = Math.floor(zip.length / 60)
    for (let place = 7; place < zip.length; place += step) {
      const changed = zip.slice()
      changed[place] = changed[place]! ^ 0x20
      expect((await verify(at, changed, '--keys', keys)).code, `byte ${place}`).toBe(5)
    }
  })
})

describe('an export that was signed anew by whoever has the key', () => {
  const part = 'receipts/000001.ndjson'
  const lies: [string, (files: Files) => unknown, RegExp][] = [
    [
      'a receipt left out',
      (files) => edit(files, part, (lines) => lines.toSpliced(3, 1)),
      /entries 4 to 4 are missing|no proof of an entry here/
    ],
    ['the last receipt left out', (files) => edit(files, part, (lines) => lines.slice(0, -1)), /says something else of `range`/],
    ['a receipt twice', (files) => edit(files, part, (lines) => [...lines, lines[0]!]), /entry 0 is there twice/],
    [
      'a receipt changed',
      (files) => edit(files, part, (lines) => [forged(lines[0]!), ...lines.slice(1)]),
      /missing, by an unknown key, or not over this receipt/
    ],
    [
      'a signature taken away',
      (files) => edit(files, part, (lines) => [unsigned(lines[0]!), ...lines.slice(1)]),
      /a signature of the receipt/
    ],
    [
      'a place changed',
      (files) => edit(files, part, (lines) => [lines[0]!.replace(/"prev":"0000/, '"prev":"1111'), ...lines.slice(1)]),
      /begin the chain|`chain`/
    ],
    ['a proof left out', (files) => edit(files, 'proofs.ndjson', (lines) => lines.slice(1)), /has no proof of 1 of the entries/],
    [
      'a proof of another entry',
      (files) => edit(files, 'proofs.ndjson', (lines) => [lines[1]!, ...lines.slice(1)]),
      /no proof of an entry here/
    ],
    [
      'a proof that leads elsewhere',
      (files) => edit(files, 'proofs.ndjson', (lines) => [turned(lines[0]!), ...lines.slice(1)]),
      /does not lead from entry 0/
    ],
    ['a checkpoint left out', (files) => edit(files, 'checkpoints.ndjson', (lines) => lines.slice(1)), /counts \d checkpoints|not proven/],
    [
      'a checkpoint changed',
      (files) =>
        edit(files, 'checkpoints.ndjson', (lines) => [lines[0]!.replace('enact.ledger/acme', 'enact.ledger/evil'), ...lines.slice(1)]),
      /the checkpoint/
    ],
    [
      'a consistency proof changed',
      (files) => edit(files, 'consistency.ndjson', (lines) => [turned(lines[0]!), ...lines.slice(1)]),
      /not proven that the checkpoint/
    ],
    ['an erasure that nothing proves', (files) => edit(files, 'erasures.ndjson', () => []), /whose receipt is not here/],
    ['an erasure made up', (files) => made(files, part), /whose receipt does not say so/],
    ['a loss hidden as nothing', (files) => edit(files, 'erased.ndjson', () => []), /missing|no proof/],
    [
      'a loss told as damage',
      (files) => edit(files, 'erased.ndjson', (lines) => lines.map((line) => line.replace(/"erased_by":"[^"]*"/, '"erased_by":null'))),
      /unreadable/
    ],
    [
      'another gap statement',
      (files) => editJson(files, 'gaps.json', (gaps) => ({ ...gaps, erased: [] })),
      /gaps\.json says something else of `erased`/
    ],
    [
      'another period in the gap statement',
      (files) => editJson(files, 'gaps.json', (gaps) => ({ ...gaps, period: { from: 'x', to: 'y' } })),
      /of `period`/
    ],
    ['no gap statement', (files) => files.set('gaps.json', utf8('{}')), /no gap statement/],
    ['keys that are none', (files) => files.set('keys.json', utf8('{"keys":[]}')), /^/]
  ]
  test.each(lies)('but with %s is found out', async (what, lie, told) => {
    const { files, at, keys } = await good([2])
    await lie(files)
    await resign(files)
    const ended = await verify(at, await zipOf(files), ...(what.startsWith('keys') ? [] : ['--keys', keys]))
    expect(ended).toMatchObject({ code: 5, out: expect.stringMatching(told) })
  })

  test('and says other counts or another team is found out; signed by another installation it is nobody’s', async () => {
    const changes: ((manifest: ExportManifest) => ExportManifest)[] = [
      (manifest) => ({ ...manifest, counts: { ...manifest.counts, receipts: 99 } }),
      (manifest) => ({ ...manifest, team_id: 'other' }),
      (manifest) => ({ ...manifest, tree_size: 4 }),
      (manifest) => ({ ...manifest, range: null })
    ]
    for (const change of changes) {
      const { files, at, keys } = await good([2])
      await resign(files, change)
      expect((await verify(at, await zipOf(files), '--keys', keys)).code).toBe(5)
    }
    const { files, at, keys } = await good()
    await resign(files, (manifest) => manifest, OTHER_SECRET)
    expect(await verify(at, await zipOf(files), '--keys', keys)).toMatchObject({
      code: 5,
      out: expect.stringContaining('none of the keys given')
    })
  })

  test('signed anew without a change still verifies: the tests above fail for what they change', async () => {
    const { files, at, keys } = await good([2])
    await resign(files)
    expect(await verify(at, await zipOf(files), '--keys', keys)).toMatchObject({ code: 0 })
  })
})

test('an export goes by itself: other files and run ids beside it are a usage error', async () => {
  const { files, at, keys } = await good()
  expect((await verify(at, await zipOf(files), '0198c0de-0000-7000-8000-000000000001', '--keys', keys)).code).toBe(2)
  expect((await enact(['receipts', 'verify', `${at}/nothing.zip`])).code).toBe(2)
})

test('`enact receipts export --format zip` orders one, waits for it, and writes what verifies', async () => {
  const { files, at, keys } = await good([2])
  const zip = await zipOf(files)
  const id = '0198c0de-0000-7000-8000-0000000000aa'
  const asked: [string, unknown][] = []
  let looks = 0
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    asked.push([`${request.method} ${request.url}`, body === '' ? null : JSON.parse(body)])
    if (request.url?.endsWith('/file')) return response.writeHead(200, { 'content-type': 'application/zip' }).end(zip)
    const status = request.method === 'POST' || looks++ < 1 ? 'RUNNING' : 'DONE'
    const shown = { export_id: id, status, done: looks * 4, total: 9, size_bytes: status === 'DONE' ? zip.length : null, detail: null }
    response.writeHead(request.method === 'POST' ? 202 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(shown))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const env = { ENACT_URL: `http://127.0.0.1:${(server.address() as { port: number }).port}`, ENACT_API_KEY: 'k' }
    const out = `${at}/fetched.zip`
    const ended = await enact(['receipts', 'export', '--format', 'zip', '--from', '2026-03-01', '--to', '2026-03-02', '--out', out], env)
    expect(ended).toMatchObject({ code: 0, err: expect.stringMatching(/4 of 9 entries[^]*9 entries written/) })
    expect(asked[0]).toEqual(['POST /exports', { from: '2026-03-01T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' }])
    expect((await enact(['receipts', 'verify', out, '--keys', keys])).code).toBe(0)
    for (const more of [['--decision', 'BLOCK', '--out', out], []])
      expect((await enact(['receipts', 'export', '--format', 'zip', ...more], env)).code).toBe(2)
    expect((await enact(['receipts', 'export', '--format', 'zip', '--dir', at, '--out', out])).code).toBe(2)
  } finally {
    server.close()
  }
})

const python = spawnSync('python3', ['-c', 'import cryptography']).status === 0
// Not every machine has Python with `cryptography`; where it has, the page in the export is run as it stands.
test.skipIf(!python)('the README’s own program verifies it without Enact, and finds a changed receipt', async () => {
  const { files, at } = await good([2])
  const program = text(files, 'README.md')
    .split('\n')
    .filter((line) => line.startsWith('    ') && !line.includes('npx'))
    .map((line) => line.slice(4))
    .join('\n')
  const unpack = async () => {
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(at, 'unpacked', name)), { recursive: true })
      await writeFile(join(at, 'unpacked', name), bytes)
    }
    return spawnSync('python3', ['-c', program], { cwd: join(at, 'unpacked'), encoding: 'utf8' })
  }
  expect(await unpack()).toMatchObject({ status: 0, stdout: '9 entries verified\n' })
  edit(files, 'receipts/000001.ndjson', (lines) => [forged(lines[0]!), ...lines.slice(1)])
  expect((await unpack()).status).not.toBe(0)
  await resign(files)
  expect((await unpack()).stderr).toContain('InvalidSignature')
})

function flipped(name: string, at = 40) {
  return async (files: Files) => {
    const zip = await zipOf(files)
    const bytes = files.get(name)!
    const start = Buffer.from(zip).indexOf(bytes)
    zip[start + at] = zip[start + at]! ^ 1
    return zip
  }
}

/** A million zeros in a thousand bytes, under headers that say so. */
async function bomb(files: Files): Promise<Uint8Array> {
  const packed = new Uint8Array(deflateRawSync(Buffer.alloc(1_000_000)))
  const zip = await zipOf(new Map([...files, ['zeros.bin', packed]]))
  const directory = Buffer.from(zip).lastIndexOf('zeros.bin') - 46
  zip[directory + 10] = 8
  new DataView(zip.buffer, zip.byteOffset).setUint32(directory + 24, 1_000_000, true)
  return zip
}

async function lying(files: Files): Promise<Uint8Array> {
  const zip = await zipOf(files)
  const directory = Buffer.from(zip).lastIndexOf('summary.csv') - 46
  for (const place of [20, 24]) new DataView(zip.buffer, zip.byteOffset).setUint32(directory + place, 0xfffffff0, true)
  return zip
}

function forged(line: string): string {
  const envelope = JSON.parse(line) as { payload: string }
  const body = Buffer.from(envelope.payload, 'base64').toString().replace('agent@company.com', 'boss1@company.com')
  return JSON.stringify({ ...envelope, payload: Buffer.from(body).toString('base64') })
}

function unsigned(line: string): string {
  const envelope = JSON.parse(line) as { signatures: object[] }
  return JSON.stringify({ ...envelope, signatures: envelope.signatures.slice(0, 1) })
}

/** Another last digit of the last step of a path. */
function turned(line: string): string {
  return line.replace(/([0-9a-f])"\](.*)$/, (_all, digit: string, rest: string) => `${digit === '0' ? '1' : '0'}"]${rest}`)
}

/** One more entry without its receipt, said to be erased by an erasure that does not name it. */
function made(files: Files, name: string): void {
  const first = text(files, name).split('\n')[0]!
  const { ledger } = JSON.parse(first) as { ledger: { seq: number; leaf: string; prev: string } }
  const [known] = text(files, 'erased.ndjson').split('\n')
  edit(files, name, (lines) => lines.slice(1))
  edit(files, 'erased.ndjson', (lines) => [
    JSON.stringify({ ...(JSON.parse(known!) as object), ...ledger, run_id: 'x', revision: 0 }),
    ...lines
  ])
}
