// `npx enact demo` as its users have it: what it prints, what its receipts prove, and that nothing of it is left behind.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { reportOf } from '../../src/cli/demo/report.ts'
import { PAGE, pageOf } from '../../scripts/demo_transcript.ts'

const LAUNCHER = join(import.meta.dirname, '..', '..', 'src', 'cli', 'enact.mjs')
type Report = ReturnType<typeof reportOf>

/** A folder in which everything temporary is made, and a working folder that is not the repository. */
let temporary: string
let elsewhere: string
const started: ChildProcess[] = []

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'enact-demo-test-'))
  temporary = join(folder, 'tmp')
  elsewhere = join(folder, 'elsewhere')
  for (const path of [temporary, elsewhere]) mkdirSync(path)
})
afterEach(() => {
  for (const child of started.splice(0)) if (groupLives(child)) process.kill(-child.pid!, 'SIGKILL')
  rmSync(join(temporary, '..'), { recursive: true, force: true })
})

interface Running {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  readonly ended: Promise<number | null>
  /** Resolves when the text is on one of the streams. */
  says(text: string): Promise<void>
}

/** `enact …` in a process group of its own, with nothing of this machine's settings in its environment. */
function start(
  args: readonly string[],
  { node = process.execPath, env = {} }: { node?: string; env?: Record<string, string> } = {}
): Running {
  const child = spawn(node, [LAUNCHER, ...args], {
    cwd: elsewhere,
    env: { PATH: process.env.PATH ?? '', TMPDIR: temporary, HOME: elsewhere, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  started.push(child)
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    child,
    out: () => out,
    err: () => err,
    ended,
    says: (text) => expect.poll(() => (out + err).includes(text), { timeout: 120_000, interval: 20 }).toBe(true)
  }
}

function groupLives(child: ChildProcess): boolean {
  try {
    return process.kill(-child.pid!, 0)
  } catch {
    return false
  }
}

async function nothingIsLeft({ child }: Running): Promise<void> {
  // The bundler notices the closed pipe a moment later.
  await expect.poll(() => groupLives(child), { timeout: 5_000 }).toBe(false)
  expect(readdirSync(temporary)).toEqual([])
  expect(readdirSync(elsewhere)).toEqual([])
}

/** The oldest Node on this machine that the launcher has to cope with; this one where there is no other. */
function oldestNode(): string {
  const major = (node: string) => Number(/^v(\d+)/.exec(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout)?.[1] ?? 0)
  const nodes = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter(existsSync)
  return nodes.filter((node) => major(node) >= 20).toSorted((a, b) => major(a) - major(b))[0] ?? process.execPath
}

describe('enact demo', () => {
  test('tells the three acts and the proof in plain text within 80 columns, as docs/guide/demo.md shows them', async () => {
    const demo = start(['demo'])
    expect([await demo.ended, demo.err().trim().split('\n')]).toEqual([0, [expect.stringContaining('starting')]])
    const lines = demo.out().split('\n')
    expect(lines.filter((line) => [...line].length > 80)).toEqual([])
    expect(lines.filter((line) => line.includes('✗'))).toEqual([])
    expect(demo.out()).not.toContain('\u001b')
    expect(pageOf(demo.out()), 'docs/guide/demo.md is stale: run `node scripts/demo_transcript.ts`').toBe(readFileSync(PAGE, 'utf8'))
    await nothingIsLeft(demo)
  })

  test('--json prints one object and nothing else, whose every claim holds, under the oldest Node there is', async () => {
    const demo = start(['demo', '--json', '--out', 'kept'], { node: oldestNode() })
    expect(await demo.ended).toBe(0)
    const report = JSON.parse(demo.out()) as Report
    expect(report).toMatchObject({ ok: true, verification: { ok: true, changed_copy: { rejected: true } } })
    expect(report.checks.filter(({ held }) => !held)).toEqual([])
    const [block, pass, rollback] = report.acts
    const whole = block!.checksum_before
    expect(block).toMatchObject({
      act: 'BLOCK',
      decision: 'BLOCK',
      outcome: 'NONE',
      rows_before: 47,
      rows_after: 47,
      checksum_after: whole,
      rows_gone: [],
      verified: true
    })
    expect(block!.receipt.policy_results).toContainEqual(
      expect.objectContaining({ policy: 'dont_delete_without_where', effect: 'deny', remedy: expect.any(String) })
    )
    expect(pass).toMatchObject({
      act: 'PASS',
      decision: 'PASS',
      outcome: 'SUCCEEDED',
      rows_before: 47,
      rows_after: 42,
      checksum_before: whole,
      verified: true
    })
    expect(pass!.rows_gone).toHaveLength(5)
    expect(pass!.rows_gone.every(({ plan }) => plan === 'trial-expired')).toBe(true)
    expect(pass!.checksum_after).not.toBe(whole)
    expect(pass!.receipt.actions_taken[0]!.output.before).toHaveLength(5)
    expect(rollback).toMatchObject({
      act: 'ROLLBACK',
      decision: 'PASS',
      outcome: 'SUCCEEDED',
      rows_before: 42,
      rows_after: 47,
      checksum_after: whole,
      verified: true
    })
    expect(rollback!.rows_back).toEqual(pass!.rows_gone)
    expect(rollback!.receipt.links.rollback_of).toBe(pass!.run_id)
    verifiesByHand(join(elsewhere, 'kept'))
    rmSync(join(elsewhere, 'kept'), { recursive: true })
    await nothingIsLeft(demo)
  })

  test('--keep leaves an edge that answers to the printed key, until Ctrl-C, which is its good end', async () => {
    const demo = start(['demo', '--json', '--keep'])
    await demo.says('"key"')
    const { url, key, acts } = JSON.parse(demo.out()) as Report
    const ask = (more: Record<string, string>) => fetch(`${url}/receipts`, { headers: more })
    expect((await ask({})).status).toBe(401)
    const page = (await (await ask({ 'x-enact-api-key': key! })).json()) as { data: { run_id: string }[] }
    expect(page.data.map(({ run_id }) => run_id)).toEqual(expect.arrayContaining(acts.map(({ run_id }) => run_id)))
    const admin = await fetch(`${url}/keys`, { headers: { 'x-enact-api-key': key! } })
    expect(admin.status, 'the agent may not administer').toBe(403)
    process.kill(-demo.child.pid!, 'SIGINT')
    expect(await demo.ended).toBe(0)
    await nothingIsLeft(demo)
  })

  test.each([
    ['while it starts', 'starting', 'SIGINT', 130],
    ['in the middle of an act', '1 BLOCK', 'SIGINT', 130],
    ['when it is told to end', '2 PASS', 'SIGTERM', 143]
  ] as const)('interrupted %s it leaves no process and no folder', async (_when, seen, signal, code) => {
    const demo = start(['demo'])
    await demo.says(seen)
    process.kill(-demo.child.pid!, signal)
    expect(await demo.ended).toBe(code)
    await nothingIsLeft(demo)
  })

  test.skipIf(!existsSync('/usr/bin/script'))(
    'is in colour on a terminal, unless NO_COLOR asks for none (skipped without `script`)',
    () => {
      const onTerminal = (env: Record<string, string>) =>
        spawnSync('/usr/bin/script', ['-qec', `'${process.execPath}' '${LAUNCHER}' demo`, '/dev/null'], {
          cwd: elsewhere,
          env: { PATH: process.env.PATH ?? '', TMPDIR: temporary, HOME: elsewhere, TERM: 'xterm-256color', ...env },
          encoding: 'utf8'
        })
      const coloured = onTerminal({})
      expect(coloured.status).toBe(0)
      expect(coloured.stdout).toContain('\u001b[31m- 14  Chidi Tanaka')
      expect(coloured.stdout).toContain('\u001b[32m+ 14  Chidi Tanaka')
      expect(onTerminal({ NO_COLOR: '1' }).stdout).not.toContain('\u001b[')
      expect(readdirSync(temporary)).toEqual([])
    }
  )

  test('where its reader goes away it ends quietly and leaves nothing', async () => {
    const demo = start(['demo'])
    demo.child.stdout!.destroy()
    expect(await demo.ended).toBe(0)
    expect(demo.err().trim().split('\n')).toEqual([expect.stringContaining('starting')])
    await nothingIsLeft(demo)
  })
})

/** As the demo's reader would: the command itself, on the files that were kept. */
function verifiesByHand(folder: string): void {
  const verify = (file: string) =>
    spawnSync(process.execPath, [LAUNCHER, 'receipts', 'verify', file, '--keys', 'keys.json', '--checkpoint', 'checkpoint.txt'], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '' },
      encoding: 'utf8'
    })
  expect(readdirSync(folder).toSorted()).toEqual(['changed.ndjson', 'checkpoint.txt', 'keys.json', 'receipts.ndjson'])
  expect(verify('receipts.ndjson')).toMatchObject({ status: 0, stdout: expect.stringContaining('5 receipts verified') })
  expect(verify('changed.ndjson')).toMatchObject({ status: 5, stdout: expect.stringContaining('1 of 5 receipts bad') })
}
