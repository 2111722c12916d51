// Mail through the real Worker: by Resend, by the runtime's own binding and over SMTP, each mail once, whatever happens on the way.
import { abortAllDurableObjects, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { PAST_RECEIPTS } from '../../src/adapters/edge/past.ts'
import { edgeRuns } from '../../src/adapters/edge/runs.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { memoryJournal } from '../../src/adapters/journal/memory.ts'
import { mail } from '../../src/connectors/index.ts'
import { edge } from '../../src/edge.ts'
import {
  admit,
  execute,
  install,
  isStopped,
  judge,
  stopped,
  type Installation,
  type JsonObject,
  type Judged,
  type Receipt,
  type System
} from '../../src/engine/index.ts'
import { noRepeatEmails } from '../../src/policies/index.ts'
import { sendEmailWorkflow } from '../../src/workflows/index.ts'
import { makeTeam, submit } from './approval_parts.ts'
import { call, ledgerStub, makeKey, type Answered } from './parts.ts'

interface Came {
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly resend: any[]
  readonly smtp: { readonly to: string[]; readonly raw: string }[]
  readonly wrong: string[]
}
const came = async (): Promise<Came> => (await fetch(`${inject('mailHouse').url}/mails`)).json()
const spoil = (way: string, what: unknown) =>
  fetch(`${inject('mailHouse').url}/trouble/${way}`, { method: 'POST', body: JSON.stringify(what) })
const attributes = { role: 'support' }
const RESEND_KEY = 're_FakeKeyOfTheMailTestsThatMustNeverShow'

let key = ''
beforeAll(async () => {
  key = await makeKey('mail', ['run', 'read', 'admin'], { attributes })
})
/** Through the door, by the installation's own way: SMTP. */
const run = (payload: JsonObject, more: JsonObject = {}): Promise<Answered> =>
  call('POST', '/runs', {
    key,
    body: {
      workflow: 'send_email_workflow',
      user_email: 'agent@company.com',
      payload: { subject: 'Grüße', text: 'Hello', ...payload },
      ...more
    }
  })
const denied = ({ json }: Answered) => json.receipt.policy_results.find(({ effect }: { effect: string }) => effect === 'deny')
let made = 0
const person = () => `person${++made}@example.com`

const FROM = 'Agent <agent@company.com>'
const { resendUrl } = inject('mailHouse')
const WAYS: Readonly<Record<string, () => System>> = {
  resend: () => mail({ via: 'resend', api_key: RESEND_KEY, api_url: resendUrl, from: FROM }),
  binding: () => mail({ via: 'send_email', binding: (env as unknown as { EMAIL: never }).EMAIL, from: FROM })
}
/** By another way: an installation of its own over the real ledger, index, locks and approvals. */
async function runBy(way: string, payload: JsonObject): Promise<Receipt> {
  const installation: Installation = install(
    { connectors: [WAYS[way]!()], policies: [noRepeatEmails()], workflows: [sendEmailWorkflow] },
    nodeHash
  )
  const { ports } = edge(env)
  const admitted = {
    run_id: uuidIds.runId(),
    team_id: `mail-${way}`,
    mode: 'mediated',
    run_mode: 'enforce',
    workflow: 'send_email_workflow',
    user_email: 'agent@company.com',
    user_attributes: attributes,
    actor: { api_key_id: 'k', session_id: null },
    payload: { subject: 'Grüße', text: 'Hello', ...payload },
    links: {}
  } as const
  const judged = await judge(installation, admit(installation, admitted), ports)
  const ending = isStopped(judged) ? await stopped(judged, ports) : await execute(installation, judged, ports, memoryJournal())
  if (ending.status === 'PENDING') throw new Error('it waits')
  return ending.receipt
}
const denies = ({ policy_results }: Receipt) => policy_results.find(({ effect }) => effect === 'deny')

describe('a mail over SMTP, through the door', () => {
  it('is sent, receipted and not sent again within 24 hours', async () => {
    const to = person()
    const first = await run({ to, bcc: `b-${to}` })
    expect(first.json, first.text).toMatchObject({
      decision: 'PASS',
      outcome: 'SUCCEEDED',
      output: { send_email: { recipients: [to, `b-${to}`] } }
    })
    expect(first.json.receipt.actions_taken[0].rollback_data).toBe('irreversible')
    const again = await run({ to: ` <${to.toUpperCase()}>` })
    expect([again.status, again.json.decision, denied(again)]).toMatchObject([
      200,
      'BLOCK',
      { policy: 'no_repeat_emails', reason: expect.stringContaining(first.json.run_id) }
    ])
    expect((await run({ to: person(), cc: `b-${to}` })).json.decision).toBe('BLOCK')
    const [one, ...more] = (await came()).smtp.filter((sent) => sent.to[0] === to)
    expect(more).toEqual([])
    expect(one!.to).toEqual([to, `b-${to}`])
    expect(one!.raw).toContain(`Message-ID: <enact.${first.json.run_id}.0@company.com>`)
    expect(one!.raw).not.toContain(`b-${to}`)
  })

  it('cannot be taken back, and says so before and after', async () => {
    const to = person()
    const tried = await run({ to }, { mode: 'dry_run' })
    expect(tried.json.receipt.policy_results).toContainEqual({
      policy: 'irreversible',
      passed: true,
      effect: 'allow',
      reason: 'send_email CANNOT be undone'
    })
    const { json } = await run({ to })
    const undone = await call('POST', `/runs/${json.run_id}/rollback`, { key, body: {} })
    expect(undone.json.receipt.actions_taken[0], undone.text).toMatchObject({ action: 'send_email', status: 'IRREVERSIBLE' })
  })
})

describe.each(['resend', 'binding'])('a mail by %s', (way) => {
  it('is sent, receipted and not sent again within 24 hours', async () => {
    const to = person()
    const first = await runBy(way, { to, bcc: `b-${to}` })
    expect(first, JSON.stringify(first)).toMatchObject({
      decision: 'PASS',
      outcome: 'SUCCEEDED',
      actions_taken: [{ output: { message_id: expect.stringMatching(/.{8}/) } }]
    })
    const again = await runBy(way, { to: to.toUpperCase() })
    expect([again.decision, denies(again)]).toMatchObject([
      'BLOCK',
      { policy: 'no_repeat_emails', reason: expect.stringContaining(first.run_id) }
    ])
    const { resend, wrong } = await came()
    expect(wrong).toEqual([])
    if (way === 'resend')
      expect(resend.filter((sent) => sent.to[0] === to)).toMatchObject([{ from: FROM, bcc: [`b-${to}`], subject: 'Grüße' }])
  })
  it('to one address, of 20 at once, is one mail', async () => {
    const to = person()
    const receipts = await Promise.all(Array.from({ length: 20 }, () => runBy(way, { to })))
    expect(receipts.filter(({ outcome }) => outcome === 'SUCCEEDED').length).toBe(1)
    if (way === 'resend') expect((await came()).resend.filter((sent) => sent.to[0] === to).length).toBe(1)
  })
})

describe('a mail that policies stop', () => {
  it.each([
    [{ to: 'eve@evil.example' }, 'no_email_external_domains'],
    [{ to: 'all@example.com' }, 'no_bulk_email_blast'],
    [{ to: Array.from({ length: 11 }, (_, i) => `many${i}@example.com`) }, 'no_bulk_email_blast']
  ])('%j by %s', async (payload, policy) => {
    const before = (await came()).smtp.length
    const answer = await run(payload)
    expect([answer.json.decision, answer.json.outcome, denied(answer).policy]).toEqual(['BLOCK', 'NONE', policy])
    expect((await came()).smtp.length).toBe(before)
  })
  it('because the key has no such role, whatever the payload says', async () => {
    const key = await makeKey('mail', ['run'])
    const payload = { to: person(), subject: 'Hi', text: 'x', actor_role: 'support' }
    const answer = await call('POST', '/runs', { key, body: { workflow: 'send_email_workflow', user_email: 'agent@company.com', payload } })
    expect([answer.json.decision, denied(answer).policy]).toEqual(['BLOCK', 'require_actor_role'])
  })
  it('or that is none: a 422 without a receipt', async () => {
    for (const payload of [
      { to: 'ada@example.com\r\nBcc: eve@evil.example' },
      { to: person(), subject: 'Hi\nBcc: x@y.example' },
      { to: person(), text: '' }
    ] as JsonObject[])
      expect((await run(payload)).status).toBe(422)
  })
})

describe('at once and under one key', () => {
  it('of 20 runs to one address exactly one sends', async () => {
    const to = person()
    const answers = await Promise.all(Array.from({ length: 20 }, () => run({ to })))
    expect(answers.filter(({ json }) => json.outcome === 'SUCCEEDED').length).toBe(1)
    const others = answers.filter(({ json }) => json.outcome !== 'SUCCEEDED').map((answer) => denied(answer).policy)
    expect(others.every((policy) => policy === 'lock' || policy === 'no_repeat_emails')).toBe(true)
    expect((await came()).smtp.filter((sent) => sent.to.includes(to)).length).toBe(1)
  })

  it('one idempotency key of a team is one mail, though nothing else would stop the second', async () => {
    const [to, idempotency_key] = [person(), crypto.randomUUID()]
    expect((await run({ to, idempotency_key })).json.outcome).toBe('SUCCEEDED')
    await ledgerStub('mail').project()
    await env.DB.prepare(`DELETE FROM receipt_tags WHERE team_id = 'mail' AND kind = 'recipient' AND value = ?`).bind(to).run()
    const second = await run({ to, idempotency_key })
    expect(second.json.receipt.actions_taken[0], second.text).toMatchObject({ status: 'ALREADY', output: { already_done: 'sent' } })
    expect((await came()).smtp.filter((sent) => sent.to.includes(to)).length).toBe(1)
  })
})

describe('a mail that nobody heard of again', () => {
  it('is never sent a second time: the run ends as UNKNOWN, and the next one is told', async () => {
    const [to, run_id] = [person(), uuidIds.runId()]
    const admitted = {
      run_id,
      team_id: 'mail',
      mode: 'mediated',
      run_mode: 'enforce',
      workflow: 'send_email_workflow',
      user_email: 'agent@company.com',
      user_attributes: attributes,
      actor: { api_key_id: null, session_id: null },
      payload: { to, subject: 'Hi', text: 'x' },
      links: {}
    }
    const judged = {
      admitted,
      at: Date.now(),
      results: [],
      facts: {},
      decision: 'PASS',
      config_digest: edge(env).installation('mail').digest
    } as unknown as Judged
    await spoil('smtp', { at: 'data', what: 'hang' })
    await edgeRuns(env.RUNS).start(judged, 'd', 0)
    await vi.waitFor(async () => expect((await came()).smtp.filter((sent) => sent.to.includes(to)).length).toBe(1), 5_000)
    await abortAllDurableObjects()
    await runDurableObjectAlarm(env.RUNS.get(env.RUNS.idFromName(`mail/${run_id}`)))
    const { json } = await call('GET', `/runs/${run_id}?wait=20`, { key })
    expect(json).toMatchObject({
      status: 'DONE',
      outcome: 'UNKNOWN',
      receipt: { actions_taken: [{ status: 'UNKNOWN', resources: [`mail/to/${encodeURIComponent(to)}`] }] }
    })
    expect(json.receipt.actions_taken[0].error.message).toMatch(/interrupted/)
    const next = await run({ to })
    expect([next.json.decision, denied(next)]).toMatchObject(['BLOCK', { reason: expect.stringContaining('as far as anybody can tell') }])
    expect((await came()).smtp.filter((sent) => sent.to.includes(to)).length).toBe(1)
  })

  it('was certainly not sent where the provider says so, and may be tried again', async () => {
    const to = person()
    await spoil('resend', 'rate_limited')
    expect(await runBy('resend', { to })).toMatchObject({
      decision: 'PASS',
      outcome: 'FAILED',
      actions_taken: [{ error: { code: 'rate_limited', message: expect.stringContaining('7 s') } }]
    })
    expect((await runBy('resend', { to })).outcome).toBe('SUCCEEDED')
    await spoil('smtp', { at: 'rcpt', what: 450 })
    const refused = await run({ to: person() })
    expect(refused.json, refused.text).toMatchObject({ outcome: 'FAILED', receipt: { actions_taken: [{ error: { code: 'try_later' } }] } })
  })
})

describe('a mail that a person must approve', () => {
  it('says beforehand that it cannot be undone, and goes out once somebody says yes', async () => {
    const house = await makeTeam('asked')
    const agent = await makeKey('asked', ['run', 'read'], { attributes })
    const to = person()
    const payload = { to, subject: 'Hi', text: 'x' }
    const { id, links } = await house.open({ workflow: 'send_email_workflow', payload })
    const page = await call('GET', links.approve, { headers: { accept: 'text/html' } })
    expect(page.text).toContain('CANNOT be undone')
    const ask = () =>
      call('POST', '/runs', {
        key: agent,
        body: { workflow: 'send_email_workflow', user_email: 'agent@company.com', payload, hitl_id: id }
      })
    expect((await ask()).json.decision).toBe('BLOCK')
    expect((await came()).smtp.filter((sent) => sent.to.includes(to))).toEqual([])
    expect((await submit(links.approve, {})).status).toBe(200)
    const done = await ask()
    expect(done.json, done.text).toMatchObject({
      decision: 'PASS',
      outcome: 'SUCCEEDED',
      receipt: { approval: { hitl_id: id, decision: 'APPROVED' } }
    })
    expect((await came()).smtp.filter((sent) => sent.to.includes(to)).length).toBe(1)
    const again = await ask()
    expect([again.json.decision, denied(again).policy]).toEqual(['BLOCK', 'no_repeat_emails'])
  })
})

it('past receipts are found by one indexed statement, whatever the number of receipts', async () => {
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${PAST_RECEIPTS}`)
    .bind('mail', 'recipient', '["ada@example.com"]', 0, 'send_email', 51)
    .all<{ detail: string }>()
  const plan = results.map(({ detail }) => detail).join('\n')
  expect(plan).toMatch(/SEARCH t USING .*INDEX .*\(team_id=\? AND kind=\? AND value=\?/)
  expect(plan).toMatch(/SEARCH r USING INDEX receipts_position/)
  expect(plan).not.toMatch(/SCAN [tr]\b/)
})
