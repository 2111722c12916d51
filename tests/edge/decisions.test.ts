// Observed mode through the real door: verdicts, sessions and grants in real objects, outcomes in the real ledger.
import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { linksTo, makeTeam, submit } from './approval_parts.ts'
import { call, makeKey } from './parts.ts'

let house: Awaited<ReturnType<typeof makeTeam>>
let stranger = ''
let count = 0

beforeAll(async () => {
  house = await makeTeam('observers')
  stranger = await makeKey('observers-rival', ['admin'])
})

const decide = (body: Record<string, unknown>, key = house.agent) =>
  call('POST', '/decisions', { key, body: { user_email: 'agent@company.com', ...body } })
const closing = () => ({ action: 'close_pr', input: { repo: 'myorg/app', pr_number: ++count } })

describe('a decision over HTTP', () => {
  it('answers with verdicts and a run whose receipt says that somebody else executes', async () => {
    const passed = await decide({
      action: 'create_issue',
      input: { repo: 'myorg/app', title: 'A bug' },
      session_id: 's',
      tool_use_id: 't1'
    })
    expect(passed.status, passed.text).toBe(200)
    expect(passed.json).toEqual({ run_id: expect.any(String), decision: 'PASS', policy_results: expect.any(Array) })
    const { json } = await call('GET', `/receipts/${passed.json.run_id}`, { key: house.agent })
    expect(json).toMatchObject({ mode: 'observed', outcome: 'UNKNOWN', actor: { session_id: 's' }, links: { tool_use_id: 't1' } })
  })

  it('blocks what is not listed, with a receipt, and refuses bad input with the place', async () => {
    const blocked = await decide({ action: 'rm_everything', input: {} })
    expect([blocked.status, blocked.json.decision]).toEqual([200, 'BLOCK'])
    expect((await call('GET', `/receipts/${blocked.json.run_id}`, { key: house.agent })).json.decision).toBe('BLOCK')
    const wrong = await decide({ action: 'create_issue', input: { repo: 7, title: 'x' } })
    expect([wrong.status, wrong.json.errors[0].pointer]).toEqual([422, '/input/repo'])
    expect((await decide({ ...closing(), session_id: '' })).status).toBe(422)
  })

  it('lets a key that is bound to a user act as that user alone', async () => {
    const bound = await makeKey('observers', ['run'], { user_email: 'one@company.com' })
    expect((await decide(closing(), bound)).status).toBe(403)
  })

  it('holds for a person, tells where they decide without a token, and passes once after they approved', async () => {
    const asked = closing()
    const held = await decide({ ...asked, session_id: 'grants' })
    expect(held.json).toMatchObject({ decision: 'HOLD', approval_url: `http://127.0.0.1/app/approvals?id=${held.json.hitl_id}` })
    const links = await linksTo(house.ann, held.json.hitl_id)
    expect(held.text).not.toContain(links.approve.split('=')[1]!)
    // Whatever the object remembered only in memory must not count.
    const name = JSON.stringify(['observers', (await call('GET', '/keys', { key: house.admin })).json.data.find(isAgent).id, 'grants'])
    await evictDurableObject(env.AGENT_SESSIONS.get(env.AGENT_SESSIONS.idFromName(name)))
    expect((await decide({ ...asked, session_id: 'grants' })).json.hitl_id).toBe(held.json.hitl_id)
    expect((await submit(links.approve, {})).status).toBe(200)
    expect((await decide({ ...asked, session_id: 'other' })).json.decision).toBe('HOLD')
    const passed = await decide({ ...asked, session_id: 'grants' })
    expect(passed.json).toMatchObject({ decision: 'PASS', hitl_id: held.json.hitl_id })
    expect((await call('GET', `/receipts/${passed.json.run_id}`, { key: house.agent })).json.approval).toMatchObject({
      decision: 'APPROVED'
    })
    expect((await decide({ ...asked, session_id: 'grants' })).json.decision).toBe('HOLD')
  })

  it('lets exactly one of ten through that come at once under one approval', async () => {
    const asked = { ...closing(), session_id: 'race' }
    const held = await decide(asked)
    await submit((await linksTo(house.ann, held.json.hitl_id)).approve, {})
    const all = await Promise.all(Array.from({ length: 10 }, () => decide(asked)))
    expect(all.filter(({ json }) => json.decision === 'PASS')).toHaveLength(1)
  })

  it('under one tool_use_id is decided once; another action under it is a 409', async () => {
    const first = await decide({
      action: 'create_issue',
      input: { repo: 'myorg/app', title: 'Once' },
      session_id: 's',
      tool_use_id: 'same'
    })
    const again = await decide({
      action: 'create_issue',
      input: { repo: 'myorg/app', title: 'Once' },
      session_id: 's',
      tool_use_id: 'same'
    })
    expect(again.json).toEqual(first.json)
    const other = await decide({ action: 'create_issue', input: { repo: 'myorg/app', title: 'Two' }, session_id: 's', tool_use_id: 'same' })
    expect([other.status, other.json.code]).toEqual([409, 'receipt_conflict'])
  })
})

describe('an outcome over HTTP', () => {
  it('is a signed revision; the same again is stored already, another is a 409, another key a 403, another team a 404', async () => {
    const { json } = await decide({ action: 'create_issue', input: { repo: 'myorg/app', title: 'Told' } })
    const path = `/decisions/${json.run_id}/outcome`
    const told = await call('POST', path, { key: house.agent, body: { success: true, output: { number: 7 } } })
    expect([told.status, told.json.already_stored, told.json.receipt.revision]).toEqual([201, false, 1])
    expect((await call('POST', path, { key: house.agent, body: { success: true, output: { number: 7 } } })).json.already_stored).toBe(true)
    expect((await call('POST', path, { key: house.agent, body: { success: false } })).json.code).toBe('receipt_conflict')
    const other = await makeKey('observers', ['run'])
    expect((await call('POST', path, { key: other, body: { success: true } })).status).toBe(403)
    expect((await call('POST', path, { key: stranger, body: { success: true } })).status).toBe(404)
    const undo = await call('POST', `/runs/${json.run_id}/rollback`, { key: house.agent, body: {} })
    expect([undo.status, undo.json.code]).toEqual([409, 'nothing_to_undo'])
  })

  it('of a run that Enact carried out itself is refused', async () => {
    const run = await call('POST', '/runs', {
      key: house.agent,
      body: { workflow: 'agent_pr_workflow', user_email: 'agent@company.com', payload: { repo: 'myorg/app', branch: 'main' } }
    })
    const told = await call('POST', `/decisions/${run.json.run_id}/outcome`, { key: house.agent, body: { success: true } })
    expect([told.status, told.json.code]).toEqual([409, 'receipt_conflict'])
  })
})

function isAgent({ scopes }: { scopes: string[] }): boolean {
  return scopes.length === 2
}
