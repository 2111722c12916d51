import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { unlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { ledgerTree } from '../../src/adapters/ledger/index.ts'
import { fileReceipts, memoryReceipts } from '../../src/adapters/receipts/index.ts'
import { hex } from '../../src/engine/bytes.ts'
import { originOf, signCheckpoint } from '../../src/engine/checkpoint.ts'
import { leafOf } from '../../src/engine/ledger.ts'
import { ReceiptQuery } from '../../src/engine/receipt_query.ts'
import { runId } from '../adapters/receipt_samples.ts'
import { enact, enactProcess, filledFolder, freshFolder, keysFile, OTHER_SECRET, SECRET, signed } from './receipts_cli.ts'

const NASTY = 'a\u001b[2J\u001b]0;x\u0007\rfake\n✓ verified\u202egnp.exe\u200b\u2066\u00ad\u{e0041}\u009b31m\u2028\ufeff'
// oxlint-disable-next-line no-control-regex
const DANGEROUS = /[\0-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\u{e0041}/u
const blocked = (n: number) =>
  n === 1
    ? {
        decision: 'BLOCK' as const,
        outcome: 'NONE' as const,
        policy_results: [{ policy: 'no_x', passed: false, effect: 'deny' as const, reason: NASTY, remedy: 'ask' }]
      }
    : {}

describe('enact receipts list and show', () => {
  let filled: Awaited<ReturnType<typeof filledFolder>>
  beforeAll(async () => {
    filled = await filledFolder(3, blocked)
  })

  test('list is newest first, one line each', async () => {
    const { code, out } = await enact(['receipts', 'list', '--dir', filled.dir])
    expect(code).toBe(0)
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => line.match(/[0-9a-f-]{36}/)![0])
    ).toEqual([2, 1, 0].map(runId))
    expect(out).toMatch(/2026-03-01 00:01:00 {2}BLOCK {2}NONE .* no_x\n/)
  })

  test('filters and pages are those of the API', async () => {
    const page = JSON.parse((await enact(['receipts', 'list', '--dir', filled.dir, '--limit', '2', '--json'])).out)
    expect(page).toMatchObject({ has_more: true, data: [{ run_id: runId(2) }, { run_id: runId(1) }] })
    const next = JSON.parse((await enact(['receipts', 'list', '--dir', filled.dir, '--cursor', page.next_cursor, '--json'])).out)
    expect(next).toMatchObject({ has_more: false, next_cursor: null, data: [{ run_id: runId(0) }] })
    const found = JSON.parse((await enact(['receipts', 'list', '--dir', filled.dir, '--policy', 'no_x', '--json'])).out)
    expect(found.data).toHaveLength(1)
  })

  test('--query takes what the search box takes, and names the word that is none', async () => {
    const ask = (query: string) => enact(['receipts', 'list', '--dir', filled.dir, '--query', query, '--json'])
    expect(JSON.parse((await ask('decision:block policy:no_* -agent:nobody')).out).data).toMatchObject([{ run_id: runId(1) }])
    expect(JSON.parse((await ask('-decision:block since:1h')).out).data).toEqual([])
    const wrong = await ask('verdict:block')
    expect(wrong).toMatchObject({ code: 2 })
    expect(wrong.err).toContain('`verdict:block` at character 1 has no known qualifier')
    const out = join(filled.dir, '..', 'found.ndjson')
    expect((await enact(['receipts', 'export', '--dir', filled.dir, '--query', 'decision:block', '--out', out])).code).toBe(0)
    const { stdout } = await promisify(execFile)('grep', ['-c', '"run_id"', out])
    expect(stdout.trim()).toBe('1')
    await unlink(out)
    const tailed = await enact(['receipts', 'tail', '--dir', filled.dir, '--query', 'decision:block', '--max', '1', '--json'])
    expect(JSON.parse(tailed.out).run_id).toBe(runId(1))
  })

  test('show has everything of a receipt, and --json is the receipt itself', async () => {
    const { out } = await enact(['receipts', 'show', runId(1), '--dir', filled.dir])
    for (const part of [
      'BLOCK · NONE',
      'agent_pr_workflow',
      'deny no_x',
      '→ ask',
      'HMAC-SHA256 hmac_',
      'Ed25519 ed25519_',
      'entry 1, leaf '
    ])
      expect(out).toContain(part)
    const receipt = JSON.parse((await enact(['receipts', 'show', runId(1), '--dir', filled.dir, '--json'])).out)
    expect(receipt).toEqual(await fileReceipts(filled.dir).get('acme', runId(1)))
  })

  test.each([
    ['list'],
    ['show'],
    ['list', '--json'],
    ['show', '--json'],
    ['verify', '--json'],
    ['verify'],
    ['export', '--format', 'csv'],
    ['export']
  ])('nothing in a receipt reaches the terminal as a control, an invisible or a turning character: %s %s', async (command, ...more) => {
    const args = ['receipts', command, ...(command === 'show' ? [runId(1)] : []), '--dir', filled.dir, ...more]
    const { out, err } = await enactProcess(args, { ENACT_SECRET: SECRET })
    expect(out).not.toBe('')
    expect(out.replaceAll('\r\n', '\n') + err).not.toMatch(DANGEROUS)
    if (command === 'show' && more.length === 0) expect(out).not.toMatch(/^✓ verified/m)
  })

  test('colours are for terminals that want them', async () => {
    const args = ['receipts', 'list', '--dir', filled.dir]
    // oxlint-disable-next-line no-control-regex
    const coloured = /\x1b\[31mBLOCK/
    expect((await enactProcess(args)).out).not.toMatch(coloured)
    expect((await enactProcess(args, { FORCE_COLOR: '1' })).out).toMatch(coloured)
    expect((await enactProcess(args, { NO_COLOR: '1' })).out).not.toMatch(coloured)
  })

  test('a file that is not whole is told by list, with exit code 5', async () => {
    const { dir } = await filledFolder(3)
    await writeFile(join(dir, `${runId(1)}.0.json`), '{"vers')
    const ended = await enact(['receipts', 'list', '--dir', dir])
    expect(ended).toMatchObject({ code: 5, err: expect.stringContaining('000000000001.json: not whole JSON') })
    expect(ended.out.trim().split('\n')).toHaveLength(2)
  })

  test.each([
    [['receipts'], 'Usage'],
    [['receipts', 'nope'], 'unknown command'],
    [['receipts', 'list', '--nope'], 'unknown option'],
    [['receipts', 'list'], '--dir'],
    [['receipts', 'list', '--dir', 'x', '--url', 'http://x'], 'not both'],
    [['receipts', 'list', '--url', 'ftp://x'], 'not an http address'],
    [['receipts', 'list', '--dir', '.', '--limit', '201'], '--limit'],
    [['receipts', 'list', '--dir', '.', '--decision', 'MAYBE'], '--decision'],
    [['receipts', 'list', '--dir', '.', '--from', 'yesterday'], '--from'],
    [['receipts', 'list', '--dir', '.', '--cursor', 'x'], '--cursor'],
    [['receipts', 'show', '../../etc/passwd', '--dir', '.'], 'not a run id'],
    [['receipts', 'show'], 'missing required argument'],
    [['receipts', 'export', '--dir', '.', '--format', 'xml'], '--format'],
    [['receipts', 'export', '--dir', '.', '--format', 'constructor'], '--format'],
    [['receipts', 'verify', '/does/not/exist'], 'cannot be read'],
    [['nope'], 'unknown command']
  ])('%j is a mistake in use: exit code 2, and it says which', async (args, told) => {
    expect(await enact(args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(told) })
  })

  test('with --json a mistake is JSON, too', async () => {
    const { code, out } = await enactProcess(['receipts', 'list', '--json'])
    expect([code, JSON.parse(out)]).toEqual([2, { error: { exit: 2, code: 'usage', message: expect.stringContaining('--dir') } }])
  })
})

describe('enact receipts over HTTP', () => {
  const store = memoryReceipts()
  const tree = ledgerTree(nodeHash)
  const keys = webcryptoKeys({ secret: SECRET })
  let checkpoint: string
  let url: string

  /** The read side of the contract over the real store: the key `good` may read, `weak` may not. */
  const server = createServer((request, response) => {
    const at = new URL(request.url!, 'http://x')
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const handle = async () => {
      if (at.pathname === '/moved/receipts') return response.writeHead(302, { location: `${url}/receipts` }).end()
      if (at.pathname === '/odd/receipts') return answer(200, { data: 'odd' })
      if (at.pathname === '/broken/receipts') return answer(500, {})
      if (at.pathname === '/.well-known/enact-keys.json') return answer(200, { keys: await (await keys.team('acme')).publicKeys() })
      if (at.pathname === '/checkpoints/latest') return answer(200, { note: checkpoint, tree_size: tree.size })
      if (request.headers['x-enact-api-key'] === 'weak') return answer(403, {})
      if (request.headers['x-enact-api-key'] !== 'good') return answer(401, {})
      if (at.pathname === '/receipts') return answer(200, await store.list('acme', ReceiptQuery.parse(Object.fromEntries(at.searchParams))))
      const [, id, proof] = /^\/receipts\/([^/]+)(\/proof)?$/.exec(at.pathname) ?? []
      const receipt =
        id === undefined
          ? null
          : await store.get('acme', id, at.searchParams.has('revision') ? Number(at.searchParams.get('revision')) : undefined)
      if (receipt === null) return answer(404, {})
      const { seq, leaf } = receipt.ledger!
      return answer(
        200,
        proof === undefined
          ? receipt
          : { seq, tree_size: tree.size, leaf, path: tree.inclusion(seq, tree.size).map(hex), checkpoint: { note: checkpoint } }
      )
    }
    void handle()
  })

  const append = async (n: number, more = {}) => {
    const receipt = await signed(n, more)
    await store.append('acme', receipt)
    tree.append(leafOf(receipt, nodeHash))
    checkpoint = await signCheckpoint(
      { origin: originOf('acme'), size: tree.size, root: tree.root(), timestamp: null },
      await keys.team('acme'),
      nodeHash
    )
  }

  beforeAll(async () => {
    for (let n = 0; n < 4; n++) await append(n)
    await append(1, { revision: 1, outcome: 'UNKNOWN' })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))
  const good = (): Record<string, string> => ({ ENACT_URL: url, ENACT_API_KEY: 'good' })

  test('list, show and verify read the installation', async () => {
    const list = JSON.parse((await enact(['receipts', 'list', '--json'], good())).out)
    expect(list.data.map(({ run_id }: { run_id: string }) => run_id)).toEqual([3, 2, 1, 0].map(runId))
    expect((await enact(['receipts', 'show', runId(1), '--url', url, '--key', 'good'])).out).toContain('revision 1')
    expect((await enact(['receipts', 'show', runId(1), '--revision', '0'], good())).out).toContain('revision 0')
    const verified = await enact(['receipts', 'verify', runId(2)], good())
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('Ed25519 ✓  leaf ✓  proof ✓') })
    expect(verified.out).toContain('the keys came with the receipts')
    expect((await enact(['receipts', 'verify', runId(9)], good())).code).toBe(5)
  })

  test('verify takes published keys from an address', async () => {
    const at = await freshFolder()
    expect((await enact(['receipts', 'verify', runId(2), '--keys', `${url}/.well-known/enact-keys.json`], good())).code).toBe(0)
    expect((await enact(['receipts', 'verify', runId(2), '--keys', await keysFile(at, 'acme', OTHER_SECRET)], good())).code).toBe(5)
  })

  test('an export has every revision and verifies offline', async () => {
    const file = join(await freshFolder(), 'all.ndjson')
    expect(await enact(['receipts', 'export', '--out', file], good())).toMatchObject({
      code: 0,
      err: expect.stringContaining('5 receipts written')
    })
    const verified = await enact(['receipts', 'verify', file])
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('5 receipts verified') })
    expect(verified.out).toContain('entries 0 to 4, chain ✓')
  })

  test.each([
    ['no key', {}, '', 7],
    ['an unknown key', { ENACT_API_KEY: 'x' }, '', 7],
    ['a key without the scope', { ENACT_API_KEY: 'weak' }, '', 7],
    ['nobody there', { ENACT_URL: 'http://127.0.0.1:1', ENACT_API_KEY: 'good' }, '', 6],
    ['a redirect, which would carry the key away', {}, '/moved', 6],
    ['an answer of something else', {}, '/odd', 1],
    ['a broken installation', {}, '/broken', 1]
  ])('%s: its own exit code', async (_, env, path, code) => {
    const given = path === '' ? env : { ENACT_API_KEY: 'good' }
    expect((await enactProcess(['receipts', 'list'], { ENACT_URL: `${url}${path}`, ...given } as Record<string, string>)).code).toBe(code)
  })

  test('tail shows what was there and what comes, once each', async () => {
    const following = enactProcess(['receipts', 'tail', '--lines', '2', '--interval', '1', '--max', '4', '--json'], good(), {
      onLine: async (count) => {
        if (count === 2) for (const n of [10, 11]) await append(n)
      }
    })
    const { code, out } = await following
    const ids = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).run_id)
    expect(code).toBe(0)
    expect(ids).toEqual([2, 3, 10, 11].map(runId))
  })
})

