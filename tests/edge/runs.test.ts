// Runs with real effects, on a GitHub of this machine: through the door, the run's object, the ledger, and back again.
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { edgeRuns } from '../../src/adapters/edge/runs.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { verifyReceipt, type Judged } from '../../src/engine/index.ts'
import { call, keys, makeKey, type Answered } from './parts.ts'

let admin = ''
let agent = ''

beforeAll(async () => {
  admin = await makeKey('runs', ['admin'])
  agent = await makeKey('runs', ['run', 'read'])
})

const issue = (title: string) => ({ workflow: 'create_issue', user_email: 'agent@company.com', payload: { repo: 'myorg/app', title } })
const pr = (branch: string) => ({
  workflow: 'agent_pr_workflow',
  user_email: 'agent@company.com',
  payload: {
    repo: 'myorg/app',
    branch,
    files: [{ path: 'docs/note.md', content: `# ${branch}\n` }],
    commit_message: 'Add a note',
    title: 'A note'
  }
})
const blocked = pr('main')
const run = (body: unknown, headers: Record<string, string> = {}, key = agent) => call('POST', '/runs', { key, body, headers })
const stub = (runId: string) => env.RUNS.get(env.RUNS.idFromName(`runs/${runId}`))

async function expectVerified({ json }: Answered): Promise<void> {
  expect(await verifyReceipt(json.receipt, await keys.team('runs'), nodeHash)).toMatchObject({ valid: true, problems: [] })
}

