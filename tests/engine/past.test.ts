// What policies are told of a team's past receipts: exactly what they asked about, of runs that count, or that nobody can tell.
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileReceipts, memoryReceipts, receiptsPast } from '../../src/adapters/receipts/index.ts'
import {
  allow,
  askPast,
  definePolicy,
  deny,
  matchesPast,
  pastCall,
  PAST_MAX,
  pastValuesOf,
  type ActionTaken,
  type Past,
  type PastQuery,
  type Policy,
  type Receipt
} from '../../src/engine/index.ts'
import { gather } from '../../src/engine/gate.ts'
import { receiptOf, runId } from '../adapters/receipt_samples.ts'
import { newShelf, toyInstallation, toyPorts } from './toy.ts'

const taken = (more: Partial<ActionTaken> = {}): ActionTaken => ({
  action: 'send_email',
  system: 'mail',
  success: true,
  status: 'DONE',
  output: {},
  rollback_data: 'irreversible',
  resources: ['mail/to/ada%40example.com', 'mail/key/k%2F1'],
  started_at: '2026-03-02T00:00:00Z',
  finished_at: '2026-03-02T00:00:00Z',
  error: null,
  ...more
})
let made = 0
const receipt = (more: Partial<Receipt> = {}): Receipt =>
  receiptOf(++made, {
    run_id: runId(made),
    workflow: 'send_email_workflow',
    decision: 'PASS',
    outcome: 'SUCCEEDED',
    payload: { to: 'Ada <ada+x@example.com>', text: 'private' },
    actions_taken: [taken()],
    timestamp: '2026-03-02T00:00:00.000Z',
    ...more
  })
const query = (more: Partial<PastQuery> = {}): PastQuery => ({
  about: 'recipient',
  values: ['ada@example.com'],
  did: 'send_email',
  since: 0,
  ...more
})

describe('a past run', () => {
  it.each<[string, Partial<Receipt>, boolean]>([
    ['that mailed', {}, true],
    ['that may have mailed', { outcome: 'UNKNOWN', actions_taken: [taken({ status: 'UNKNOWN' })] }, true],
    [
      'that an agent did itself',
      { mode: 'observed', outcome: 'UNKNOWN', actions_taken: [taken({ status: 'UNKNOWN', resources: [] })] },
      true
    ],
    ['whose payload is shown redacted', { payload: { to: '[redacted:key]' } }, true],
    ['that failed without effect', { outcome: 'FAILED', actions_taken: [taken({ status: 'FAILED' })] }, false],
    ['that found its mail sent before', { actions_taken: [taken({ status: 'ALREADY' })] }, false],
    ['that was blocked', { decision: 'BLOCK', outcome: 'NONE', actions_taken: [] }, false],
    ['that was tried out', { run_mode: 'shadow' }, false],
    ['that was imported', { mode: 'imported' }, false],
    ['of another workflow and action', { workflow: 'other', actions_taken: [taken({ action: 'other' })] }, false],
    ['to somebody else', { payload: { to: 'bob@example.com' }, actions_taken: [taken({ resources: [] })] }, false],
    ['of before', { timestamp: '2026-02-28T00:00:00Z' }, false]
  ])('%s', (_what, more, counts) => {
    const one = receipt(more)
    const asked = query({ since: Date.parse('2026-03-01T00:00:00Z') })
    expect(matchesPast(one, asked)).toBe(counts)
    // INVARIANT: an index that files receipts under these values finds all that match.
    if (counts) expect(pastValuesOf(one)).toContainEqual(['recipient', 'ada@example.com'])
  })
  it('is known by the key that it used, whatever policies said of it, but not by what others say that they used', () => {
    const byKey = query({ about: 'mail_key', values: ['k/1'] })
    expect(matchesPast(receipt({ run_mode: 'shadow' }), byKey)).toBe(true)
    expect(matchesPast(receipt({ mode: 'observed' }), byKey)).toBe(false)
    // As a run leaves it whose configuration changed while it was away.
    const cutOff = {
      outcome: 'UNKNOWN',
      payload: { idempotency_key: 'k/1' },
      actions_taken: [taken({ status: 'UNKNOWN', resources: [] })]
    } as const
    expect(matchesPast(receipt(cutOff as never), byKey)).toBe(true)
    expect(matchesPast(receipt({ ...cutOff, actions_taken: [taken({ status: 'FAILED', resources: [] })] } as never), byKey)).toBe(false)
    expect(pastValuesOf(receipt())).toEqual([
      ['recipient', 'ada@example.com'],
      ['mail_key', 'k/1']
    ])
  })
})

