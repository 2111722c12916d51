// The adapter of the Claude Agent SDK on the real SDK and its real program, which talk to a scripted Messages API on this machine.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { query, type Options, type SDKResultMessage } from '@anthropic-ai/claude-agent-sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { enactGate } from '../../../src/integrations/claude_agent_sdk.ts'
import { embedded, receiptsOf, scripted } from './gates.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

interface Wanted {
  readonly id: string
  readonly command: string
}

/** A Messages API that calls `Bash` so in its first answer, then says `done`; keeps what it was shown. */
async function messagesApi(wanted: readonly Wanted[]) {
  let turn = 0
  let seen = ''
  const server: Server = createServer((request, response) => {
    void (async () => {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      if (!request.url?.startsWith('/v1/messages?')) return response.writeHead(404).end('{}')
      seen = text
      const isFirst = turn++ === 0
      const content = isFirst
        ? wanted.map(({ id, command }) => ({ type: 'tool_use', id, name: 'Bash', input: { command, description: 'go' } }))
        : [{ type: 'text', text: 'done' }]
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const send = (type: string, data: object) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`)
      const usage = { input_tokens: 1, output_tokens: 1 }
      const { model } = JSON.parse(text) as { model: string }
      send('message_start', {
        message: { id: `m${turn}`, type: 'message', role: 'assistant', model, content: [], stop_reason: null, usage }
      })
      for (const [index, part] of content.entries()) {
        const isCall = 'input' in part
        const start = isCall ? { ...part, input: {} } : { type: 'text', text: '' }
        const delta = isCall ? { type: 'input_json_delta', partial_json: JSON.stringify(part.input) } : { type: 'text_delta', text: 'done' }
        send('content_block_start', { index, content_block: start })
        send('content_block_delta', { index, delta })
        send('content_block_stop', { index })
      }
      send('message_delta', { delta: { stop_reason: isFirst ? 'tool_use' : 'end_turn', stop_sequence: null }, usage })
      send('message_stop', {})
      return response.end()
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen: () => seen }
}

/** One query in an empty home, with nothing of this machine's environment. */
async function ran(wanted: readonly Wanted[], options: Options) {
  const api = await messagesApi(wanted)
  const home = mkdtempSync(join(tmpdir(), 'enact-claude-'))
  open.push(() => rmSync(home, { recursive: true, force: true }))
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    ANTHROPIC_BASE_URL: api.url,
    ANTHROPIC_API_KEY: 'a-fake-key-of-the-tests',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1'
  }
  let result: SDKResultMessage | undefined
  for await (const message of query({ prompt: 'go on', options: { cwd: home, env, settingSources: [], maxTurns: 4, ...options } }))
    if (message.type === 'result') result = message
  return { text: result?.subtype === 'success' ? result.result : result?.subtype, seen: api.seen() }
}

const BAD = { id: 'toolu_bad', command: 'rm -rf ~' }
const GOOD = { id: 'toolu_good', command: 'echo hello from the tool' }
const acting = { user_email: 'agent@company.com' }

describe('enactGate', () => {
  it('runs what passes with its outcome in the receipt, and tells the model why it did not run the rest', async () => {
    const enact = embedded()
    const gate = enactGate({ enact, ...acting })
    const { text, seen } = await ran([BAD, GOOD], { hooks: gate.hooks, canUseTool: gate.canUseTool })
    expect(text).toBe('done')
    expect(seen).toContain('Enact blocked this: block_home_dir_destructive')
    expect(seen).toContain('hello from the tool')
    const receipts = await receiptsOf(enact)
    expect(receipts).toMatchObject([
      { decision: 'BLOCK', outcome: 'NONE', links: { tool_use_id: 'toolu_bad' } },
      { decision: 'PASS', outcome: 'SUCCEEDED', links: { tool_use_id: 'toolu_good' } }
    ])
    expect(JSON.stringify(receipts[1]!.actions_taken)).toContain('hello from the tool')
    expect(receipts[1]!.actor.session_id).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('reports a tool that fails as FAILED', async () => {
    const enact = embedded()
    const gate = enactGate({ enact, ...acting })
    await ran([{ id: 'toolu_x', command: 'echo it broke >&2; exit 3' }], { hooks: gate.hooks, canUseTool: gate.canUseTool })
    expect(await receiptsOf(enact)).toMatchObject([{ decision: 'PASS', outcome: 'FAILED' }])
  })

  it.each([
    ['HOLD', 'ask for exactly the same again'],
    ['away', 'Enact could not be asked']
  ] as const)('runs nothing where the gate says %s, even where its user allows the tool', async (answer, words) => {
    const gate = enactGate({ enact: scripted(answer), ...acting })
    const { text, seen } = await ran([GOOD], { hooks: gate.hooks, allowedTools: ['Bash'] })
    expect(text).toBe('done')
    expect(seen).toContain(words)
    expect(seen).not.toContain('"content":"hello from the tool')
    expect(seen).not.toContain('enact.internal')
  })

  it('blocks the call where the hook itself throws', async () => {
    const gate = enactGate({ enact: scripted('away'), ...acting, onUnreachable: 'throw' })
    const { seen } = await ran([GOOD], { hooks: gate.hooks, allowedTools: ['Bash'] })
    expect(seen).toContain('"is_error":true')
    expect(seen).not.toContain('"content":"hello from the tool')
  })

  it('answers the SDK’s own prompts without the hooks, too', async () => {
    const asked = scripted('BLOCK')
    const { seen } = await ran([{ id: 'toolu_t', command: 'touch made_by_tool' }], {
      canUseTool: enactGate({ enact: asked, ...acting }).canUseTool
    })
    expect(seen).toContain('Enact blocked this')
    expect(asked.asked).toMatchObject([{ action: 'agent.shell', tool_use_id: 'toolu_t' }])
  })
})
