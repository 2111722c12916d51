// What is configured, over the real Worker: the policies with their last blocks, what is left to set up, and the badge that everybody sees.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { NEWEST_DECISION } from '../../src/adapters/edge/badges.ts'
import { entryOf } from '../../src/adapters/edge/ledger.ts'
import { POLICY_BLOCKS } from '../../src/adapters/edge/policy_blocks.ts'
import { edgeSetup } from '../../src/adapters/edge/setup.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { badgeSvg, type ReceiptBody } from '../../src/engine/index.ts'
import { createApp } from '../../src/http/app.ts'
import { checklistOf } from '../../src/http/checklist.ts'
import type { Host } from '../../src/http/host.ts'
import { call, ledgerStub, makeKey, makeReceipt } from './parts.ts'

const HOUR = 3_600_000
const deny = (policy: string, reason = 'branch `main` is protected') => ({ policy, passed: false, effect: 'deny', reason }) as const
const blocked = (more: Partial<ReceiptBody> = {}): Partial<ReceiptBody> => ({
  decision: 'BLOCK',
  outcome: 'NONE',
  policy_results: [deny('dont_push_to_main')],
  ...more
})

/** Appends receipts as runs would, and brings the index up to date. */
async function append(team: string, ...drafts: Partial<ReceiptBody>[]): Promise<string[]> {
  const made = []
  for (const draft of drafts) made.push(await makeReceipt(team, draft))
  await ledgerStub(team).appendMany(team, made.map(entryOf))
  await ledgerStub(team).project()
  return made.map(({ run_id }) => run_id)
}

async function planOf(sql: string, ...values: unknown[]): Promise<string> {
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...values)
    .all<{ detail: string }>()
  return results.map(({ detail }) => detail).join('\n')
}

