// `enact ui`: the receipts of a folder in a browser of this machine, and in nobody else's.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { fileReceipts } from '../../src/adapters/receipts/index.ts'
import { FolderVerification } from '../../src/cli/ui/api.ts'
import { headersFor, parseHeaderRules } from '../../src/cli/ui/header_rules.ts'
import { startFolderUi, type FolderUi } from '../../src/cli/ui/server.ts'
import { openCheckpoint, originOf } from '../../src/engine/checkpoint.ts'
import { InclusionProof, verifyProof } from '../../src/engine/ledger.ts'
import { Receipt } from '../../src/engine/schema.ts'
import type { Route } from '../../src/http/route.ts'
import { latestCheckpoint, listCheckpoints, publicKeys } from '../../src/http/routes/checkpoints.ts'
import { countReceipts, relatedReceipts } from '../../src/http/routes/receipt_views.ts'
import { listReceipts, proveReceipt, readReceipt } from '../../src/http/routes/receipts.ts'
import { readSession } from '../../src/http/routes/session.ts'
import { Problem } from '../../src/http/schema.ts'
import { runId } from '../adapters/receipt_samples.ts'
import { enact, filledFolder, freshFolder, SECRET, signed } from './receipts_cli.ts'

const LAUNCHER = fileURLToPath(new URL('../../src/cli/enact.mjs', import.meta.url))
const started: FolderUi[] = []
afterAll(() => Promise.all(started.map((ui) => ui.stop())))

/** A `public/` of our own: what is served must not depend on whether the UI was built. */
async function publicFolder(): Promise<string> {
  const root = join(await freshFolder(), 'public')
  await mkdir(join(root, 'app'), { recursive: true })
  await writeFile(join(root, '_headers'), await readFile(new URL('../../public/_headers', import.meta.url)))
  await writeFile(join(root, 'app', 'index.html'), '<!doctype html><title>Activity</title>')
  await writeFile(join(root, 'app', 'receipt.html'), '<!doctype html><title>Receipt</title>')
  await writeFile(join(root, 'app', 'main.js'), 'export {}')
  await writeFile(join(root, 'docs.html'), '<!doctype html><title>Reference</title>')
  await writeFile(join(root, '.hidden'), 'hidden')
  await writeFile(join(root, '..', 'outside.txt'), 'outside')
  await symlink(join(root, '..', 'outside.txt'), join(root, 'app', 'link.txt'))
  return root
}

async function serve(dir: string, secret: string | null = SECRET): Promise<FolderUi> {
  const trust = { secrets: secret === null ? null : ([secret] as [string]), keys: [] }
  const ui = await startFolderUi({ dir, publicDir: await publicFolder(), port: 0, trust, onBug: (error) => expect.fail(String(error)) })
  started.push(ui)
  return ui
}

interface Answered {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
}

/** A request with exactly these headers, which `fetch` would not let a test write. */
function ask(ui: FolderUi, path: string, headers: Record<string, string | string[]> = {}, method = 'GET'): Promise<Answered> {
  const { hostname, port, host } = new URL(ui.url)
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method, headers: { host, ...headers }, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }))
    })
      .on('error', reject)
      .end()
  })
}

/** Bytes as they are, for what no client would send. */
async function raw(ui: FolderUi, text: string): Promise<string> {
  const socket = connect(Number(new URL(ui.url).port), '127.0.0.1')
  socket.end(text)
  let answer = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk))
  await once(socket, 'close')
  return answer
}

async function read<T = Record<string, unknown>>(ui: FolderUi, path: string): Promise<T> {
  const { status, text } = await ask(ui, path)
  expect(status, text).toBe(200)
  return JSON.parse(text) as T
}

type Page = { data: Receipt[]; next_cursor: string | null; has_more: boolean; head: number; damaged?: string[] }
const ids = (page: Page) => page.data.map(({ run_id }) => run_id)
const shapeOf = (route: Route) => route.answers[200]!.schema!

