// Runs that wait for a person, and runs that want what another one has: through the real door, with real effects on the GitHub fake.
import { abortAllDurableObjects } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import { linksTo, makeTeam, submit } from './approval_parts.ts'
import { call, type Answered } from './parts.ts'

let house: Awaited<ReturnType<typeof makeTeam>>
let made = 0

beforeAll(async () => {
  house = await makeTeam('held')
})

/** A pull request to close, which a person must approve. */
async function pullRequest(): Promise<number> {
  const branch = `agent/held-${++made}-${crypto.randomUUID().slice(0, 8)}`
  const payload = {
    repo: 'myorg/app',
    branch,
    files: [{ path: `${branch}.txt`, content: 'x' }],
    commit_message: 'Add a file to close later'
  }
  const answer = await call('POST', '/runs', {
    key: house.agent,
    body: { workflow: 'agent_pr_workflow', user_email: 'agent@held.example', payload }
  })
  expect(answer.json, answer.text).toMatchObject({ outcome: 'SUCCEEDED' })
  return answer.json.output.create_pr.pr_number as number
}

async function ask(pr_number: number, more: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<Answered> {
  const body = {
    workflow: 'close_pr',
    user_email: 'agent@held.example',
    payload: { repo: 'myorg/app', pr_number },
    notify_email: house.ann,
    ...more
  }
  return call('POST', '/runs', { key: house.agent, body, headers })
}

const look = (runId: string, wait = 20) => call('GET', `/runs/${runId}?wait=${wait}`, { key: house.agent })

describe('a run that a policy asks about', () => {
  it('waits, acts once a person says yes, and has the whole story in one receipt', async () => {
    const pr = await pullRequest()
    const pending = await ask(pr)
    expect([pending.status, pending.json]).toEqual([
      202,
      { run_id: expect.any(String), status: 'PENDING', hitl_id: expect.any(String), expires_at: expect.stringMatching(/Z$/) }
    ])
    const { run_id, hitl_id } = pending.json
    expect((await look(run_id, 0)).json).toEqual(pending.json)
    const { approve } = await linksTo(house.ann, hitl_id)
    const seen = look(run_id)
    expect((await submit(approve, { reason: 'it is stale' })).status).toBe(200)
    expect((await seen).json).toMatchObject({ status: 'DONE', decision: 'PASS', outcome: 'SUCCEEDED' })
    const { receipt } = (await seen).json
    expect(receipt.approval).toMatchObject({ hitl_id, decision: 'APPROVED', votes: [{ by: house.ann, reason: 'it is stale' }] })
    expect(receipt.policy_results.find((result: { policy: string }) => result.policy === 'require_approval').effect).toBe('ask')
    expect(receipt.locks).toEqual([{ resource: `github/myorg/app/pull/${pr}`, fencing_token: expect.any(Number) }])
    expect((await call('GET', '/locks', { key: house.agent })).json.data).toEqual([])
  })

  it('is a BLOCK without any effect when the person says no', async () => {
    const pr = await pullRequest()
    const { run_id, hitl_id } = (await ask(pr)).json
    const { deny } = await linksTo(house.ann, hitl_id)
    await submit(deny, { reason: 'still needed' })
    const { json } = await look(run_id)
    expect(json).toMatchObject({ decision: 'BLOCK', outcome: 'NONE', receipt: { approval: { decision: 'DENIED' }, actions_taken: [] } })
    expect(json.receipt.policy_results).toContainEqual(
      expect.objectContaining({ policy: 'approval', code: 'approval_denied', effect: 'deny' })
    )
  })

  it('is a BLOCK when nobody answers in time', async () => {
    const { run_id } = (await ask(await pullRequest(), { expires_in_seconds: 5 })).json
    const { json } = await look(run_id)
    expect(json).toMatchObject({ decision: 'BLOCK', outcome: 'NONE' })
    expect(json.receipt.policy_results).toContainEqual(expect.objectContaining({ policy: 'approval', code: 'approval_expired' }))
  })

  it('is asked about once under one Idempotency-Key, also while it waits', async () => {
    const pr = await pullRequest()
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const first = await ask(pr, {}, headers)
    const second = await ask(pr, {}, headers)
    expect([second.status, second.json]).toEqual([202, first.json])
    expect((await ask(pr + 1, {}, headers)).json.code).toBe('idempotency_key_reused')
  })

  it('survives that every object dies while it waits', async () => {
    const { run_id, hitl_id } = (await ask(await pullRequest())).json
    const { approve } = await linksTo(house.ann, hitl_id)
    await abortAllDurableObjects()
    expect((await submit(approve, {})).status).toBe(200)
    expect((await look(run_id)).json).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED' })
  })

  it('whose world has moved on since it was shown is a BLOCK approval_stale', async () => {
    const pr = await pullRequest()
    const { run_id, hitl_id } = (await ask(pr)).json
    const { approve } = await linksTo(house.ann, hitl_id)
    const other = (await ask(pr)).json
    await submit((await linksTo(house.ann, other.hitl_id)).approve, {})
    expect((await look(other.run_id)).json.outcome).toBe('SUCCEEDED')
    await submit(approve, {})
    const { json } = await look(run_id)
    expect(json).toMatchObject({ decision: 'BLOCK', outcome: 'NONE' })
    expect(json.receipt.policy_results).toContainEqual(expect.objectContaining({ policy: 'approval', code: 'approval_stale' }))
  })

  it('that names somebody who is no approver is a BLOCK, and asks nobody', async () => {
    const answer = await ask(await pullRequest(), { notify_email: 'mallory@elsewhere.example' })
    expect(answer.json).toMatchObject({ decision: 'BLOCK', outcome: 'NONE' })
    expect(answer.json.receipt.policy_results).toContainEqual(expect.objectContaining({ policy: 'approval', code: 'approver_unknown' }))
  })
})

describe('a run that two people must approve', () => {
  it('waits for both, whomever it names, and lists both votes', async () => {
    const opened = await call('POST', '/runs', {
      key: house.agent,
      body: { workflow: 'create_issue', user_email: 'agent@held.example', payload: { repo: 'myorg/app', title: 'For four eyes' } }
    })
    const payload = { repo: 'myorg/app', issue_number: opened.json.output.create_issue.issue_number }
    const { run_id, hitl_id } = (
      await call('POST', '/runs', {
        key: house.agent,
        body: { workflow: 'close_issue', user_email: 'agent@held.example', payload, notify_email: house.ann }
      })
    ).json
    await submit((await linksTo(house.ann, hitl_id)).approve, {})
    expect((await look(run_id, 0)).json.status).toBe('PENDING')
    await submit((await linksTo(house.bob, hitl_id)).approve, {})
    const { json } = await look(run_id)
    expect(json).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED' })
    expect(json.receipt.approval.votes.map((vote: { by: string }) => vote.by)).toEqual([house.ann, house.bob])
  })
})

describe('an approval that was given before', () => {
  it('is redeemed by exactly one run of exactly that', async () => {
    const pr = await pullRequest()
    const payload = { repo: 'myorg/app', pr_number: pr }
    const { id, links } = await house.open({ workflow: 'close_pr', payload })
    await submit(links.approve, {})
    const other = await ask(await pullRequest(), { hitl_id: id })
    expect(other.json.receipt.policy_results).toContainEqual(expect.objectContaining({ policy: 'approval', code: 'approval_stale' }))
    expect((await ask(pr, { hitl_id: id })).json).toMatchObject({ outcome: 'SUCCEEDED', receipt: { approval: { hitl_id: id } } })
    const again = await ask(pr, { hitl_id: id })
    expect(again.json.receipt.policy_results).toContainEqual(expect.objectContaining({ policy: 'approval', code: 'approval_used' }))
  })
})

describe('a run that wants what somebody holds', () => {
  it('is a BLOCK that names the holder, and has no effect', async () => {
    const held = await call('POST', '/locks', { key: house.agent, body: { resources: ['github/myorg/app'], holder: 'agent-A' } })
    expect(held.status, held.text).toBe(201)
    const payload = { repo: 'myorg/app', title: 'A locked issue' }
    const answer = await call('POST', '/runs', {
      key: house.agent,
      body: { workflow: 'create_issue', user_email: 'agent@held.example', payload }
    })
    expect(answer.json).toMatchObject({ decision: 'BLOCK', outcome: 'NONE' })
    const lock = answer.json.receipt.policy_results.find((result: { policy: string }) => result.policy === 'lock')
    expect([lock.code, lock.reason]).toEqual(['locked', expect.stringMatching(/locked by agent-A until /)])
    await call('DELETE', `/locks/${held.json.lock_id}`, { key: house.agent })
    const then = await call('POST', '/runs', {
      key: house.agent,
      body: { workflow: 'create_issue', user_email: 'agent@held.example', payload }
    })
    expect(then.json.outcome).toBe('SUCCEEDED')
  })
})