describe('a run', () => {
  it('that passes has its effects, and a receipt that verifies and is where it says', async () => {
    const answer = await run(pr('agent/first'))
    expect(answer.json, answer.text).toMatchObject({ status: 'DONE', decision: 'PASS', outcome: 'SUCCEEDED' })
    expect(answer.status).toBe(200)
    expect(answer.json.receipt.actions_taken.map(({ action, status }: { action: string; status: string }) => [action, status])).toEqual([
      ['get_branch', 'DONE'],
      ['create_branch', 'DONE'],
      ['push_commit', 'DONE'],
      ['create_pr', 'DONE']
    ])
    await expectVerified(answer)
    const { run_id } = answer.json
    expect((await call('GET', `/receipts/${run_id}`, { key: agent })).json).toEqual(answer.json.receipt)
    const { output: _output, ...status } = answer.json
    expect((await call('GET', `/runs/${run_id}`, { key: agent })).json).toEqual(status)
    expect((await call('GET', '/receipts?system=github', { key: agent })).json.data[0]).toEqual(answer.json.receipt)
  })

  it('that is blocked makes no object, no effect, and a receipt that says why', async () => {
    const answer = await run(blocked)
    expect([answer.status, answer.json.decision, answer.json.outcome, answer.json.receipt.actions_taken]).toEqual([
      200,
      'BLOCK',
      'NONE',
      []
    ])
    expect(
      answer.json.receipt.policy_results
        .filter(({ passed }: { passed: boolean }) => !passed)
        .map(({ policy }: { policy: string }) => policy)
    ).toContain('dont_push_to_main')
    await expectVerified(answer)
    const tables = await runInDurableObject(stub(answer.json.run_id), (_object, state) =>
      state.storage.sql.exec(`SELECT name FROM sqlite_master WHERE name = 'run'`).toArray()
    )
    expect(tables).toEqual([])
  })

  it('of a workflow that is not listed is a BLOCK with a receipt, not an error', async () => {
    const answer = await run({ workflow: 'drop_everything', user_email: 'agent@company.com', payload: {} })
    expect([answer.status, answer.json.decision, answer.json.receipt.policy_results[0].code]).toEqual([200, 'BLOCK', 'not_allowed'])
  })

  it('whose payload does not fit is a 422 that names the place, without a receipt', async () => {
    const answer = await run({ ...issue('x'), payload: { repo: 'myorg/app', title: 7, colour: 'red' } })
    expect([answer.status, answer.json.code]).toEqual([422, 'invalid'])
    expect(answer.json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(
      expect.arrayContaining(['/payload/title', '/payload/colour'])
    )
  })

  it('in shadow needs admin, and nothing in a payload makes somebody else of the agent', async () => {
    expect((await run({ ...issue('shadow'), mode: 'shadow' })).status).toBe(403)
    expect((await run({ ...issue('shadow'), mode: 'shadow' }, {}, admin)).json.receipt.run_mode).toBe('shadow')
    const contractor = await makeKey('runs', ['run'], { attributes: { role: 'contractor' } })
    const payload = { table: 'people', data: { ssn: '1' }, unique_on: ['ssn'], pii_fields: ['ssn'], actor_role: 'employee' }
    const answer = await run({ workflow: 'db_safe_insert', user_email: 'agent@company.com', payload }, {}, contractor)
    expect(answer.json.receipt.user_attributes).toEqual({ role: 'contractor' })
    expect(answer.json.decision).toBe('BLOCK')
  })

  it('is stopped by a fact that an operator set, and the receipt holds the fact', async () => {
    const frozen = await makeKey('frozen', ['run'])
    await env.DB.prepare(`INSERT INTO facts VALUES ('frozen', 'code_freeze', 'true', '')`).run()
    const answer = await run(issue('frozen'), {}, frozen)
    expect([answer.json.decision, answer.json.receipt.facts]).toEqual(['BLOCK', { code_freeze: true }])
  })

  it('that is only dry is judged and receipted, and touches nothing', async () => {
    const answer = await run({ ...issue('dry'), mode: 'dry_run' })
    expect([answer.json.receipt.run_mode, answer.json.receipt.actions_taken, answer.json.outcome]).toEqual(['dry_run', [], 'NONE'])
  })

  it('leaves nothing in its object that can be read without the secret', async () => {
    const answer = await run(issue('a very private title'))
    const texts = await runInDurableObject(stub(answer.json.run_id), (_object, state) =>
      state.storage.sql.exec<{ text: string }>('SELECT text FROM texts').toArray()
    )
    expect(texts.length).toBeGreaterThan(0)
    expect(JSON.stringify(texts)).not.toContain('private')
  })
})

describe('a rollback', () => {
  it('takes the effects back, links both receipts, and the second one answers the first', async () => {
    const first = await run(pr('agent/undo'))
    const path = `/runs/${first.json.run_id}/rollback`
    const dry = await call('POST', path, { key: agent, body: { dry_run: true } })
    expect([dry.status, dry.json.receipt.run_mode]).toEqual([200, 'dry_run'])
    expect((await call('GET', `/receipts/${first.json.run_id}`, { key: agent })).json.links).toEqual({})
    const undone = await call('POST', path, { key: agent })
    expect(undone.json, undone.text).toMatchObject({
      decision: 'PASS',
      outcome: 'SUCCEEDED',
      receipt: { workflow: 'rollback:agent_pr_workflow', payload: { original_run_id: first.json.run_id, rollback: true } }
    })
    await expectVerified(undone)
    const original = (await call('GET', `/receipts/${first.json.run_id}`, { key: agent })).json
    expect([original.revision, original.links.rolled_back_by, undone.json.receipt.links.rollback_of]).toEqual([
      1,
      undone.json.run_id,
      first.json.run_id
    ])
    expect((await call('GET', `/receipts/${first.json.run_id}?revision=0`, { key: agent })).json).toEqual(first.json.receipt)
    expect((await call('GET', `/receipts/${first.json.run_id}?revision=2`, { key: agent })).status).toBe(404)
    const again = await call('POST', path, { key: agent, body: {} })
    expect([again.status, again.json.run_id]).toEqual([200, undone.json.run_id])
    expect((await call('GET', `/receipts?q=${first.json.run_id}&workflow=agent_pr_workflow`, { key: agent })).json.data).toEqual([original])
  })

  it('that many ask for at once happens once', async () => {
    const first = await run(issue('many'))
    const path = `/runs/${first.json.run_id}/rollback`
    const answers = await Promise.all(Array.from({ length: 5 }, () => call('POST', path, { key: agent, body: {} })))
    expect(answers.map(({ status, json }) => [status, json.outcome])).toEqual(Array.from({ length: 5 }, () => [200, 'SUCCEEDED']))
    expect(new Set(answers.map(({ json }) => json.run_id)).size).toBe(1)
  })

  it('needs the key that made the run, or admin', async () => {
    const first = await run(issue('mine'))
    const path = `/runs/${first.json.run_id}/rollback`
    const other = await makeKey('runs', ['run'])
    expect((await call('POST', path, { key: other, body: {} })).status).toBe(403)
    expect((await call('POST', path, { key: admin, body: {} })).json.outcome).toBe('SUCCEEDED')
  })

  it('of a run without effects is 409 nothing_to_undo', async () => {
    const { json } = await run(blocked)
    const answer = await call('POST', `/runs/${json.run_id}/rollback`, { key: agent, body: {} })
    expect([answer.status, answer.json.code]).toEqual([409, 'nothing_to_undo'])
  })
})

describe('an Idempotency-Key', () => {
  it('answers the same body with the stored answer, for runs that passed and runs that were blocked', async () => {
    for (const body of [issue('once'), blocked]) {
      const headers = { 'idempotency-key': `key-${body.workflow}` }
      const first = await run(body, headers)
      const second = await run(body, headers)
      expect(first.status).toBe(200)
      expect(second.json).toEqual(first.json)
      expect(first.json.receipt.links.idempotency_key).toBe(headers['idempotency-key'])
    }
  })

  it('refuses another body, and an order of keys is not another body', async () => {
    const headers = { 'idempotency-key': 'one-order' }
    const first = await run(issue('ordered'), headers)
    const { payload, workflow, user_email } = issue('ordered')
    expect((await run({ user_email, payload: { title: payload.title, repo: payload.repo }, workflow }, headers)).json.run_id).toBe(
      first.json.run_id
    )
    const other = await run(issue('another'), headers)
    expect([other.status, other.json.code]).toEqual([422, 'idempotency_key_reused'])
  })

  it('lets one of many at once act; the others get its answer or are told to wait', async () => {
    const headers = { 'idempotency-key': 'race' }
    const answers = await Promise.all(Array.from({ length: 8 }, () => run(issue('race'), headers)))
    const codes = answers.map(({ status, json }) => (status === 200 ? json.run_id : json.code))
    const ids = new Set(codes.filter((code) => code !== 'idempotency_in_progress'))
    expect(ids.size).toBe(1)
    expect(answers.filter(({ status }) => status === 409).every(({ headers: given }) => given.get('retry-after') === '1')).toBe(true)
    expect((await call('GET', '/receipts?q=race&workflow=create_issue', { key: agent })).json.data).toHaveLength(1)
  })

  it('belongs to its API key: another key’s same key is another run', async () => {
    const headers = { 'idempotency-key': 'shared' }
    const mine = await run(issue('shared'), headers)
    const theirs = await run(issue('other'), headers, await makeKey('runs', ['run']))
    expect(theirs.status).toBe(200)
    expect(theirs.json.run_id).not.toBe(mine.json.run_id)
  })

  it('that is empty, too long or not printable is a 422', async () => {
    for (const key of ['a b', 'x'.repeat(256), 'ü']) expect((await run(issue('x'), { 'idempotency-key': key })).status).toBe(422)
  })
})

describe("a run's object", () => {
  it('answers from its storage after it died', async () => {
    const headers = { 'idempotency-key': 'evicted' }
    const first = await run(issue('evicted'), headers)
    await abortAllDurableObjects()
    expect((await run(issue('evicted'), headers)).json).toEqual(first.json)
  })

  it('ends a run that was interrupted after its effects, in the very receipt that was signed', async () => {
    const headers = { 'idempotency-key': 'interrupted' }
    const { json } = await run(issue('interrupted'), headers)
    // As if the object had died between its effect and its result: the journal is there, the result is not.
    const known = { team_id: 'runs', run_id: json.run_id as string }
    const ring = await keys.team('runs')
    const seal = (entry: object) => ring.seal(nodeHash.utf8(JSON.stringify(entry)), `enact/run/runs/${known.run_id}`)
    const started = await seal({
      type: 'started',
      at: 0,
      run: { admitted: { ...known, workflow: 'create_issue', run_mode: 'enforce' }, results: [], decision: 'PASS' }
    })
    const { ledger: _ledger, ...receipt } = json.receipt
    const finished = await seal({ type: 'finished', at: 0, receipt })
    await runInDurableObject(stub(known.run_id), async (_object, state) => {
      state.storage.sql.exec('DELETE FROM texts')
      state.storage.sql.exec(`INSERT INTO texts VALUES ('journal', 0, 0, ?), ('journal', 1, 0, ?)`, started, finished)
      await state.storage.setAlarm(Date.now() + 60_000)
    })
    await abortAllDurableObjects()
    const waiting = await run(issue('interrupted'), headers)
    expect([waiting.status, waiting.json.code]).toEqual([409, 'idempotency_in_progress'])
    expect(await runDurableObjectAlarm(stub(known.run_id))).toBe(true)
    const after = await run(issue('interrupted'), headers)
    expect(after.json.receipt).toEqual(json.receipt)
    expect((await call('GET', `/runs/${known.run_id}?wait=0`, { key: agent })).json.status).toBe('DONE')
  })

  it('goes on when nobody waits for it any more', async () => {
    const run_id = uuidIds.runId()
    const admitted = {
      ...issue('unattended'),
      run_id,
      team_id: 'runs',
      mode: 'mediated',
      run_mode: 'enforce',
      user_attributes: {},
      actor: { api_key_id: null, session_id: null },
      links: {}
    }
    const judged = { admitted, at: Date.now(), results: [], facts: {}, decision: 'PASS', config_digest: 'sha256:0' } as unknown as Judged
    const door = edgeRuns(env.RUNS)
    expect(await door.start(judged, 'd', 0)).toEqual({ first: true, request_digest: 'd', result: null, pending: null })
    expect((await call('GET', `/runs/${run_id}`, { key: agent })).json).toEqual({ run_id, status: 'RUNNING' })
    const pushed = { run_id, workflow: 'create_issue', decision: 'PASS', receipt: {} }
    expect((await call('POST', '/receipts', { key: agent, body: pushed })).json.code).toBe('receipt_conflict')
    expect((await call('POST', `/runs/${run_id}/rollback`, { key: admin, body: {} })).json.code).toBe('run_in_progress')
    const done = await call('GET', `/runs/${run_id}?wait=20`, { key: agent })
    expect(done.json).toMatchObject({ status: 'DONE', outcome: 'SUCCEEDED' })
    expect((await door.start(judged, 'd', 0)).first).toBe(false)
  })

  it('is left alone by a receipt that somebody pushes under its id while it runs', async () => {
    const { json } = await run(issue('owned'), { 'idempotency-key': 'owned' })
    const body = { run_id: json.run_id, workflow: 'create_issue', decision: 'PASS', receipt: {} }
    expect((await call('POST', '/receipts', { key: agent, body })).status).toBe(409)
  })
})