describe('the launcher', () => {
  test('--help and --version load nothing and end well', async () => {
    expect(await enactProcess(['--version'])).toMatchObject({ code: 0, out: '0.1.0\n' })
    expect(await enactProcess(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('receipts') })
    expect(await enact(['receipts', 'verify', '--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--keys') })
  })

  test('a reader that goes away ends it quietly', async () => {
    const { dir } = await filledFolder(3)
    const launcher = new URL('../../src/cli/enact.mjs', import.meta.url).pathname
    const { stderr } = await promisify(execFile)('/bin/sh', [
      '-c',
      `"${process.execPath}" "${launcher}" receipts list --dir "${dir}" | head -n 1`
    ])
    expect(stderr).toBe('')
  })

  const old = ['/usr/bin/node', '/usr/local/bin/node'].find((node) => existsSync(node) && node !== process.execPath)
  test.skipIf(old === undefined)(
    'an older Node hands over to the one the packages brought (skipped where there is no other Node)',
    async () => {
      expect(await enactProcess(['--version'], {}, { node: old })).toMatchObject({ code: 0, out: '0.1.0\n' })
    }
  )

  test('a Node that is too old, with none beside it, is told which one is needed', async () => {
    const at = await freshFolder()
    const shim = join(at, 'old.mjs')
    const launcher = new URL('../../src/cli/enact.mjs', import.meta.url)
    await writeFile(
      shim,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })\nprocess.env.ENACT_NODE_TRIED = '1'\nawait import(${JSON.stringify(launcher.href)})\n`
    )
    const ended = await promisify(execFile)(process.execPath, [shim]).then(
      () => null,
      (error: { code: number; stderr: string }) => error
    )
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^enact: needs Node 22\.18 or newer[^\n]*\n$/) })
    await unlink(shim)
  })
})
