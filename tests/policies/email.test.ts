// Mail: who counts as a crowd, who is outside, and who was written to before.
import { describe, expect, it } from 'vitest'
import { noBulkEmailBlast, noEmailExternalDomains, noRepeatEmails } from '../../src/policies/index.ts'
import { contextOf, testPolicy } from './test_policy.ts'

const people = (count: number) => Array.from({ length: count }, (_, i) => `person${i}@example.com`)

testPolicy(noBulkEmailBlast, {
  allows: [
    { payload: {} },
    { payload: { to: 'ada@example.com' } },
    { payload: { to: people(10) }, says: '10 recipients' },
    { payload: { to: people(3).join('; '), cc: 'PERSON1@example.com' }, why: 'one person, twice' },
    { payload: { to: 'team@example.com' }, why: 'mostly one mailbox' },
    {
      payload: { to: 'alan@example.com, lister@example.com, overall@example.com, marshall@example.com' },
      why: 'names that look like words'
    },
    { payload: { to: 'ada@lists-and-more.example' } },
    { payload: { to: '"All of us" <ada@example.com>' }, why: 'a name is no address' },
    { payload: { to: 'all' }, why: 'no address: a tool that moves, translates or calls' }
  ],
  denies: [
    { payload: { to: people(11) }, says: '11 recipients, at most 10' },
    { payload: { to: people(4), cc: people(8).slice(4), bcc: people(12).slice(8) } },
    { payload: { to: `Friends: ${people(11).join(', ')};` }, why: 'a group' },
    { payload: { to: people(3) }, params: { max_recipients: 2 } },
    { payload: { to: 'all@example.com' }, says: '`all@example.com`' },
    { payload: { to: 'Everyone@Example.com' } },
    { payload: { bcc: 'all-staff@example.com' } },
    { payload: { to: 'eng-all@example.com' } },
    { payload: { to: 'allhands@example.com' } },
    { payload: { cc: 'kernel-announce@example.com' } },
    { payload: { to: 'dev@lists.example.org' } },
    { payload: { to: 'dev@GoogleGroups.com' } },
    { payload: { to: 'undisclosed-recipients:;' }, says: 'hides' },
    { payload: { to: 'ada@example.com', cc: 'Undisclosed recipients: ;' } },
    { payload: { to: 'press@example.com' }, params: { lists: ['Press@example.com'] }, says: 'many people' },
    { payload: { to: 5 }, code: 'policy_error' }
  ]
})

it('no_bulk_email_blast counts the people of a session: one mail at a time is a crowd too', () => {
  const before = people(25).map((to) => contextOf({ workflow: 'send_email', payload: { to } }))
  const judge = (payload: { to: string }, seen = before) => noBulkEmailBlast().judge(contextOf({ payload, before: seen }))
  expect(judge({ to: 'person7@example.com' }).effect).toBe('allow')
  expect(judge({ to: 'one.more@example.com' })).toMatchObject({
    effect: 'deny',
    reason: expect.stringContaining('26 different recipients')
  })
  expect(judge({ to: 'one.more@example.com' }, before.slice(1)).effect).toBe('allow')
})

it('what other tools call `to` is nobody', () => {
  const before = Array.from({ length: 40 }, (_, i) => contextOf({ system: 'agent', payload: { to: `/folder/${i}` } }))
  const context = contextOf({ system: 'agent', payload: { to: 'fr' }, before })
  expect([noBulkEmailBlast().judge(context).effect, noEmailExternalDomains({ domains: ['acme.com'] }).judge(context).effect]).toEqual([
    'allow',
    'allow'
  ])
})