describe('GET /policies', () => {
  let reader = ''
  beforeAll(async () => {
    reader = await makeKey('shop', ['read'])
  })
  const policies = async (key = reader) => (await call('GET', '/policies', { key })).json
  const one = (json: { data: { policy: string }[] }, id: string) => json.data.find(({ policy }) => policy === id)

  it('shows what is on, with parameters, and what this team may use', async () => {
    const json = await policies()
    expect(json.config_digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(one(json, 'require_branch_prefix')).toEqual({
      policy: 'require_branch_prefix',
      title: expect.any(String),
      params: expect.objectContaining({ prefix: 'agent/' }),
      on: expect.any(Array),
      facts: [],
      reads: expect.arrayContaining(['branch']),
      mode: 'enforce',
      blocks_24h: 0,
      last_blocks: []
    })
    expect(one(json, 'code_freeze_active')).toMatchObject({ facts: ['code_freeze'] })
    expect(json.workflows).toContainEqual({ id: 'agent_pr_workflow', title: expect.any(String) })
    expect(json.actions).toContain('delete_row')
    expect(new Set(json.actions).size).toBe(json.actions.length)
    const [github, postgres] = ['github', 'postgres'].map((id) => json.systems.find(({ system }: { system: string }) => system === id))
    // This team is none of those that have the database.
    expect([github.missing, postgres.missing]).toEqual([null, 'DATABASE_TEAMS'])
    expect(postgres.actions).toContainEqual({ action: 'select_rows', title: expect.any(String), mutates: false, reversible: true })
    expect(postgres.actions).toContainEqual({ action: 'delete_row', title: expect.any(String), mutates: true, reversible: true })
    expect(github.actions).toContainEqual(expect.objectContaining({ action: 'merge_pr', mutates: true, reversible: true }))
    // What only rollbacks use is nothing that can be asked for; and no credential is here.
    expect(JSON.stringify(json)).not.toMatch(/restore_rows|ghp_|"token/i)
  })

  it('counts the blocks of a day and shows the newest, each with its reason', async () => {
    const now = Date.now()
    const at = (ago: number) => new Date(now - ago).toISOString()
    const ids = await append(
      'shop',
      blocked({ timestamp: at(30 * HOUR) }),
      blocked({ timestamp: at(25 * HOUR) }),
      ...[6, 5, 4, 3, 2].map((hours) => blocked({ timestamp: at(hours * HOUR), workflow: `w${hours}`, user_email: 'a@b.example' })),
      blocked({ timestamp: at(HOUR), policy_results: [deny('dont_push_to_main', 'a second time'), deny('max_files_per_commit')] }),
      blocked({ timestamp: at(HOUR), run_mode: 'shadow' }),
      blocked({ timestamp: at(HOUR), run_mode: 'dry_run' }),
      // Asked and approved: it did not pass by itself, and was not blocked.
      { timestamp: at(HOUR), policy_results: [{ policy: 'dont_push_to_main', passed: false, effect: 'ask', reason: 'ask' }] },
      { timestamp: at(HOUR) }
    )
    const json = await policies()
    expect(one(json, 'dont_push_to_main')).toMatchObject({
      blocks_24h: 6,
      last_blocks: [
        { run_id: ids[7], reason: 'a second time', at: at(HOUR) },
        { run_id: ids[6], workflow: 'w2', user_email: 'a@b.example', at: at(2 * HOUR), reason: 'branch `main` is protected' },
        { run_id: ids[5] },
        { run_id: ids[4] },
        { run_id: ids[3] }
      ]
    })
    expect(one(json, 'max_files_per_commit')).toMatchObject({ blocks_24h: 1, last_blocks: [{ run_id: ids[7] }] })
    expect(one(json, 'dont_merge_to_main')).toMatchObject({ blocks_24h: 0, last_blocks: [] })
  })

  it('knows its own writes, and nothing of other teams', async () => {
    const [id] = await append('shop', blocked({ policy_results: [deny('dont_merge_to_main')] }))
    expect(one(await policies(), 'dont_merge_to_main')).toMatchObject({ last_blocks: [{ run_id: id }] })
    const other = await policies(await makeKey('other-shop', ['read']))
    expect(other.data.every((policy: Record<string, unknown>) => policy.blocks_24h === 0)).toBe(true)
  })

  it('asks the database once for all policies, each by its tags', async () => {
    const plan = await planOf(POLICY_BLOCKS, 'shop', JSON.stringify(['a', 'b']), 0)
    expect(plan).toMatch(/SEARCH tag USING (PRIMARY KEY|COVERING INDEX \S+) \(team_id=\? AND kind=\? AND value=\? AND position>\?\)/)
    expect(plan).toMatch(/SEARCH receipt_tags USING (PRIMARY KEY|COVERING INDEX \S+) \(team_id=\? AND kind=\? AND value=\?\)/)
    expect(plan).toMatch(/SEARCH r USING INDEX receipts_position \(team_id=\? AND position=\?\)/)
    expect(plan).toMatch(/SEARCH receipts USING COVERING INDEX receipts_at \(team_id=\? AND at<\?\)/)
    expect(plan).not.toMatch(/SCAN (receipts|receipt_tags|r\b)/)
  })
})

describe('GET /setup', () => {
  it('says to anybody whether it is claimed, and leads browsers to the page', async () => {
    await makeKey('claimed', ['admin'])
    expect((await call('GET', '/setup')).json).toEqual({ claimed: true, refusal: null })
    const page = await call('GET', '/setup', { headers: { accept: 'text/html,*/*' }, redirect: 'manual' })
    expect([page.status, page.headers.get('location'), page.text]).toEqual([302, '/app/setup', ''])
  })

  it('answers also while the installation refuses to serve, or the database does not answer', async () => {
    const host = (setup: object, refusal: string | null) =>
      createApp({ refusal, ports: { ids: uuidIds }, setup, rateLimit: { take: async () => null } } as unknown as Host)
    const ask = async (setup: object, refusal: string | null) =>
      (await host(setup, refusal).fetch(new Request('http://x/setup', { headers: { accept: 'application/json' } }))).json()
    expect(await ask({ isClaimed: async () => false }, 'ENACT_SECRET is not set')).toEqual({
      claimed: false,
      refusal: 'ENACT_SECRET is not set'
    })
    const away = { isClaimed: () => Promise.reject(new Error('no such table: teams')) }
    expect(await ask(away, null)).toEqual({
      claimed: false,
      refusal: expect.stringContaining('npx wrangler d1 migrations apply DB --remote')
    })
    expect(await ask(away, 'ENACT_SECRET is not set')).toEqual({ claimed: false, refusal: 'ENACT_SECRET is not set' })
  })
})

describe('GET /setup/checklist', () => {
  const steps = async (key: string): Promise<Record<string, { done: boolean; detail: string; how: string }>> => {
    const { json } = await call('GET', '/setup/checklist', { key })
    return Object.fromEntries(json.data.map(({ id, ...step }: { id: string; done: boolean; detail: string; how: string }) => [id, step]))
  }
  const doneOf = (all: Record<string, { done: boolean }>) => Object.keys(all).filter((id) => all[id]!.done)

  it('has every step with how it is done, and ticks what is', async () => {
    const admin = await makeKey('fresh', ['admin'])
    await makeKey('not-fresh', ['admin'])
    const before = await steps(admin)
    expect(Object.keys(before)).toEqual([
      'secret',
      'team',
      'second_admin_key',
      'url',
      'approver',
      'channel',
      'system',
      'webhook',
      'first_receipt',
      'checkpoint'
    ])
    for (const step of Object.values(before)) expect(step.how).not.toBe('')
    expect(doneOf(before)).toEqual(['secret', 'team', 'channel', 'system'])
    expect(before.second_admin_key!.how).toContain('curl -X POST http://127.0.0.1/keys')
    await call('POST', '/keys', { key: admin, body: { scopes: ['admin'] } })
    await call('POST', '/people', { key: admin, body: { email: 'ann@fresh.example', roles: ['approver'] } })
    await append('fresh', blocked())
    await call('GET', `/receipts/${(await append('fresh', {}))[0]}/proof`, { key: admin })
    const after = await steps(admin)
    expect(doneOf(after)).toEqual(['secret', 'team', 'second_admin_key', 'approver', 'channel', 'system', 'first_receipt', 'checkpoint'])
    expect(after.checkpoint!.how).toContain('/checkpoints/latest?team=fresh')
  })

  it('does not count keys that are revoked or over, people who decide nothing, and endpoints that never answered', async () => {
    const admin = await makeKey('almost', ['admin'])
    await makeKey('almost', ['admin'], { expires_at: '2026-01-01T00:00:00Z' })
    const { json: spare } = await call('POST', '/keys', { key: admin, body: { scopes: ['admin'] } })
    await call('DELETE', `/keys/${spare.id}`, { key: admin })
    await makeKey('almost', ['audit', 'read'])
    const insert = env.DB.prepare(
      "INSERT INTO webhook_endpoints (team_id, id, url, types, status, public_key, sealed, created_at) VALUES ('almost', 'e1', 'https://x.example', '[]', 'PENDING', '', '', 0)"
    )
    await insert.run()
    const all = await steps(admin)
    expect([all.second_admin_key!.done, all.approver!.done, all.webhook!.done]).toEqual([false, false, false])
    await env.DB.prepare("UPDATE webhook_endpoints SET status = 'ACTIVE' WHERE team_id = 'almost'").run()
    expect((await steps(admin)).webhook!.done).toBe(true)
  })

  it('says what the environment has, and goes on where the configuration does not hold', async () => {
    const strings = { ENACT_URL: 'https://enact.example', SLACK_BOT_TOKEN: 'x', ENACT_MAIL_FROM: 'a@b.c' }
    const of = (given: Record<string, string>, binding: boolean) => edgeSetup(env.DB, given, binding).of('nobody', Date.now())
    expect(await of(strings, true)).toMatchObject({ url: 'https://enact.example', has_mail: true, has_slack: false, admin_keys: 0 })
    expect(await of(strings, false)).toMatchObject({ has_mail: false })
    expect(await of({ ENACT_DEV: '1' }, false)).toMatchObject({ has_mail: true, url: null })
    expect(await of({ SLACK_BOT_TOKEN: 'x', SLACK_SIGNING_SECRET: 'y' }, false)).toMatchObject({ has_slack: true })
    const found = { team_id: 't', facts: await of({}, false), installation: null, checkpoint_size: null, origin: 'https://e.example' }
    const system = checklistOf(found).find(({ id }) => id === 'system')!
    expect([system.done, system.detail]).toEqual([false, 'enact.config.ts does not hold: see the log'])
  })
})

describe('the badge', () => {
  const badge = (team: string, workflow: string, headers: Record<string, string> = {}) =>
    call('GET', `/badge/${team}/${workflow}.svg`, { headers })
  const at = Date.parse('2026-03-01T04:30:59.999Z')
  const timestamp = new Date(at).toISOString()

  it('shows the newest decision and its minute, in its colour, and nothing else', async () => {
    for (const [decision, colour] of [
      ['PASS', '#16a34a'],
      ['BLOCK', '#dc2626'],
      ['PARTIAL', '#d97706']
    ] as const) {
      await append('shown', { workflow: 'ship', decision, timestamp, user_email: 'secret@shown.example', payload: { note: 'secret' } })
      const { status, headers, text } = await badge('shown', 'ship')
      expect([status, headers.get('content-type')]).toEqual([200, 'image/svg+xml; charset=utf-8'])
      expect(text).toContain(colour)
      expect(text).toContain(`<title>enact: ${decision} 2026-03-01 04:30 UTC</title>`)
      expect(text).not.toMatch(/secret|shown|ship|script|style=|href/)
    }
  })

  it('is cached for a minute, by anybody, on any page', async () => {
    const { headers } = await badge('shown', 'ship')
    expect(headers.get('cache-control')).toBe('public, max-age=60')
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(headers.get('set-cookie')).toBeNull()
    const etag = headers.get('etag')!
    for (const given of [etag, `W/${etag}`, `"x", ${etag}`]) {
      const again = await badge('shown', 'ship', { 'if-none-match': given })
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag])
    }
    expect((await badge('shown', 'ship', { 'if-none-match': '"x"' })).status).toBe(200)
  })

  it('is grey, in one and the same way, for nothing, nobody and what is no id', async () => {
    const grey = badgeSvg(null)
    expect(grey).toContain('#6b7280')
    await append('quiet', { workflow: 'only_dry', run_mode: 'dry_run' }, { workflow: 'only_shadow', run_mode: 'shadow', decision: 'BLOCK' })
    const nothing: [string, string][] = [
      ['shown', 'unknown'],
      ['nobody', 'ship'],
      ['quiet', 'only_dry'],
      ['quiet', 'only_shadow'],
      ['SHOWN', 'ship'],
      ['..%2fshown', 'ship'],
      ["'%20OR%201=1--", 'ship'],
      ['shown', "ship'%20OR%20'1'='1"],
      ['shown', '%3Cscript%3Ealert(1)%3C%2Fscript%3E'],
      ['shown', '%00'],
      ['shown', 'x'.repeat(4_000)],
      ['%F0%9F%94%A5', 'ship']
    ]
    for (const [team, workflow] of nothing) {
      const answer = await badge(team, workflow)
      expect([team, workflow.slice(0, 40), answer.status, answer.text]).toEqual([team, workflow.slice(0, 40), 200, grey])
    }
    for (const path of ['/badge/shown/ship', '/badge/shown/ship.png', '/badge/shown', '/badge/shown/a/b.svg'])
      expect((await call('GET', path)).status).toBe(404)
  })

  it('counts only what was enforced, however much is tried out after it', async () => {
    await append('tries', { workflow: 'ship', decision: 'BLOCK', timestamp })
    await append('tries', ...Array.from({ length: 12 }, () => ({ workflow: 'ship', run_mode: 'dry_run' as const })))
    expect((await badge('tries', 'ship')).text).toContain('BLOCK')
  })

  it('is the same as of nobody where the team has switched it off', async () => {
    const admin = await makeKey('private', ['admin'])
    await append('private', { workflow: 'ship', timestamp })
    expect((await badge('private', 'ship')).text).toContain('PASS')
    expect((await call('PATCH', '/settings', { key: admin, body: { badge: false } })).status).toBe(200)
    const [off, nobody] = [await badge('private', 'ship'), await badge('nobody', 'ship')]
    expect(off.text).toBe(nobody.text)
    expect(off.headers.get('etag')).toBe(nobody.headers.get('etag'))
  })

  it('is one look-up in one index, in its order', async () => {
    const plan = await planOf(NEWEST_DECISION, 'shown', 'ship')
    expect(plan).toBe('SEARCH receipts USING INDEX receipts_badge (team_id=? AND workflow=? AND run_mode=?)')
  })

  it('draws no more of a decision than it knows', () => {
    expect(badgeSvg({ decision: '<script>', at })).toBe(badgeSvg(null))
    expect(badgeSvg({ decision: 'constructor', at })).not.toContain('constructor')
  })
})
