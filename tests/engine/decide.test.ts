// Observed decisions, pure: sessions that cannot be slipped past, grants that are good once and for exactly one thing, receipts that say what was seen.
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { memoryAgentSessions } from '../../src/adapters/agent_sessions/memory.ts'
import {
  allow,
  ask,
  decide,
  definePolicy,
  deny,
  planRollback,
  reportOutcome,
  type ApprovalAsk,
  type ApprovalConsumed,
  type Approvals,
  type DecidePorts,
  type ObservedRequest,
  type Policy
} from '../../src/engine/index.ts'
import { memoryFacts } from '../../src/adapters/facts/memory.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { requestDigest } from '../../src/engine/index.ts'
import { newShelf, toyInstallation, toyPorts } from './toy.ts'

const Reads = z.strictObject({ key: z.string().optional(), value: z.string().optional() })
const notSecretKey = definePolicy({
  id: 'not_secret_key',
  title: 'The key `secret` is not touched',
  params: z.strictObject({}),
  reads: Reads,
  evaluate: ({ reads }) => (reads.key === 'secret' ? deny('`secret` is not touched') : allow('another key'))
})
const atMost = definePolicy({
  id: 'at_most',
  title: 'So many a session',
  params: z.strictObject({ max: z.int() }),
  reads: Reads,
  evaluate: ({ before }, { max }) => (before.length >= max ? deny(`${before.length} before`) : allow(`${before.length} before`))
})
const askForBig = definePolicy({
  id: 'ask_for_big',
  title: 'Somebody looks at big things',
  params: z.strictObject({}),
  reads: Reads,
  evaluate: ({ reads }) => (reads.value === 'big' ? ask('`big` is big') : allow('not big'))
})

function world(policies: Policy[] = [notSecretKey(), askForBig()], more: Partial<DecidePorts> = {}) {
  const installation = toyInstallation(newShelf(), { policies })
  const ports = { ...toyPorts(more), agentSessions: memoryAgentSessions(), ...more }
  const request = (action: string, input: Record<string, string>, changes: Partial<ObservedRequest> = {}): ObservedRequest => ({
    run_id: uuidIds.runId(),
    team_id: 'acme',
    user_email: 'agent@company.com',
    user_attributes: {},
    actor: { api_key_id: 'k1', session_id: 's1' },
    action,
    input,
    tool_use_id: null,
    ...changes
  })
  return { ports, request, decide: (asked: ObservedRequest) => decide(installation, asked, ports) }
}

/** People as a map from question to answer: what a real approval object promises (consumed once, by one run, of one digest). */
function people() {
  const open = new Map<string, { ask: ApprovalAsk; answer: 'PENDING' | 'APPROVED' | 'DENIED'; usedBy: string | null }>()
  const approvals: Approvals = {
    async request(question) {
      const hitl_id = uuidIds.runId()
      open.set(hitl_id, { ask: question, answer: 'PENDING', usedBy: null })
      return { hitl_id, request_digest: requestDigest(question, nodeHash), expires_at: '2030-01-01T00:00:00.000Z' }
    },
    async consume(_team, hitlId, runId, digest): Promise<ApprovalConsumed> {
      const one = open.get(hitlId)!
      const approval = { hitl_id: hitlId, decision: 'APPROVED' as const, votes: [], request_digest: digest }
      if (one.answer === 'PENDING') return { kind: 'pending', expires_at: '2030-01-01T00:00:00.000Z' }
      if (one.answer === 'DENIED') return { kind: 'ended', code: 'approval_denied', detail: 'DENIED by ops', approval: null }
      if (digest !== requestDigest(one.ask, nodeHash))
        return { kind: 'ended', code: 'approval_stale', detail: 'another digest', approval: null }
      if (one.usedBy !== null && one.usedBy !== runId)
        return { kind: 'ended', code: 'approval_used', detail: 'it was used before', approval: null }
      one.usedBy = runId
      return { kind: 'consumed', approval }
    },
    editedPayload: async () => null
  }
  return { approvals, open }
}

