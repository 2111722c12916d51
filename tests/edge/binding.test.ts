// A service binding to Enact: another Worker of the account asks over RPC, as whom its binding says and nobody else.
import { exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeTeam } from './approval_parts.ts'
import { call } from './parts.ts'
import type { BoundGate } from '../../src/integrations/binding.ts'

const bind = (props: unknown) => (exports as unknown as { EnactEntrypoint(of: { props: unknown }): BoundGate }).EnactEntrypoint({ props })
const user_email = 'bound@company.com'
/** What a call was refused with; the promise of a stub is a stub itself, and is awaited once. */
const refusal = (call_: Promise<unknown>) =>
  call_.then(
    () => null,
    (error: unknown) => String(error)
  )
let house: Awaited<ReturnType<typeof makeTeam>>

beforeAll(async () => {
  house = await makeTeam('bound')
})

describe('EnactEntrypoint', () => {
  it('decides, takes outcomes and leaves a receipt of the binding’s team, without HTTP and without a key', async () => {
    const enact = bind({ team_id: 'bound', user_email })
    const asked = { action: 'agent.shell', input: { command: 'ls' }, user_email, session_id: 's', tool_use_id: 't1' }
    const passed = await enact.decide(asked, { waitMs: 0 })
    expect(passed.decision).toBe('PASS')
    expect((await enact.decide(asked)).run_id).toBe(passed.run_id)
    await enact.reportOutcome(passed.run_id, { success: true, output: { files: 3 } })
    const { json } = await call('GET', `/receipts/${passed.run_id}`, { key: house.admin })
    expect(json).toMatchObject({
      team_id: 'bound',
      user_email,
      actor: { api_key_id: `binding:${user_email}` },
      outcome: 'SUCCEEDED',
      actions_taken: [{ output: { files: 3 } }]
    })
    const blocked = await enact.decide({ ...asked, input: { command: 'rm -rf ~' }, tool_use_id: 't2' })
    expect(blocked.decision).toBe('BLOCK')
  })

  it('holds what people are asked about, at an address without a token', async () => {
    const held = await bind({ team_id: 'bound', user_email }).decide({
      action: 'close_pr',
      input: { repo: 'myorg/app', pr_number: 71 },
      user_email
    })
    expect(held).toMatchObject({ decision: 'HOLD', approval_url: expect.stringMatching(/\/app\/approvals\?id=[0-9a-f-]+$/) as string })
  })

  it('runs what a binding asks for, judged as over HTTP', async () => {
    const ran = await bind({ team_id: 'bound', user_email }).run({ workflow: 'rm_everything', user_email, payload: {} })
    expect(ran).toMatchObject({ status: 'DONE', decision: 'BLOCK' })
  })

  it('lets a binding act as nobody but its user, and see no other team', async () => {
    const enact = bind({ team_id: 'bound', user_email })
    const asked = { action: 'agent.shell', input: { command: 'ls' }, user_email: 'boss@company.com' }
    expect(await refusal(enact.decide(asked))).toMatch(/may act only as `bound@company.com`/)
    const theirs = await bind({ team_id: 'bound', user_email }).decide({ ...asked, user_email })
    const rival = bind({ team_id: 'other', user_email })
    expect(await refusal(rival.reportOutcome(theirs.run_id, { success: true }))).toMatch(/not_found/)
  })

  it.each([undefined, {}, { team_id: 'bound' }, { team_id: '', user_email }])('refuses a binding whose props are %j', async (props) => {
    expect(await refusal(bind(props).decide({ action: 'agent.shell', input: {}, user_email }))).toMatch(/needs `props/)
  })
})
