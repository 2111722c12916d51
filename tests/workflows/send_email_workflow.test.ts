// A mail goes out once: whatever policies, crashes, keys and rivals make of it, over a real mail server.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import config from '../../enact.config.ts'
import { memoryLocks } from '../../src/adapters/locks/memory.ts'
import { memoryJournal } from '../../src/adapters/journal/memory.ts'
import { receiptsPast } from '../../src/adapters/receipts/index.ts'
import { mail } from '../../src/connectors/index.ts'
import {
  execute,
  install,
  isStopped,
  judge,
  stopped,
  type Installation,
  type JsonObject,
  type Policy,
  type Ports,
  type RunResult,
  type System
} from '../../src/engine/index.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { noBulkEmailBlast, noEmailExternalDomains, noRepeatEmails, requireActorRole } from '../../src/policies/index.ts'
import { sendEmailWorkflow } from '../../src/workflows/index.ts'
import { asked, toyPorts } from '../engine/toy.ts'
import { startSmtp, type SmtpFake } from '../fakes/smtp.ts'

let fake: SmtpFake
let ports: Ports & { readonly receipts: ReturnType<typeof toyPorts>['receipts'] }
let now = Date.parse('2026-03-02T12:00:00Z')
const HOUR = 3_600_000

beforeEach(async () => {
  fake = await startSmtp()
  now = Date.parse('2026-03-02T12:00:00Z')
  const clock = { now: () => now }
  const toy = toyPorts({ clock, locks: memoryLocks(clock) })
  ports = { ...toy, past: receiptsPast(toy.receipts) }
})
afterEach(() => fake.close())

const overSmtp = (): System => mail({ via: 'smtp', host: '127.0.0.1', port: fake.port, tls: 'none', from: 'agent@company.com' })
const installed = (...policies: Policy[]): Installation =>
  install(
    {
      connectors: [overSmtp()],
      policies: policies.length > 0 ? policies : [noRepeatEmails()],
      workflows: [sendEmailWorkflow],
      actions: ['send_email']
    },
    nodeHash
  )

async function run(
  installation: Installation,
  payload: JsonObject,
  more: Parameters<typeof asked>[2] & { workflow?: string } = {},
  journal = memoryJournal()
): Promise<RunResult> {
  const { workflow = 'send_email_workflow', ...rest } = more
  const judged = await judge(installation, asked(workflow, { subject: 'Hi', text: 'Hello', ...payload }, rest), ports)
  const ending = isStopped(judged) ? await stopped(judged, ports) : await execute(installation, judged, ports, journal)
  if (ending.status !== 'DONE') throw new Error('it waits')
  return ending
}
const deniedBy = ({ receipt }: RunResult) => receipt.policy_results.filter(({ effect }) => effect === 'deny').map(({ policy }) => policy)