const varied = (n: number): Partial<Receipt> =>
  n === 1
    ? {
        decision: 'BLOCK',
        outcome: 'NONE',
        policy_results: [{ policy: 'no_x', passed: false, effect: 'deny', reason: 'x is not allowed' }]
      }
    : n === 2
      ? { links: { rollback_of: runId(0) }, workflow: 'rollback:agent_pr_workflow', actor: { api_key_id: null, session_id: 's1' } }
      : n === 3
        ? { actor: { api_key_id: null, session_id: 's1' } }
        : {}

describe('a request is served only to this machine and its own pages', () => {
  let ui: FolderUi
  beforeAll(async () => {
    ui = await serve((await filledFolder(3)).dir)
  })

  it.each([
    ['another name (DNS rebinding)', (port: string) => ({ host: `attacker.example:${port}` })],
    ['a name that only begins like ours', (port: string) => ({ host: `127.0.0.1.attacker.example:${port}` })],
    ['a name that only ends like ours', (port: string) => ({ host: `xlocalhost:${port}` })],
    ['another spelling of the address', (port: string) => ({ host: `127.1:${port}` })],
    ['a user before the name', (port: string) => ({ host: `localhost@attacker.example:${port}` })],
    ['another port', () => ({ host: '127.0.0.1:1' })],
    ['no port', () => ({ host: '127.0.0.1' })]
  ])('a Host of %s gets 421 and no receipt, on every path', async (_name, hostOf) => {
    for (const path of ['/receipts', '/session', `/receipts/${runId(0)}`, '/app/', '/']) {
      const answer = await ask(ui, path, hostOf(new URL(ui.url).port))
      expect([answer.status, answer.text.includes('agent')]).toEqual([421, false])
    }
  })

  it('two Hosts, an empty one, none at all and an absolute target are refused', async () => {
    const { host } = new URL(ui.url)
    expect(await raw(ui, `GET /session HTTP/1.1\r\nHost: ${host}\r\nHost: attacker.example\r\n\r\n`)).toMatch(/^HTTP\/1\.1 4/)
    expect(await raw(ui, `GET http://attacker.example/session HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400/)
    expect(await raw(ui, 'GET /session HTTP/1.1\r\nHost: \r\n\r\n')).toMatch(/^HTTP\/1\.1 421/)
    expect(await raw(ui, 'GET /session HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 421/)
  })

  it("answers to this machine's names", async () => {
    const { port } = new URL(ui.url)
    for (const name of ['127.0.0.1', 'localhost', '[::1]', 'LOCALHOST'])
      expect((await ask(ui, '/session', { host: `${name}:${port}` })).status).toBe(200)
  })

  it.each([
    ['fetch of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' }],
    ['fetch of a server on another port', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['script tag of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }],
    ['frame of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    ['Origin of another site, from an old browser', { origin: 'https://attacker.example' }],
    ['Origin `null`, from a sandbox', { origin: 'null' }],
    ['Origin of the same name on another port', { origin: 'http://127.0.0.1:1' }]
  ])('a %s gets 403', async (_name, headers) => {
    for (const path of ['/receipts', '/session', '/app/', '/app/main.js']) expect((await ask(ui, path, headers)).status).toBe(403)
  })

  it('a link from another site opens a page, never a receipt', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect((await ask(ui, '/app/', link)).status).toBe(200)
    expect((await ask(ui, `/app/receipt?id=${runId(0)}`, link)).status).toBe(200)
    expect((await ask(ui, '/receipts', link)).status).toBe(403)
    expect((await ask(ui, `/receipts/${runId(0)}`, link)).status).toBe(403)
  })

  it('its own pages, an address that was typed, and programs are served; nobody is told that others may read', async () => {
    for (const headers of [
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' },
      { 'sec-fetch-site': 'none' },
      { origin: ui.url },
      {}
    ]) {
      const answer = await ask(ui, '/receipts', headers as Record<string, string>)
      expect(answer.status).toBe(200)
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
      expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin')
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s changes nothing: 405', async (method) => {
    const answer = await ask(ui, '/receipts', {}, method)
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD'])
    expect((await ask(ui, '/session', {}, method)).status).toBe(405)
  })

  it('HEAD is GET without the body', async () => {
    for (const path of ['/receipts', '/app/', '/app/main.js']) {
      const [head, get] = [await ask(ui, path, {}, 'HEAD'), await ask(ui, path)]
      expect([head.status, head.text, head.headers['content-type']]).toEqual([get.status, '', get.headers['content-type']])
    }
  })

  it('no other address of this machine reaches it', async () => {
    const others = Object.values(networkInterfaces())
      .flat()
      .flatMap((face) => (face === undefined || face.internal || face.family !== 'IPv4' ? [] : [face.address]))
    for (const address of others) {
      const socket = connect(Number(new URL(ui.url).port), address)
      await expect(once(socket, 'connect')).rejects.toThrow(/ECONNREFUSED|EHOSTUNREACH|ETIMEDOUT/)
    }
  })
})

describe('files', () => {
  let ui: FolderUi
  beforeAll(async () => {
    ui = await serve((await filledFolder(1)).dir)
  })

  it('carry the headers of public/_headers, their type and an ETag that saves sending them again', async () => {
    const rules = parseHeaderRules(await readFile(new URL('../../public/_headers', import.meta.url), 'utf8'))
    for (const [path, type] of [
      ['/app/', 'text/html; charset=utf-8'],
      ['/app/receipt', 'text/html; charset=utf-8'],
      ['/docs', 'text/html; charset=utf-8'],
      ['/app/main.js', 'text/javascript; charset=utf-8']
    ] as const) {
      const answer = await ask(ui, path)
      expect([answer.status, answer.headers['content-type']]).toEqual([200, type])
      expect(answer.headers).toMatchObject(headersFor(rules, path))
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
      const again = await ask(ui, path, { 'if-none-match': String(answer.headers.etag) })
      expect([again.status, again.text]).toEqual([304, ''])
      expect((await ask(ui, path, { 'if-none-match': '"other"' })).status).toBe(200)
    }
  })

  it('have one address each: / and .html lead there', async () => {
    for (const [from, to] of [
      ['/', '/app/'],
      ['/app', '/app/'],
      ['/app/index.html', '/app/'],
      ['/app/receipt.html', '/app/receipt'],
      ['/docs.html', '/docs']
    ]) {
      const answer = await ask(ui, from!)
      expect([answer.status, answer.headers.location]).toEqual([307, to])
    }
    for (const path of ['//attacker.example/index.html', '/\\attacker.example/x.html', '//attacker.example/.html']) {
      const answer = await ask(ui, path)
      expect(answer.headers.location ?? '/').toMatch(/^\/(?!\/|\\)/)
    }
  })

  it.each([
    '/../outside.txt',
    '/app/../../outside.txt',
    '/%2e%2e/outside.txt',
    '/app/%2e%2e/%2e%2e/outside.txt',
    '/..%2foutside.txt',
    '/..%5coutside.txt',
    '/..\\outside.txt',
    '/app/..;/../outside.txt',
    '//outside.txt',
    '/app//main.js',
    '/app/main.js%00.html',
    '/app/link.txt',
    '/.hidden',
    '/app/../.hidden',
    '/_headers',
    '/app/%6dain.js',
    '/etc/passwd',
    '/file:///etc/passwd',
    '/app/nothing.html/../main.js'
  ])('%s is nothing', async (path) => {
    const answer = await ask(ui, path)
    expect([404, 307]).toContain(answer.status)
    expect(answer.text).not.toMatch(/outside|hidden|root:|export \{\}|Content-Security/)
    if (answer.status === 307) expect(await ask(ui, String(answer.headers.location))).toMatchObject({ status: 404 })
  })
})

describe('answers have the shapes of the Worker', () => {
  let ui: FolderUi
  let dir: string
  beforeAll(async () => {
    dir = (await filledFolder(4, varied)).dir
    ui = await serve(dir)
  })

  it.each([
    ['/receipts', listReceipts],
    ['/receipts?search=decision:block&limit=1', listReceipts],
    [`/receipts/${runId(1)}`, readReceipt],
    [`/receipts/${runId(1)}?revision=0`, readReceipt],
    [`/receipts/${runId(1)}/proof`, proveReceipt],
    [`/receipts/${runId(2)}/related`, relatedReceipts],
    ['/receipts/histogram?from=2026-03-01&to=2026-03-02&buckets=4', countReceipts],
    ['/checkpoints', listCheckpoints],
    ['/checkpoints/latest?team=acme', latestCheckpoint],
    ['/.well-known/enact-keys.json', publicKeys],
    ['/session', readSession]
  ] as const)('GET %s', async (path, route) => {
    const answer = await ask(ui, path)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.headers['content-type']).toBe(route.answers[200]!.type ?? 'application/json')
    const parsed = shapeOf(route).safeParse(JSON.parse(answer.text))
    expect(parsed.error).toBeUndefined()
  })

  it.each([
    ['/receipts?search=nonsense:x', 422, 'invalid'],
    ['/receipts?limit=0', 422, 'invalid'],
    ['/receipts?limit=1&limit=2', 422, 'invalid'],
    ['/receipts?colour=red', 422, 'invalid'],
    ['/receipts?cursor=x', 422, 'invalid'],
    ['/receipts/histogram?from=2026-03-02&to=2026-03-01', 422, 'invalid'],
    [`/receipts/${runId(99)}`, 404, 'not_found'],
    [`/receipts/${runId(99)}/proof`, 404, 'not_found'],
    [`/receipts/${runId(99)}/related`, 404, 'not_found'],
    [`/receipts/${runId(99)}/verification`, 404, 'not_found'],
    ['/receipts/..%2f..%2fetc%2fpasswd', 404, 'not_found'],
    ['/checkpoints/latest?team=rival', 404, 'not_found'],
    ['/checkpoints/latest', 422, 'invalid'],
    ['/hitl', 404, 'not_found'],
    ['/runs', 404, 'not_found']
  ])('GET %s is a problem: %i %s', async (path, status, code) => {
    const answer = await ask(ui, path)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    const problem = Problem.parse(JSON.parse(answer.text))
    expect([answer.status, problem.status, problem.code]).toEqual([status, status, code])
    expect(answer.text).not.toContain('node_modules')
  })

  it('the session says that it is a folder, and what can be done with one', async () => {
    expect(await read(ui, '/session')).toMatchObject({
      team_id: 'acme',
      team_name: dir,
      via: 'folder',
      scopes: ['read'],
      features: ['receipts', 'search']
    })
  })

  it('lists, filters, searches and pages as an installation does', async () => {
    const all = await read<Page>(ui, '/receipts')
    expect(ids(all)).toEqual([3, 2, 1, 0].map(runId))
    expect([all.head, all.has_more, all.damaged]).toEqual([4, false, undefined])
    expect(all.data[0]).toEqual(await fileReceipts(dir).get('acme', runId(3)))
    const first = await read<Page>(ui, '/receipts?limit=3')
    expect([ids(first), first.has_more]).toEqual([[3, 2, 1].map(runId), true])
    expect(ids(await read<Page>(ui, `/receipts?limit=3&cursor=${first.next_cursor}`))).toEqual([runId(0)])
    for (const [query, found] of [
      ['decision=BLOCK', [1]],
      ['policy=no_x', [1]],
      ['q=rollback', [2]],
      ['from=2026-03-01T00:02:00Z', [3, 2]],
      [`search=${encodeURIComponent('decision:block policy:no_*')}`, [1]],
      [`search=${encodeURIComponent('-decision:block workflow:agent_*')}`, [3, 0]],
      ['changed_after=2', [3, 2]],
      ['changed_after=4', []]
    ] as const)
      expect(ids(await read<Page>(ui, `/receipts?${query}`)), query).toEqual(found.map(runId))
  })

  it('counts over time, and names what belongs together', async () => {
    const { buckets, totals } = await read<{ buckets: { at: string; pass: number; block: number }[]; totals: object }>(
      ui,
      '/receipts/histogram?from=2026-03-01T00:00:00Z&to=2026-03-01T00:04:00Z&buckets=4'
    )
    expect(buckets.map(({ pass, block }) => [pass, block])).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
      [1, 0]
    ])
    expect(totals).toEqual({ receipts: 4, pass: 3, block: 1, partial: 0 })
    const related = async (n: number) =>
      (await read<{ data: { relation: string; run_id: string }[] }>(ui, `/receipts/${runId(n)}/related`)).data.map(
        ({ relation, run_id }) => [relation, run_id]
      )
    expect(await related(2)).toEqual([
      ['rollback_of', runId(0)],
      ['same_session', runId(3)]
    ])
    expect(await related(0)).toEqual([['rolled_back_by', runId(2)]])
  })

  it('with the secret, proofs lead to a checkpoint that the published keys open', async () => {
    const proof = InclusionProof.parse(await read(ui, `/receipts/${runId(1)}/proof`))
    const { keys } = await read<{ keys: Awaited<ReturnType<Awaited<ReturnType<ReturnType<typeof webcryptoKeys>['team']>>['publicKeys']>> }>(
      ui,
      '/.well-known/enact-keys.json?team=acme'
    )
    const ring = await webcryptoKeys({ secret: SECRET }).team('acme')
    expect(keys).toEqual(await ring.publicKeys())
    const opened = await openCheckpoint(proof.checkpoint!, originOf('acme'), { verify: ring.verify, publicKeys: keys }, nodeHash)
    if (!opened.ok) return expect.fail(opened.problem)
    const { ledger } = Receipt.parse(await read(ui, `/receipts/${runId(1)}`))
    expect(verifyProof(ledger!, proof, opened.checkpoint, nodeHash)).toEqual([])
    const latest = await read<{ note: string; tree_size: number }>(ui, '/checkpoints/latest?team=acme')
    expect([latest.note, latest.tree_size]).toEqual([proof.checkpoint, 4])
    expect(FolderVerification.parse(await read(ui, `/receipts/${runId(1)}/verification`))).toEqual({
      run_id: runId(1),
      revision: 0,
      ok: true,
      checks: { shape: 'ok', hmac: 'ok', ed25519: 'ok', leaf: 'ok', proof: 'ok', ledger: 'ok' },
      problems: []
    })
  })

  it('without the secret nothing is signed, no key is known, and what was not checked says so', async () => {
    const bare = await serve(dir, null)
    const proof = InclusionProof.parse(await read(bare, `/receipts/${runId(1)}/proof`))
    expect([proof.checkpoint, proof.tree_size, proof.path.length]).toEqual([null, 4, 2])
    expect(await read(bare, '/.well-known/enact-keys.json')).toEqual({ keys: [] })
    expect((await ask(bare, '/checkpoints/latest?team=acme')).status).toBe(404)
    expect(await read(bare, `/receipts/${runId(1)}/verification`)).toMatchObject({
      ok: true,
      checks: { shape: 'ok', hmac: 'not_checked', ed25519: 'not_checked', leaf: 'ok', proof: 'not_checked', ledger: 'ok' }
    })
  })

  it('with a wrong secret the signatures do not verify', async () => {
    const wrong = await serve(dir, 'oLdU4nXw8Jq1ZpTb7RcKd2MsHaE5fGv9')
    expect(await read(wrong, `/receipts/${runId(1)}/verification`)).toMatchObject({
      ok: false,
      checks: { hmac: 'failed', ed25519: 'failed', leaf: 'ok' }
    })
  })
})

describe('a folder in use', () => {
  it('shows what a running program adds and amends, and an empty folder its first receipt', async () => {
    const dir = await freshFolder()
    const ui = await serve(dir)
    expect(await read<Page>(ui, '/receipts')).toEqual({ data: [], next_cursor: null, has_more: false, head: 0 })
    expect(await read(ui, '/session')).toMatchObject({ team_id: 'local', team_name: null })
    const store = fileReceipts(dir)
    for (let n = 0; n < 3; n++) {
      await store.append('acme', await signed(n))
      const page = await read<Page>(ui, '/receipts')
      expect([ids(page)[0], page.head, page.damaged]).toEqual([runId(n), n + 1, undefined])
    }
    await store.append('acme', await signed(0, { revision: 1, outcome: 'PARTIAL' }))
    const changed = await read<Page>(ui, '/receipts?changed_after=3')
    expect([ids(changed), changed.data[0]!.revision, changed.head]).toEqual([[runId(0)], 1, 4])
    // Amended, it keeps its place.
    expect(ids(await read<Page>(ui, '/receipts'))).toEqual([2, 1, 0].map(runId))
    expect(await read(ui, `/receipts/${runId(0)}/proof`)).toMatchObject({ seq: 3, tree_size: 4 })
    expect(await read(ui, '/session')).toMatchObject({ team_id: 'acme' })
  })

  it('tells every damaged file, shows what can be shown, and proves nothing from a ledger that is not whole', async () => {
    const { dir } = await filledFolder(7)
    const entry = (n: number) => join(dir, '.ledger', `${String(n).padStart(12, '0')}.json`)
    const file = (n: number) => join(dir, `${runId(n)}.0.json`)
    const tampered = (await readFile(file(1), 'utf8')).replace('"PASS"', '"BLOCK"')
    await writeFile(file(1), tampered)
    await unlink(file(2))
    await unlink(entry(3))
    await writeFile(`${file(4)}.new`, (await readFile(file(4), 'utf8')).replace('agent@', 'other@'))
    await rename(`${file(4)}.new`, file(4))
    await writeFile(file(5), '{"cut": ')
    await rm(file(6))
    await symlink('/etc/hostname', file(6))
    const ui = await serve(dir)
    await ui.warmed
    const page = await read<Page>(ui, '/receipts')
    expect(ids(page)).toEqual([4, 2, 1, 0].map(runId))
    const told = page.damaged!.join('\n')
    for (const part of [
      `${runId(1)}.0.json: changed since it was appended`,
      `${runId(2)}.0.json: missing`,
      '000000000003.json: missing',
      `${runId(3)}.0.json: not in the folder's ledger`,
      `${runId(4)}.0.json: not what the ledger has as entry 4`,
      '000000000005.json: not whole JSON',
      `${runId(6)}.0.json: a symbolic link`
    ])
      expect(told).toContain(part)
    expect((await ask(ui, `/receipts/${runId(0)}/proof`)).status).toBe(409)
    expect(await read(ui, `/receipts/${runId(0)}/verification`)).toMatchObject({
      ok: false,
      checks: { hmac: 'ok', leaf: 'ok', ledger: 'failed' }
    })
    expect(await read(ui, `/receipts/${runId(1)}/verification`)).toMatchObject({ ok: false, checks: { hmac: 'failed', leaf: 'failed' } })
    expect((await ask(ui, `/receipts/${runId(5)}`)).status).toBe(503)
    expect((await ask(ui, '/checkpoints/latest?team=acme')).status).toBe(404)
  })
})