testPolicy(noEmailExternalDomains, {
  params: { domains: ['Acme.com', 'bücher.example'] },
  allows: [
    { payload: {} },
    { payload: { to: [] } },
    { payload: { to: 'Ada <ada@ACME.com>' } },
    { payload: { to: 'ada@mail.acme.com' }, why: 'below the domain' },
    { payload: { to: ['ada@acme.com'], cc: 'bob@acme.com', bcc: 'eve@acme.com', reply_to: 'info@acme.com' } },
    { payload: { to: 'ada@xn--bcher-kva.example' }, why: 'one domain, two spellings' },
    { payload: { to: 'ada@acme.com.' }, why: 'a root dot is no other domain' },
    { payload: { to: 'ada@acme.com' }, params: { domains: ['@acme.com'] } }
  ],
  denies: [
    { payload: { to: 'ada@evil.com' }, says: '`ada@evil.com` is outside' },
    { payload: { to: 'ada@acme.com', bcc: 'eve@evil.com' } },
    { payload: { to: 'ada@acme.com', reply_to: 'eve@evil.com' }, why: 'the answers leave' },
    { payload: { to: '"boss@acme.com" <eve@evil.com>' }, why: 'a name that looks like an address' },
    { payload: { to: 'eve@evil.com <boss@acme.com>' }, why: 'not every program reads it alike' },
    { payload: { to: 'boss@acme.com <boss@acme.com>, "a" <eve@evil.com>' } },
    { payload: { to: 'ada@acme.com.evil.com' } },
    { payload: { to: 'ada@notacme.com' } },
    { payload: { to: 'ada@acme.com@evil.com' } },
    { payload: { to: 'ada@\u0430cme.com' }, says: 'xn--', why: 'a Cyrillic a' },
    { payload: { to: 'ada@bucher.example' } },
    { payload: { to: 'ada' }, says: 'names no domain' },
    { payload: { to: 'ada@acme.com\neve@evil.com' } },
    { payload: { to: 'ada@acme.com' }, params: { domains: [] }, says: 'no domain may be written to' },
    { payload: { to: 7 }, code: 'policy_error' }
  ]
})

const NOW = '2026-03-02T12:00:00Z'
const receipt = (more: object) => ({
  run_id: '0198c0de-0000-7000-8000-000000000001',
  workflow: 'send_email_workflow',
  actions: ['send_email'],
  decision: 'PASS',
  outcome: 'SUCCEEDED',
  run_mode: 'enforce',
  timestamp: '2026-03-02T00:00:00Z',
  payload: { to: ['ada@example.com'] },
  ...more
})
testPolicy(noRepeatEmails, {
  allows: [
    {
      payload: { to: 'bob@example.com', cc: 'ada@example.com' },
      params: { copies: false },
      facts: { recent_receipts: [receipt({})] },
      now: NOW
    },
    { payload: { to: 'ada@example.com' }, params: { workflow_name: 'other' }, facts: { recent_receipts: [receipt({})] }, now: NOW },
    { payload: { to: 'ada@example.com' }, facts: { recent_receipts: [] }, now: NOW }
  ],
  denies: [
    {
      payload: { to: 'ada@example.com' },
      facts: { recent_receipts: [receipt({})] },
      now: NOW,
      says: '0198c0de',
      why: 'by the action that its call made'
    },
    {
      payload: { to: 'ada@example.com' },
      params: { workflow_name: 'send_email_workflow' },
      facts: { recent_receipts: [receipt({})] },
      now: NOW
    },
    {
      payload: { to: 'bob@example.com', bcc: 'Ada@Example.com' },
      facts: { recent_receipts: [receipt({})] },
      now: NOW,
      why: 'a copy is a mail'
    },
    { payload: { to: 'ada+again@example.com' }, facts: { recent_receipts: [receipt({})] }, now: NOW, why: 'one mailbox' },
    {
      payload: { to: 'ada@example.com' },
      facts: { recent_receipts: [receipt({ outcome: 'UNKNOWN' })] },
      now: NOW,
      says: 'as far as anybody can tell'
    }
  ]
})

describe('no_repeat_emails asks about', () => {
  const { past } = noRepeatEmails({ window_hours: 2 })
  it('everybody that it judges, within its window', () => {
    expect(past!.ask({ to: 'Ada <ADA@example.com>', cc: ['b\u00fccher@x.example'] }, 10_000_000)).toEqual({
      about: 'recipient',
      values: ['ada@example.com', 'bücher@x.example'],
      did: 'send_email',
      since: 10_000_000 - 7_200_000
    })
  })
  it('nothing where nobody is written to, or where it cannot read whom', () => {
    expect([past!.ask({}, 0), past!.ask({ to: 5 }, 0)]).toEqual([null, null])
  })
})