describe('send_email_workflow', () => {
  it('sends one mail, whose receipt says that it cannot be taken back', async () => {
    const { decision, outcome, receipt, output } = await run(installed(), { to: 'ada@example.com', idempotency_key: 'order-7' })
    expect([decision, outcome, fake.mails.length]).toEqual(['PASS', 'SUCCEEDED', 1])
    expect(receipt.actions_taken[0]).toMatchObject({
      status: 'DONE',
      rollback_data: 'irreversible',
      resources: ['mail/to/ada%40example.com', 'mail/key/order-7']
    })
    expect(output.send_email).toMatchObject({ recipients: ['ada@example.com'], rejected: [] })
    expect(receipt.locks.map(({ resource }) => resource)).toEqual(['mail/to/ada%40example.com', 'mail/key/order-7'])
  })

  it.each([
    [{ to: 'all@example.com' }, 'no_bulk_email_blast'],
    [{ to: 'eve@evil.example' }, 'no_email_external_domains'],
    [{ to: 'ada@example.com', actor_role: 'support' }, 'require_actor_role']
  ])('%j is stopped by %s before anything is sent', async (payload, policy) => {
    const installation = installed(
      noBulkEmailBlast(),
      noEmailExternalDomains({ domains: ['example.com'] }),
      noRepeatEmails(),
      requireActorRole({ allowed_roles: ['support'] })
    )
    const result = await run(installation, payload, policy === 'require_actor_role' ? {} : { user_attributes: { actor_role: 'support' } })
    expect([result.decision, result.outcome, deniedBy(result)]).toEqual(['BLOCK', 'NONE', [policy]])
    expect(fake.mails).toEqual([])
  })

  it('writes to nobody twice within the window, by whatever spelling, copy or action', async () => {
    const installation = installed()
    const first = await run(installation, { to: 'ada@example.com', cc: 'bob@example.com' })
    for (const payload of [
      { to: 'Ada+2@Example.com' },
      { to: 'bob@example.com' },
      { to: 'new@example.com', bcc: ['ada@example.com'] }
    ] as JsonObject[]) {
      const again = await run(installation, payload)
      expect([again.decision, deniedBy(again)]).toEqual(['BLOCK', ['no_repeat_emails']])
      expect(again.receipt.facts.recent_receipts).toMatchObject([{ run_id: first.run_id, outcome: 'SUCCEEDED' }])
    }
    expect(deniedBy(await run(installation, { to: 'ada@example.com' }, { workflow: 'send_email' }))).toEqual(['no_repeat_emails'])
    now += 24 * HOUR + 1
    expect((await run(installation, { to: 'ada@example.com' })).outcome).toBe('SUCCEEDED')
    expect(fake.mails.length).toBe(2)
  })

  it('records of past receipts only what was asked about', async () => {
    const installation = installed()
    await run(installation, { to: ['ada@example.com', 'secret.person@example.com'], subject: 'Private', text: 'very private' })
    const { receipt } = await run(installation, { to: 'ada@example.com' })
    expect(JSON.stringify(receipt.facts)).not.toMatch(/secret\.person|rivate/)
  })

  it('does not count another team’s mails, tries, imports, blocks and failures', async () => {
    const installation = installed()
    await run(installation, { to: 'ada@example.com' }, { team_id: 'other' })
    await run(installation, { to: 'ada@example.com' }, { mode: 'imported' as never })
    await run(installation, { to: 'ada@example.com' }, { run_mode: 'shadow' })
    fake.trouble({ at: 'from', what: 451 })
    expect((await run(installation, { to: 'ada@example.com' })).outcome).toBe('FAILED')
    expect((await run(installation, { to: 'ada@example.com' })).outcome).toBe('SUCCEEDED')
    expect((await run(installation, { to: 'ada@example.com' })).decision).toBe('BLOCK')
  })

  it('counts a mail of which nobody can tell whether it was sent, and never sends it again', async () => {
    const installation = installed()
    fake.trouble({ at: 'data', what: 'lost' })
    const lost = await run(installation, { to: 'ada@example.com', idempotency_key: 'k' })
    expect([lost.outcome, lost.receipt.actions_taken[0]!.status]).toEqual(['UNKNOWN', 'UNKNOWN'])
    const again = await run(installation, { to: 'ada@example.com' })
    expect(again.receipt.policy_results.find(({ policy }) => policy === 'no_repeat_emails')).toMatchObject({
      effect: 'deny',
      reason: expect.stringContaining('as far as anybody can tell')
    })
    // A policy that has nothing against it does not make a second mail of it.
    expect(
      (await run(installed(noBulkEmailBlast()), { to: 'ada@example.com', idempotency_key: 'k' })).receipt.actions_taken[0]
    ).toMatchObject({ status: 'FAILED', error: { code: 'maybe_sent' } })
    expect(fake.mails.length).toBe(1)
  })

  it('blocks where the receipts cannot be read, and says so', async () => {
    ports = { ...ports, past: { find: () => Promise.reject(new Error('the index is away')) } }
    const { decision, receipt } = await run(installed(), { to: 'ada@example.com' })
    expect(decision).toBe('BLOCK')
    expect(receipt.policy_results[0]).toMatchObject({
      code: 'policy_error',
      reason: 'fact `recent_receipts` could not be read: the index is away'
    })
  })

  it('blocks where more receipts answer than can be looked at', async () => {
    const installation = installed(noBulkEmailBlast())
    for (let i = 0; i < 51; i++) await run(installation, { to: 'ada@example.com' })
    const { receipt } = await run(installed(), { to: 'ada@example.com' })
    expect(receipt.policy_results[0]).toMatchObject({ effect: 'deny', reason: expect.stringContaining('more than 50 receipts') })
  })

  it('of 20 runs to one person at once, one sends, and the others are told why not', async () => {
    const installation = installed()
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        run(installation, { to: i % 2 ? 'ada@example.com' : ['Ada <ADA@example.com>', `b${i}@example.com`] })
      )
    )
    expect(results.filter(({ outcome }) => outcome === 'SUCCEEDED').length).toBe(1)
    expect(fake.mails.length).toBe(1)
    const others = results
      .filter(({ outcome }) => outcome !== 'SUCCEEDED')
      .map(({ receipt }) => receipt.policy_results.find(({ effect }) => effect === 'deny')?.policy)
    expect(others.every((policy) => policy === 'lock' || policy === 'no_repeat_emails')).toBe(true)
  })

  it('of 20 single actions to one person at once, one sends', async () => {
    const installation = installed()
    await Promise.all(Array.from({ length: 20 }, () => run(installation, { to: 'ada@example.com' }, { workflow: 'send_email' })))
    expect(fake.mails.length).toBe(1)
  })

  it.each(['send_email_workflow', 'send_email'])(
    'of two %s that both passed the first gate, the second gate stops the later one: it holds the locks when it looks',
    async (workflow) => {
      const installation = installed()
      const judgedOf = () => judge(installation, asked(workflow, { to: 'ada@example.com', subject: 'Hi', text: 'x' }), ports)
      const [first, second] = [await judgedOf(), await judgedOf()]
      expect([first.decision, second.decision]).toEqual(['PASS', 'PASS'])
      await execute(installation, first, ports, memoryJournal())
      const late = (await execute(installation, second, ports, memoryJournal())) as RunResult
      expect([late.decision, late.outcome]).toEqual(['BLOCK', 'NONE'])
      expect(late.receipt.policy_results.find(({ effect }) => effect === 'deny')).toMatchObject({ policy: 'no_repeat_emails', call: 0 })
      expect(late.receipt.facts).toMatchObject({ recent_receipts: [], 'recent_receipts#0': [{ run_id: first.admitted.run_id }] })
      expect(fake.mails.length).toBe(1)
    }
  )
})

