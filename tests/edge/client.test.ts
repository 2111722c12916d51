// The agents' client in workerd, against the real Worker.
import { exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { EnactEdge, type Receipt } from '../../src/client.ts'
import { everything, linksTo, makeTeam, submit } from './approval_parts.ts'
import { call, makeKey } from './parts.ts'

const RUN = { workflow: 'agent_pr_workflow', user_email: 'agent@company.com', payload: { repo: 'myorg/app', branch: 'main' } }
let client: EnactEdge
let stranger: EnactEdge
const clientOf = (apiKey: string) =>
  new EnactEdge({ url: 'http://127.0.0.1', apiKey, fetch: (input, init) => exports.default.fetch(new Request(input, init)), retries: 0 })

beforeAll(async () => {
  client = clientOf(await makeKey('clients', ['run', 'read']))
  stranger = clientOf(await makeKey('clients-rival', ['run', 'read']))
})

describe('the client', () => {
  it('asks for a run once under one key, reads it, and lists its receipt', async () => {
    const first = await client.run(RUN, { idempotencyKey: 'once', waitMs: 5_000 })
    expect(first).toMatchObject({ status: 'DONE', decision: 'BLOCK' })
    expect((await client.run(RUN, { idempotencyKey: 'once' })).run_id).toBe(first.run_id)
    expect(await client.getRun(first.run_id, { waitSeconds: 1 })).toMatchObject({ status: 'DONE', decision: 'BLOCK' })
    const listed: Receipt[] = []
    for await (const receipt of client.receipts.list({ decision: 'BLOCK', limit: 1 })) listed.push(receipt)
    expect(listed.map(({ run_id }) => run_id)).toContain(first.run_id)
    await expect(client.rollback(first.run_id)).rejects.toMatchObject({ code: 'nothing_to_undo', status: 409, retryable: false })
  })

  it('verifies receipts with the published keys, and tells when one was changed', async () => {
    const { run_id } = await client.run(RUN)
    const receipt = await client.receipts.get(run_id)
    expect(await client.receipts.verify(receipt)).toMatchObject({ valid: true, problems: [] })
    expect((await client.receipts.verify({ ...receipt, decision: 'PASS' })).valid).toBe(false)
    expect((await client.receipts.verify({ ...receipt, team_id: 'clients-rival' })).valid).toBe(false)
    expect((await client.receipts.verify(receipt, { keys: [] })).valid).toBe(false)
    for (const nonsense of [null, 'x', {}, { team_id: 'clients' }]) expect((await client.receipts.verify(nonsense)).valid).toBe(false)
  })

  it('says in types what went wrong', async () => {
    await expect(clientOf('enact_live_0_0').run(RUN)).rejects.toMatchObject({ code: 'unauthorized', status: 401 })
    await expect(client.run({ ...RUN, user_email: 'nobody' })).rejects.toMatchObject({
      code: 'invalid',
      problem: { errors: expect.any(Array) }
    })
    const { run_id } = await client.run(RUN)
    await expect(stranger.getRun(run_id)).rejects.toMatchObject({ code: 'not_found', status: 404 })
  })

  it('hands over the receipts of others once', async () => {
    const receipt = await client.receipts.get((await client.run(RUN)).run_id)
    const pushed = { ...receipt, run_id: crypto.randomUUID(), team_id: 'local', mode: 'embedded' as const }
    expect([await client.pushReceipt(pushed), await client.pushReceipt(pushed)]).toEqual([false, true])
    await expect(client.pushReceipt({ ...pushed, user_email: 'x@x.example' })).rejects.toMatchObject({ code: 'receipt_conflict' })
  })

  it('holds a lock while its work goes on: nobody else gets it, and afterwards anybody does', async () => {
    const wanted = { resources: ['github/myorg/app'], holder: 'agent-a', ttl_seconds: 30 }
    const tokens: number[] = []
    const result = await client.locks.withLock(wanted, async ({ lock, signal }) => {
      tokens.push(lock.fencing_token)
      const refused = client.locks.acquire({ ...wanted, resources: ['github/myorg/app/branch/x'], holder: 'agent-b' })
      await expect(refused).rejects.toMatchObject({ code: 'locked', status: 409, retryable: true, problem: { holder: 'agent-a' } })
      const listed = []
      for await (const one of client.locks.list()) listed.push(one.lock_id)
      expect(listed).toContain(lock.lock_id)
      for await (const _one of stranger.locks.list()) throw new Error('another team’s lock is listed')
      expect((await client.locks.renew(lock.lock_id, 60)).fencing_token).toBe(lock.fencing_token)
      return signal.aborted
    })
    expect(result).toBe(false)
    const again = await client.locks.acquire(wanted)
    expect(again.fencing_token).toBeGreaterThan(tokens[0]!)
    await client.locks.release(again.lock_id)
    await client.locks.release(again.lock_id)
    await expect(client.locks.renew(again.lock_id)).rejects.toMatchObject({ code: 'lock_lost', status: 410 })
  })

  it('sees a kill switch as the BLOCK that it is', async () => {
    const admin = await makeKey('clients', ['admin'])
    await call('PUT', '/facts/kill_switch', { key: admin, body: { value: 'stop' } })
    const answer = await client.run(RUN)
    await call('DELETE', '/facts/kill_switch', { key: admin })
    expect(answer).toMatchObject({ status: 'DONE', decision: 'BLOCK', outcome: 'NONE', receipt: { facts: { kill_switch: 'stop' } } })
  })

  it('asks a person, waits, and runs exactly what was approved; what was denied is not run', async () => {
    const house = await makeTeam('clients-hitl')
    const agent = clientOf(house.agent)
    const request = { ...RUN, payload: { ...RUN.payload, branch: 'agent/approved' }, notify_email: house.ann, expires_in_seconds: 60 }
    const newest = async (known: ReadonlySet<string>) =>
      vi.waitFor(async () => {
        const ids = (await everything())
          .filter(({ kind, body }) => kind === 'mail' && body.to[0] === house.ann)
          .map(({ body }) => /\/hitl\/([0-9a-f-]{36})/.exec(body.text)![1]!)
        const id = ids.findLast((one) => !known.has(one))
        expect(id).toBeDefined()
        return id!
      }, 8_000)
    const approving = agent.runWithHitl(request)
    const first = await newest(new Set())
    expect((await submit((await linksTo(house.ann, first)).approve)).status).toBe(200)
    const approved = await approving
    expect(approved.approval).toMatchObject({ hitl_id: first, status: 'APPROVED', decided_by: house.ann })
    expect(approved.run).toMatchObject({
      status: 'DONE',
      receipt: { approval: { hitl_id: first, decision: 'APPROVED' }, payload: request.payload }
    })
    const denying = agent.runWithHitl({ ...request, payload: { ...request.payload, branch: 'agent/denied' } })
    const second = await newest(new Set([first]))
    expect((await submit((await linksTo(house.ann, second)).deny)).status).toBe(200)
    expect(await denying).toMatchObject({ approval: { hitl_id: second, status: 'DENIED' }, run: null })
    const { workflow, payload } = request
    const byItself = agent.requestApproval({ workflow, payload, notify_email: 'me@evil.example' })
    await expect(byItself).rejects.toMatchObject({ code: 'approver_unknown', status: 422 })
  })
})