describe('a decision', () => {
  it('that passes has a receipt of mode observed, whose outcome is not known yet', async () => {
    const { decide: run, request, ports } = world()
    const { decision, receipt } = await run(request('put', { key: 'a', value: 'b' }))
    expect(decision).toBe('PASS')
    expect(receipt).toMatchObject({
      mode: 'observed',
      workflow: 'put',
      decision: 'PASS',
      outcome: 'UNKNOWN',
      actions_taken: [{ status: 'UNKNOWN' }]
    })
    expect(await ports.ledger.latest('acme', receipt!.run_id)).toEqual(receipt)
  })

  it('that is blocked says so in a receipt where nothing happened', async () => {
    const { decide: run, request } = world()
    const { decision, receipt } = await run(request('put', { key: 'secret', value: 'b' }))
    expect(decision).toBe('BLOCK')
    expect(receipt).toMatchObject({ decision: 'BLOCK', outcome: 'NONE', actions_taken: [] })
  })

  it('on an action that is not listed is a BLOCK with a receipt', async () => {
    const { decide: run, request } = world()
    for (const action of ['nuke', 'set_back', 'shelf.nuke', 'stock']) {
      const { decision, policy_results } = await run(request(action, { key: 'a' }))
      expect([decision, policy_results[0]?.code]).toEqual(['BLOCK', 'not_allowed'])
    }
  })

  it('on an input that does not fit names the place under /input and leaves no receipt', async () => {
    const { decide: run, request, ports } = world()
    const wrong = request('put', { key: '', value: 'b' })
    await expect(run(wrong)).rejects.toMatchObject({ code: 'invalid', errors: [{ pointer: '/input/key' }] })
    expect(await ports.ledger.latest('acme', wrong.run_id)).toBeNull()
  })

  it('is stopped by the kill switch', async () => {
    const { decide: run, request } = world([notSecretKey()], { facts: memoryFacts({ kill_switch: 'incident' }) })
    expect((await run(request('put', { key: 'a', value: 'b' }))).policy_results).toContainEqual(
      expect.objectContaining({ code: 'kill_switch' })
    )
  })

  it('asked again under its id answers the same; another action under that id is a conflict', async () => {
    const { decide: run, request } = world([atMost({ max: 1 })])
    const first = request('put', { key: 'a', value: 'b' })
    const once = await run(first)
    expect((await run(first)).receipt).toEqual(once.receipt)
    await expect(run({ ...first, input: { key: 'a', value: 'c' } })).rejects.toMatchObject({ code: 'receipt_conflict' })
    await expect(run({ ...first, actor: { api_key_id: 'k2', session_id: 's1' } })).rejects.toMatchObject({ code: 'receipt_conflict' })
  })
})

describe('a used id', () => {
  it('is no pass for another action on the same input, nor for another user', async () => {
    const { decide: run, request } = world()
    const first = request('put', { key: 'a', value: 'b' })
    await run(first)
    for (const other of [{ action: 'put_keyed' }, { action: 'nuke' }, { user_email: 'other@company.com' }])
      await expect(run({ ...first, ...other })).rejects.toMatchObject({ code: 'receipt_conflict' })
  })

  it('is no pass for another input where the first held a secret that its receipt does not show', async () => {
    const { decide: run, request } = world()
    const secret = `sk_live_${'a1B2'.repeat(8)}`
    const first = request('put', { key: 'a', value: secret })
    const once = await run(first)
    expect(once.receipt!.payload_digest).toMatch(/^hmac-/)
    expect((await run(first)).receipt).toEqual(once.receipt)
    await expect(run({ ...first, input: { key: 'secret', value: secret } })).rejects.toMatchObject({ code: 'receipt_conflict' })
  })
})

describe('a session', () => {
  it('shows policies what was not blocked before, in order, of this key and session alone', async () => {
    const seen: string[][] = []
    const spy = definePolicy({
      id: 'spy',
      title: 'Looks',
      params: z.strictObject({}),
      reads: Reads,
      evaluate: ({ before }) => (seen.push(before.map(({ payload }) => String(payload.key))), allow('looked'))
    })
    const { decide: run, request } = world([spy(), notSecretKey()])
    for (const key of ['a', 'secret', 'b']) await run(request('put', { key, value: 'x' }))
    await run(request('put', { key: 'c', value: 'x' }, { actor: { api_key_id: 'k2', session_id: 's1' } }))
    await run(request('put', { key: 'd', value: 'x' }, { actor: { api_key_id: 'k1', session_id: null } }))
    await run(request('put', { key: 'e', value: 'x' }))
    expect(seen).toEqual([[], ['a'], ['a'], [], [], ['a', 'b']])
  })

  it('cannot be slipped past by asking for everything at once', async () => {
    const { decide: run, request } = world([atMost({ max: 3 })])
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => run(request('put', { key: `k${i}`, value: 'x' }))))
    expect(all.filter(({ decision }) => decision === 'PASS').length).toBeLessThanOrEqual(3)
  })

  it('is named in the receipt, so that the verdict can be made again', async () => {
    const { decide: run, request } = world([atMost({ max: 9 })])
    const first = await run(request('put', { key: 'a', value: 'x' }))
    const second = await run(request('put', { key: 'b', value: 'x' }))
    expect(first.receipt!.facts).toEqual({})
    expect(second.receipt!.facts).toEqual({ session: { steps: 1, last_run_id: first.run_id } })
  })

  it('keeps nothing that a receipt would redact', async () => {
    const { decide: run, request, ports } = world()
    const key = `sk_live_${'a1B2'.repeat(8)}`
    await run(request('put', { key: 'secret', value: key }))
    const [step] = await ports.agentSessions.blocked({ team_id: 'acme', api_key_id: 'k1', session_id: 's1' }, 10)
    expect(JSON.stringify(step)).not.toContain(key)
  })
})

