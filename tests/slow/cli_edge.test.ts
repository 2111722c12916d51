// The command line against the real Worker: hooks over both ways, a hold that a person approves while the agent waits, keys, doctor, replay.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startEdge, type LocalEdge } from '../../src/cli/local/edge.ts'
import { HOOK_AGENTS } from '../../src/integrations/hooks/index.ts'
import { enact, enactProcess } from '../cli/receipts_cli.ts'

const ADMIN = 'enact_live_admin'
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PROGRAM = `'${process.execPath}' '${join(ROOT, 'src/cli/enact.mjs')}'`
const state = mkdtempSync(join(tmpdir(), 'enact-cli-edge-'))
const hash = createHash('sha256').update(ADMIN).digest('hex')
const seed = [
  { sql: `INSERT INTO teams (team_id, created_by, created_at) VALUES ('acme', 'test', '2026-01-01T00:00:00Z')`, values: [] },
  {
    sql: `INSERT INTO api_keys (id, team_id, hash, scopes, attributes, created_at) VALUES ('first', 'acme', ?1, '["admin"]', '{}', '2026-01-01T00:00:00Z')`,
    values: [hash]
  }
]
let edge: LocalEdge
let env: Record<string, string>
let agentKey: string
let kateKey: string
const as = (key: string) => ({ ...env, ENACT_API_KEY: key })
const json = async (args: string[], key: string, input = '') => {
  const { code, out, err } = await enact([...args, '--json'], as(key), input)
  return { code, err, body: JSON.parse(out) as Record<string, unknown> }
}
const call = (method: string, path: string, body?: object) =>
  fetch(`${edge.url}${path}`, {
    method,
    headers: { 'x-enact-api-key': ADMIN, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })

beforeAll(async () => {
  const variables = { ENACT_SECRET: 'uYw3tQpZk81LxVb6RcNd0MsHaE5fGj2o', ENACT_DEV: '1', ENACT_EMAIL_DRY_RUN: '1', ENACT_RATE_SCALE: '1000' }
  edge = await startEdge({ port: 0, state, variables, devVars: false, seed, watch: false, onLog: () => undefined })
  env = { HOME: state, PATH: process.env.PATH ?? '', ENACT_URL: edge.url.replace(/\/$/, ''), ENACT_PROJECT_DIR: state }
  edge = { ...edge, url: env.ENACT_URL! }
  agentKey = String((await json(['keys', 'create', '--scope', 'run', 'read'], ADMIN)).body.key)
  kateKey = String((await json(['keys', 'create', '--scope', 'approve', 'read', '--user', 'kate@acme.example'], ADMIN)).body.key)
  const registered = await call('POST', '/people', { email: 'kate@acme.example', roles: ['approver'] })
  expect(registered.status, await registered.text()).toBeLessThan(300)
}, 240_000)
afterAll(async () => {
  await edge.stop()
  rmSync(state, { recursive: true, force: true })
})

it('every agent’s hooks fire against the real Worker, over HTTP and as commands', { timeout: 180_000 }, async () => {
  const installed = await enact(['hooks', 'install', '--user', '--yes', '--program', PROGRAM], as(agentKey))
  expect(installed.code, installed.err).toBe(0)
  const { code, out, err } = await enact(['hooks', 'doctor', '--user'], as(agentKey))
  expect(code, out + err).toBe(0)
  expect(out.match(/a destructive command is denied/g)).toHaveLength(5)
})

it('a hold waits for a person, who approves from the command line; then the very same command passes', { timeout: 120_000 }, async () => {
  const event = JSON.stringify(HOOK_AGENTS.codex!.canary('npm install some-package-that-nobody-vetted', 'held'))
  const waiting = enact(['hook', 'codex', '--timeout', '60'], as(agentKey), event)
  let hitlId = ''
  await expect
    .poll(
      async () => {
        const page = (await (await call('GET', '/hitl?status=PENDING')).json()) as { data: { hitl_id: string }[] }
        return (hitlId = page.data[0]?.hitl_id ?? '')
      },
      { timeout: 30_000, interval: 250 }
    )
    .not.toBe('')
  const approved = await json(['approve', hitlId, '--reason', 'I know it'], kateKey)
  expect([approved.code, approved.body.status], approved.err).toEqual([0, 'APPROVED'])
  expect(await waiting).toMatchObject({ code: 0, err: '' })
})

it(
  'a key that is bound to a person works in a hook that names nobody, and the outcome is in the receipt',
  { timeout: 60_000 },
  async () => {
    const key = String((await json(['keys', 'create', '--scope', 'run', 'read', '--user', 'bob@acme.example'], ADMIN)).body.key)
    const before = HOOK_AGENTS.codex!.canary('git status', 'bound')
    expect((await enact(['hook', 'codex'], as(key), JSON.stringify(before))).code).toBe(0)
    const after = { ...before, hook_event_name: 'PostToolUse', tool_response: { output: 'clean' } }
    expect((await enact(['hook', 'codex'], as(key), JSON.stringify(after))).code).toBe(0)
    const { body } = await json(['receipts', 'list', '--user', 'bob@acme.example'], key)
    expect(body.data).toMatchObject([{ decision: 'PASS', outcome: 'SUCCEEDED', revision: 1 }])
  }
)

it('doctor finds the installation whole, run tells a block, and a revoked key is none', { timeout: 60_000 }, async () => {
  expect(await enact(['doctor'], as(ADMIN))).toMatchObject({ code: 0, out: expect.stringContaining('A good secret') })
  const blocked = await enact(['run', 'no_such_workflow', '--user', 'a@acme.example'], as(agentKey))
  expect([blocked.code, blocked.err]).toEqual([3, expect.stringContaining('allow_list')])
  const made = (await json(['keys', 'create', '--scope', 'run'], ADMIN)).body
  expect((await enact(['keys', 'revoke', String(made.id)], as(ADMIN))).code).toBe(0)
  const { code } = await enactProcess(['receipts', 'list', '--url', edge.url, '--key', 'enact_live_wrong'])
  expect(code).toBe(7)
})

it('replay over HTTP finds every decision of the hooks the same with the configuration that made them', { timeout: 60_000 }, async () => {
  const { code, err, body } = await json(['policy', 'replay', '--config', join(ROOT, 'enact.config.ts')], agentKey)
  expect(body.changed, err).toEqual([])
  expect(code).toBe(0)
  expect((body.summary as { same: number }).same).toBeGreaterThan(10)
})