describe('an idempotency key', () => {
  const installation = () => installed(noBulkEmailBlast())
  it('is sent once by a team, in whatever run, and the second answer is the first’s', async () => {
    const first = await run(installation(), { to: 'ada@example.com', idempotency_key: 'order-7' })
    now += 90 * 24 * HOUR
    const second = await run(installation(), { to: 'Ada@example.com ', idempotency_key: 'order-7' }, { workflow: 'send_email' })
    expect(second.receipt.actions_taken[0]).toMatchObject({ status: 'FAILED', error: { code: 'idempotency_key_reused' } })
    const same = await run(installation(), { to: 'ada@example.com', idempotency_key: 'order-7' }, { workflow: 'send_email' })
    expect(same.receipt.actions_taken[0]).toMatchObject({ status: 'ALREADY', rollback_data: null })
    expect(same.output.send_email).toMatchObject({ message_id: first.output.send_email!.message_id, already_done: 'sent' })
    expect(fake.mails.length).toBe(1)
    expect((await run(installation(), { to: 'ada@example.com', idempotency_key: 'order-7' }, { team_id: 'other' })).outcome).toBe(
      'SUCCEEDED'
    )
    expect(fake.mails.length).toBe(2)
  })
  it('counts what a shadow run has sent: it was sent', async () => {
    await run(installation(), { to: 'ada@example.com', idempotency_key: 'k' }, { run_mode: 'shadow' })
    expect((await run(installation(), { to: 'ada@example.com', idempotency_key: 'k' })).receipt.actions_taken[0]).toMatchObject({
      status: 'ALREADY'
    })
    expect(fake.mails.length).toBe(1)
  })
  it('whose receipts cannot be read sends nothing', async () => {
    ports = { ...ports, past: { find: () => Promise.reject(new Error('the index is away')) } }
    const { receipt } = await run(installation(), { to: 'ada@example.com', idempotency_key: 'k' })
    expect(receipt.actions_taken[0]).toMatchObject({ status: 'FAILED', error: { code: 'past_unknown' } })
    expect(fake.mails).toEqual([])
  })
  it('of 20 runs at once sends one mail', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, () => run(installation(), { to: 'ada@example.com', idempotency_key: 'k' }, { workflow: 'send_email' }))
    )
    expect(fake.mails.length).toBe(1)
    expect(results.filter(({ receipt }) => receipt.actions_taken[0]?.status === 'DONE').length).toBe(1)
  })
})

