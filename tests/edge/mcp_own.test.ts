// Enact's own MCP server: workflows and actions as tools with the effects and receipts of `POST /runs`, and tools that read receipts.
import { beforeAll, describe, expect, it } from 'vitest'
import { linksTo, makeTeam, submit } from './approval_parts.ts'
import { connect, textOf } from './mcp_parts.ts'
import { call, makeKey } from './parts.ts'

let house: Awaited<ReturnType<typeof makeTeam>>
let made = 0

beforeAll(async () => {
  house = await makeTeam('own-tools')
})

const hitlOf = (text: string) => /\/app\/approvals\?id=([0-9a-f-]{36})/.exec(text)![1]!
const runOf = (text: string) => /run ([0-9a-f-]{36})/.exec(text)![1]!
const jsonOf = (answer: { content?: unknown }) => JSON.parse(textOf(answer))
const names = async (key: string) => (await (await connect('/mcp', key)).listTools()).tools.map(({ name }) => name)

/** A pull request to close, which a person must approve. */
async function pullRequest(): Promise<number> {
  const client = await connect('/mcp', house.agent)
  const branch = `agent/own-${++made}-${crypto.randomUUID().slice(0, 8)}`
  const answer = await client.callTool({
    name: 'agent_pr_workflow',
    arguments: { repo: 'myorg/app', branch, files: [{ path: `${branch}.txt`, content: 'x' }], commit_message: 'Add a file to close later' }
  })
  return jsonOf(answer).output.create_pr.pr_number as number
}

describe('the list of tools', () => {
  it('has what the key’s scopes allow, each with its schema, and no tool that only agents can run', async () => {
    const all = await names(house.agent)
    expect(all).toEqual(expect.arrayContaining(['agent_pr_workflow', 'create_issue', 'enact_search_receipts', 'enact_plan_rollback']))
    expect(all.filter((name) => ['shell', 'mcp', 'agent.shell'].includes(name))).toEqual([])
    const readers = await names(await makeKey('own-tools', ['read']))
    expect(readers).toEqual(['enact_search_receipts', 'enact_read_receipt', 'enact_verify_receipt', 'enact_read_run'])
    const { tools } = await (await connect('/mcp', house.agent)).listTools()
    expect(tools.find(({ name }) => name === 'create_issue')!.inputSchema).toMatchObject({
      type: 'object',
      required: expect.arrayContaining(['repo', 'title']),
      additionalProperties: false
    })
  })
})

describe.each([
  ['2025', { legacy: true }],
  ['2026', {}]
] as const)('a client of the %s protocol', (_age, options) => {
  it('runs a workflow: real effects, one receipt, which its tools then find, read, prove and would take back', async () => {
    const client = await connect('/mcp', house.agent, options)
    const branch = `agent/own-${++made}-${crypto.randomUUID().slice(0, 8)}`
    const payload = { repo: 'myorg/app', branch, files: [{ path: `${branch}.txt`, content: 'x' }], commit_message: 'Add a file' }
    const run = jsonOf(await client.callTool({ name: 'agent_pr_workflow', arguments: payload }))
    expect(run).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED', output: { create_pr: { pr_number: expect.any(Number) } } })
    const { run_id } = run
    const found = jsonOf(await client.callTool({ name: 'enact_search_receipts', arguments: { search: `"${branch}"` } }))
    expect(found.data).toEqual([expect.objectContaining({ run_id, workflow: 'agent_pr_workflow', reasons: [] })])
    const receipt = jsonOf(await client.callTool({ name: 'enact_read_receipt', arguments: { run_id } }))
    expect(receipt).toMatchObject({ run_id, mode: 'mediated', payload, user_email: 'mcp@own-tools.invalid' })
    const proven = jsonOf(await client.callTool({ name: 'enact_verify_receipt', arguments: { run_id } }))
    expect(proven).toMatchObject({ check: { valid: true }, proof: { leaf: receipt.ledger.leaf } })
    const plan = jsonOf(await client.callTool({ name: 'enact_plan_rollback', arguments: { run_id } }))
    expect(plan).toMatchObject({ status: 'DONE', receipt: { run_mode: 'dry_run' } })
    expect((await call('GET', `/receipts/${run_id}`, { key: house.agent })).json.links.rolled_back_by).toBeUndefined()
  })

  it('is told what was blocked, what does not exist, and what does not fit, in words for a model', async () => {
    const client = await connect('/mcp', house.agent, options)
    const blocked = await client.callTool({ name: 'agent_pr_workflow', arguments: { repo: 'myorg/app', branch: 'main' } })
    expect([blocked.isError, textOf(blocked)]).toEqual([true, expect.stringContaining('dont_push_to_main')])
    const unknown = await client.callTool({ name: 'rm_everything', arguments: {} })
    expect(textOf(unknown)).toContain('allow_list')
    const id = /Receipt: (\S+)/.exec(textOf(unknown))![1]
    expect((await call('GET', `/receipts/${id}`, { key: house.agent })).json.decision).toBe('BLOCK')
    const wrong = await client.callTool({ name: 'create_issue', arguments: { repo: 7 } })
    expect([wrong.isError, textOf(wrong)]).toEqual([true, expect.stringContaining('invalid')])
    expect((await client.callTool({ name: 'enact_read_receipt', arguments: { run_id: 'x' } })).isError).toBe(true)
  })

  it('is told where people decide; the run carries on by itself once they have', async () => {
    const client = await connect('/mcp', house.agent, options)
    const pr_number = await pullRequest()
    const held = await client.callTool({ name: 'close_pr', arguments: { repo: 'myorg/app', pr_number } })
    expect(held.isError).toBe(true)
    const run_id = runOf(textOf(held))
    await submit((await linksTo(house.ann, hitlOf(textOf(held)))).approve)
    const done = jsonOf(await client.callTool({ name: 'enact_read_run', arguments: { run_id, wait: 20 } }))
    expect(done).toMatchObject({ status: 'DONE', decision: 'PASS', outcome: 'SUCCEEDED' })
  })
})