describe('an answer', () => {
  const of = (...receipts: Receipt[]): Past => ({ find: async () => receipts })
  it('joins questions about one run, and shows nothing else of it', async () => {
    const one = receipt({ payload: { to: 'ada@example.com', cc: 'bob@example.com, carol@example.com', text: 'private' } })
    const told = await askPast(of(one), 'acme', [query(), query({ values: ['bob@example.com'], did: 'send_email_workflow' })])
    expect(told).toEqual([
      {
        run_id: one.run_id,
        workflow: 'send_email_workflow',
        actions: ['send_email'],
        decision: 'PASS',
        outcome: 'SUCCEEDED',
        run_mode: 'enforce',
        timestamp: '2026-03-02T00:00:00.000Z',
        payload: { to: ['ada@example.com', 'bob@example.com'] }
      }
    ])
  })
  it('about one call is the call, also one that lost what it touched', async () => {
    const lost = taken({ status: 'UNKNOWN', resources: [] })
    const cutOff = receipt({ outcome: 'UNKNOWN', payload: { idempotency_key: 'k/1' }, actions_taken: [lost] })
    expect(await pastCall(of(cutOff), 'acme', { about: 'mail_key', values: ['k/1'] }, 'send_email')).toEqual(lost)
    expect(await pastCall(of(receipt()), 'acme', { about: 'mail_key', values: ['k/1'] }, 'send_email')).toMatchObject({ status: 'DONE' })
    expect(await pastCall(of(receipt()), 'acme', { about: 'mail_key', values: ['k/2'] }, 'send_email')).toBe(null)
  })
  it('leaves out what an index found too much', async () => {
    expect(await askPast(of(receipt({ mode: 'imported' })), 'acme', [query()])).toEqual([])
  })
  it('that would not be all is none', async () => {
    const many = Array.from({ length: PAST_MAX + 1 }, () => receipt())
    await expect(askPast(of(...many), 'acme', [query()])).rejects.toThrow(`more than ${PAST_MAX} receipts`)
  })
})

describe('policies that ask', () => {
  const asking = (id: string, did: string) =>
    definePolicy({
      id,
      title: id,
      params: z.strictObject({}),
      reads: z.object({ key: z.string().optional() }),
      past: { fact: 'recent_receipts', ask: ({ key }) => (key === undefined ? null : query({ values: [key], did })) },
      evaluate: ({ facts }) => (Array.isArray(facts.recent_receipts) && facts.recent_receipts.length > 0 ? deny('again') : allow('first'))
    })()
  const told = async (policies: Policy[], payload: object, past: Past | undefined) => {
    const ports = { ...toyPorts({ facts: { read: async () => 'as the host says' } }), ...(past === undefined ? {} : { past }) }
    const installation = toyInstallation(newShelf(), { policies })
    const subject = { team_id: 'acme', workflow: 'w', user_email: 'a@b.example', user_attributes: {}, mode: 'mediated' }
    return gather(policies, payload as never, subject, installation, ports, new Map(), 0)
  }
  it('the same are asked for once, and different ones share the fact', async () => {
    const asked: string[] = []
    const one = receipt()
    const past: Past = { find: async (team, { did }) => (asked.push(`${team} ${did}`), [one]) }
    const { facts } = await told(
      [asking('a', 'send_email'), asking('b', 'send_email'), asking('c', 'send_email_workflow')],
      { key: 'ada@example.com' },
      past
    )
    expect(asked).toEqual(['acme send_email', 'acme send_email_workflow'])
    expect(facts.recent_receipts).toHaveLength(1)
  })
  it('nothing are told nothing, and where nobody can tell, the host is asked', async () => {
    expect((await told([asking('a', 'x')], {}, { find: () => Promise.reject(new Error('never')) })).facts).toEqual({})
    expect((await told([asking('a', 'x')], { key: 'ada@example.com' }, undefined)).facts).toEqual({ recent_receipts: 'as the host says' })
  })
  it('are not answered by a fact that an admin has set', async () => {
    expect((await told([asking('a', 'x')], { key: 'ada@example.com' }, { find: async () => [] })).facts).toEqual({ recent_receipts: [] })
  })
})

describe('the embedded stores', () => {
  it('are read to the end, own team only', async () => {
    const store = memoryReceipts()
    for (let i = 0; i < 450; i++)
      await store.append(
        'acme',
        receipt({ team_id: 'acme', payload: { to: `p${i}@example.com` }, actions_taken: [taken({ resources: [] })] })
      )
    await store.append('other', receipt({ team_id: 'other' }))
    const past = receiptsPast(store)
    expect(await past.find('acme', query({ values: ['p0@example.com'] }), 10)).toHaveLength(1)
    expect(await past.find('acme', query(), 10)).toEqual([])
  })
  it('cannot tell where a file is damaged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'enact-past-'))
    try {
      const store = fileReceipts(folder)
      const one = receipt({ team_id: 'acme' })
      await store.append('acme', one)
      await writeFile(join(folder, `${one.run_id}.0.json`), '{')
      await expect(receiptsPast(store).find('acme', query(), 10)).rejects.toThrow('damaged')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