describe('enact.config.ts', () => {
  const binding = { send: async () => undefined }
  const mailOf = (env: Record<string, string>, bindings = {}) => {
    const team = config(env, 'dev', bindings)!
    install(team, nodeHash)
    return team.connectors.find(({ id }) => id === 'mail')!
  }
  const from = { ENACT_MAIL_FROM: 'agent@company.com' }
  it.each([
    [{}, {}, 'RESEND_API_KEY, EMAIL or SMTP_URL'],
    [{ SMTP_URL: 'smtp://127.0.0.1:1025' }, {}, 'ENACT_MAIL_FROM'],
    [{}, { EMAIL: binding }, 'ENACT_MAIL_FROM'],
    [
      { ...from, RESEND_API_KEY: 'k', ENACT_EMAIL_DRY_RUN: '1' },
      { EMAIL: binding },
      'ENACT_EMAIL_DRY_RUN to nothing: it is for development'
    ]
  ])('%j switches no mail on', (env, bindings, missing) => {
    expect(mailOf(env as Record<string, string>, bindings).missing).toBe(missing)
  })
  it.each([
    [{ ...from, RESEND_API_KEY: 'k' }, {}, { via: 'resend', from: 'agent@company.com' }],
    [{ RESEND_API_KEY: 'k' }, {}, { via: 'resend', from: 'onboarding@resend.dev' }],
    [{ ...from, RESEND_API_KEY: 'k' }, { EMAIL: binding }, { via: 'send_email' }],
    [{ ...from, SMTP_URL: 'smtps://u:p%40ss@mail.example.com' }, {}, { via: 'smtp', host: 'mail.example.com', port: 465, tls: 'implicit' }],
    [{ ...from, SMTP_URL: 'smtp://mail.example.com' }, {}, { via: 'smtp', port: 587, tls: 'starttls' }],
    [{ ...from, SMTP_URL: 'smtp://127.0.0.1:1025' }, {}, { via: 'smtp', port: 1025, tls: 'none' }],
    [{ ...from, RESEND_API_KEY: 'k', ENACT_MAIL_RECIPIENTS: 'acme.com, a@b.example' }, {}, { recipients: ['acme.com', 'a@b.example'] }],
    [{ RESEND_API_KEY: 'k', ENACT_DEV: '1', ENACT_EMAIL_DRY_RUN: '1' }, { EMAIL: binding }, { via: 'send_email' }]
  ])('%j sends mail so', (env, bindings, scope) => {
    const system = mailOf(env as unknown as Record<string, string>, bindings)
    expect(system.missing).toBe(null)
    expect(system.scope).toMatchObject(scope)
    expect(JSON.stringify(system.scope)).not.toContain('p@ss')
  })
  it('closes the house, and leaves mail to roles, where it is told to', () => {
    const ids = config({ ENACT_MAIL_DOMAINS: 'acme.com', ENACT_MAIL_ROLES: 'support' }, 'dev', {})!.policies.map(({ id }) => id)
    expect(ids).toEqual(
      expect.arrayContaining(['no_bulk_email_blast', 'no_repeat_emails', 'no_email_external_domains', 'require_actor_role'])
    )
  })
})