describe('approval inside the protocol', () => {
  it('waits for the person and gives the result of the same run', async () => {
    const client = await connect('/mcp', house.agent, {
      open: async (url) => void (await submit((await linksTo(house.ann, hitlOf(url))).approve))
    })
    const pr_number = await pullRequest()
    const done = jsonOf(await client.callTool({ name: 'close_pr', arguments: { repo: 'myorg/app', pr_number } }))
    expect(done).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED' })
  })
})

describe('asking twice', () => {
  const body = (id: number, title: string) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'create_issue', arguments: { repo: 'myorg/app', title } }
  })
  const ask = (id: number, title: string, headers: Record<string, string>) =>
    call('POST', '/mcp', {
      key: house.agent,
      body: body(id, title),
      headers: { accept: 'application/json, text/event-stream', ...headers }
    })
  const runIn = (text: string) => /\\"run_id\\":\\"([0-9a-f-]{36})/.exec(text)![1]

  it('with one Idempotency-Key, or one request id of a session, is asking once; without either it is asking twice', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() }
    expect(runIn((await ask(1, 'Once', key)).text)).toBe(runIn((await ask(2, 'Once', key)).text))
    expect((await ask(3, 'Other', key)).text).toContain('idempotency_key_reused')
    const client = await connect('/mcp', house.agent, { legacy: true })
    const session = { 'mcp-session-id': (client.transport as unknown as { sessionId: string }).sessionId }
    expect(runIn((await ask(70, 'Session', session)).text)).toBe(runIn((await ask(70, 'Session', session)).text))
    expect(runIn((await ask(70, 'Free', {})).text)).not.toBe(runIn((await ask(70, 'Free', {})).text))
  })
})

describe('who may', () => {
  it('do what: scopes as everywhere, and nothing of another team', async () => {
    const reader = await connect('/mcp', await makeKey('own-tools', ['read']))
    const refused = await reader.callTool({ name: 'create_issue', arguments: { repo: 'myorg/app', title: 'x' } })
    expect([refused.isError, textOf(refused)]).toEqual([true, expect.stringContaining('forbidden')])
    const runner = await connect('/mcp', await makeKey('own-tools', ['run']))
    expect(textOf(await runner.callTool({ name: 'enact_search_receipts', arguments: {} }))).toContain('forbidden')
    const owner = await connect('/mcp', house.agent)
    const { run_id } = jsonOf(await owner.callTool({ name: 'create_issue', arguments: { repo: 'myorg/app', title: 'Ours' } }))
    const stranger = await connect('/mcp', await makeKey('own-tools-rival', ['admin']))
    for (const name of ['enact_read_receipt', 'enact_verify_receipt', 'enact_read_run', 'enact_plan_rollback'])
      expect(textOf(await stranger.callTool({ name, arguments: { run_id } }))).toContain('not_found')
    expect(jsonOf(await stranger.callTool({ name: 'enact_search_receipts', arguments: { search: 'Ours' } })).data).toEqual([])
  })
})