describe('an ask', () => {
  const big = { key: 'a', value: 'big' }

  it('holds until a person has decided, then passes exactly once', async () => {
    const { approvals, open } = people()
    const { decide: run, request } = world(undefined, { approvals })
    const held = await run(request('put', big))
    expect(held).toMatchObject({ decision: 'HOLD', hitl_id: expect.any(String), receipt: null })
    expect(open.get(held.hitl_id!)!.ask.config_digest).toMatch(/^sha256:/)
    expect((await run(request('put', big))).hitl_id).toBe(held.hitl_id)
    open.get(held.hitl_id!)!.answer = 'APPROVED'
    const passed = await run(request('put', big))
    expect(passed).toMatchObject({ decision: 'PASS', receipt: { approval: { hitl_id: held.hitl_id, decision: 'APPROVED' } } })
    const next = await run(request('put', big))
    expect(next.decision).toBe('HOLD')
    expect(next.hitl_id).not.toBe(held.hitl_id)
  })

  it('is good for these arguments, this key and this session alone', async () => {
    const { approvals, open } = people()
    const { decide: run, request } = world(undefined, { approvals })
    const held = await run(request('put', big))
    open.get(held.hitl_id!)!.answer = 'APPROVED'
    const others = [
      request('put', { key: 'b', value: 'big' }),
      request('put_keyed', big),
      request('put', big, { actor: { api_key_id: 'k2', session_id: 's1' } }),
      request('put', big, { actor: { api_key_id: 'k1', session_id: 's2' } })
    ]
    for (const other of others) expect((await run(other)).decision).toBe('HOLD')
    expect((await run(request('put', big))).decision).toBe('PASS')
  })

  it('that is approved lets one of many through that come at once', async () => {
    const { approvals, open } = people()
    const { decide: run, request } = world(undefined, { approvals })
    const held = await run(request('put', big))
    open.get(held.hitl_id!)!.answer = 'APPROVED'
    const all = await Promise.all(Array.from({ length: 10 }, () => run(request('put', big))))
    expect(all.filter(({ decision }) => decision === 'PASS')).toHaveLength(1)
  })

  it('that is denied is a BLOCK, once; asking later asks people anew', async () => {
    const { approvals, open } = people()
    const { decide: run, request } = world(undefined, { approvals })
    const held = await run(request('put', big))
    open.get(held.hitl_id!)!.answer = 'DENIED'
    const blocked = await run(request('put', big))
    expect(blocked).toMatchObject({
      decision: 'BLOCK',
      policy_results: [expect.anything(), expect.anything(), { code: 'approval_denied' }]
    })
    expect((await run(request('put', big))).decision).toBe('HOLD')
  })

  it('does not soften a deny, and is one where nobody can be asked', async () => {
    const { approvals } = people()
    const both = world(undefined, { approvals })
    expect((await both.decide(both.request('put', { key: 'secret', value: 'big' }))).decision).toBe('BLOCK')
    const alone = world()
    expect((await alone.decide(alone.request('put', big))).policy_results).toContainEqual(
      expect.objectContaining({ code: 'approval_unavailable' })
    )
  })
})

describe('an outcome', () => {
  const report = { success: true, output: { ok: true }, error: null, rollback_data: null }

  it('is the next revision, signed, and stays what it was', async () => {
    const { decide: run, request, ports } = world()
    const { receipt } = await run(request('put', { key: 'a', value: 'b' }))
    const done = await reportOutcome(receipt!, report, ports)
    expect(done.receipt).toMatchObject({ revision: 1, outcome: 'SUCCEEDED', actions_taken: [{ status: 'DONE', output: { ok: true } }] })
    expect((await reportOutcome(done.receipt, report, ports)).already).toBe(true)
    await expect(reportOutcome(done.receipt, { ...report, success: false }, ports)).rejects.toMatchObject({ code: 'receipt_conflict' })
  })

  it('of a blocked action shows that it was done all the same', async () => {
    const { decide: run, request, ports } = world()
    const { receipt } = await run(request('put', { key: 'secret', value: 'b' }))
    expect((await reportOutcome(receipt!, report, ports)).receipt).toMatchObject({ decision: 'BLOCK', outcome: 'SUCCEEDED' })
  })

  it('with rollback data shows it and never runs it', async () => {
    const { decide: run, request, ports } = world()
    const { receipt } = await run(request('put', { key: 'a', value: 'b' }))
    const rollback_data = { action: 'remove', input: { key: 'everything' }, expect: {} }
    const { receipt: told } = await reportOutcome(receipt!, { ...report, rollback_data }, ports)
    expect(told.actions_taken[0]!.rollback_data).toEqual(rollback_data)
    await expect(planRollback('acme', told.run_id, ports)).rejects.toMatchObject({ code: 'nothing_to_undo' })
  })

  it('is redacted, and a long one says how long it was', async () => {
    const { decide: run, request, ports } = world()
    const secret = `ghp_${'Ab1'.repeat(12)}`
    const first = await run(request('put', { key: 'a', value: 'b' }))
    const told = await reportOutcome(first.receipt!, { ...report, output: { text: secret } }, ports)
    expect(JSON.stringify(told.receipt)).not.toContain(secret)
    const second = await run(request('put', { key: 'b', value: 'b' }))
    const long = await reportOutcome(second.receipt!, { ...report, output: { text: 'x'.repeat(100_000) } }, ports)
    expect(long.receipt.actions_taken[0]!.output).toMatchObject({ too_long: true, characters: 100_011 })
  })
})