describe('the command', () => {
  it('prints one line of JSON, serves, and Ctrl-C ends it with 0', async () => {
    const { dir } = await filledFolder(1)
    const child = spawn(process.execPath, [LAUNCHER, 'ui', '--dir', dir, '--port', '0', '--json'], {
      env: { PATH: process.env.PATH ?? '', ENACT_SECRET: SECRET },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
    const { url } = JSON.parse(line) as { url: string }
    expect(line.trimEnd().split('\n')).toHaveLength(1)
    expect(((await (await fetch(`${url}/receipts`)).json()) as Page).data).toHaveLength(1)
    const page = await fetch(`${url}/app/`)
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([200, expect.stringContaining("default-src 'none'")])
    // A browser keeps its connections open; the end waits for none.
    const idle = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
    await once(idle, 'connect')
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('refuses a folder that is not there and a port that is none', async () => {
    expect((await enact(['ui', '--dir', join(await freshFolder(), 'nothing')])).code).toBe(2)
    expect((await enact(['ui', '--dir', await freshFolder(), '--port', '65536'])).code).toBe(2)
    expect((await enact(['ui', '--dir', await freshFolder(), '--port', '-1'])).code).toBe(2)
  })
})

describe('public/_headers', () => {
  it('is read as Cloudflare reads it', () => {
    const rules = parseHeaderRules('# all\n/*\n  A: 1\n  B: 2\n\n/app/x.js\n  ! B\n  A: 3\n/y/:id\n  C: 4\n')
    expect(headersFor(rules, '/other')).toEqual({ a: '1', b: '2' })
    expect(headersFor(rules, '/app/x.js')).toEqual({ a: '1, 3' })
    expect(headersFor(rules, '/y/1')).toEqual({ a: '1', b: '2', c: '4' })
    expect(headersFor(rules, '/y/1/2')).toEqual({ a: '1', b: '2' })
    expect(() => parseHeaderRules('/*\n  what is this')).toThrow('_headers:2')
  })
})
