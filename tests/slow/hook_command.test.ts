// `enact hook`: each agent's events in, its words out; whatever is wrong is a deny, in time.
import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runHook } from '../../src/cli/hook/run.ts'
import { HOOK_AGENTS } from '../../src/integrations/hooks/index.ts'
import type { JsonObject } from '../../src/engine/index.ts'
import { enact, freshFolder } from '../cli/receipts_cli.ts'

const AGENTS = Object.values(HOOK_AGENTS)
const KEY = 'enact_live_hook'
const RUN = '0198c0de-0000-7000-8000-00000000000a'
const LAUNCHER = fileURLToPath(new URL('../../src/cli/enact.mjs', import.meta.url))

interface Asked {
  readonly url: string
  readonly body: JsonObject
  readonly key: unknown
}
const asked: Asked[] = []
let reply: (asked: Asked, response: ServerResponse) => void
const server = createServer((request: IncomingMessage, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    const one = {
      url: request.url!,
      body: body === '' ? {} : (JSON.parse(body) as JsonObject),
      key: request.headers['x-enact-api-key'] ?? request.headers.authorization
    }
    asked.push(one)
    reply(one, response)
  })
})
const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
const failing = { policy: 'p', passed: false, effect: 'deny', reason: 'it is not allowed' }
const decided = (decision: string, more = {}) => ({ run_id: RUN, decision, policy_results: decision === 'PASS' ? [] : [failing], ...more })

let env: Record<string, string>
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(async () => {
  asked.length = 0
  env = {
    ENACT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ENACT_API_KEY: KEY,
    ENACT_HOME: await freshFolder(),
    HOME: '/nowhere'
  }
  reply = (_one, response) => json(response, 200, decided('PASS'))
})

async function* inputOf(text: string) {
  yield text
}
const hook = (agent: string, event: unknown, words: readonly string[] = []) =>
  runHook([agent, ...words], inputOf(typeof event === 'string' ? event : JSON.stringify(event)), env)
const afterOf: Readonly<Record<string, (before: JsonObject) => JsonObject>> = {
  codex: (event) => ({ ...event, hook_event_name: 'PostToolUse', tool_response: { output: 'ok' } }),
  gemini: (event) => ({ ...event, hook_event_name: 'AfterTool', tool_response: { llmContent: 'ok' } }),
  cursor: (event) => ({ ...event, hook_event_name: 'postToolUse', tool_output: '{"output":"ok"}' }),
  copilot: (event) => ({ ...event, toolResult: { resultType: 'success', textResultForLlm: 'ok' } })
}

describe.each(AGENTS.map((agent) => [agent.id, agent] as const))('%s', (id, agent) => {
  test('blocks a destructive command and lets a harmless one through, without a server', async () => {
    const blocked = await hook(id, agent.canary('rm -rf ~', 's'), ['--local'])
    const passed = await hook(id, agent.canary('git status', 's'), ['--local'])
    expect([agent.blocks(blocked), agent.blocks(passed)]).toEqual([true, false])
    expect(blocked.stdout + blocked.stderr).toContain('block_home_dir_destructive')
    expect((await readdir(join(env.ENACT_HOME!, 'receipts'))).filter((name) => name.endsWith('.json'))).toHaveLength(2)
  })

  test.each([
    ['nothing', ''],
    ['no JSON', '{"hook_event_name":"PreToolUse"'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a NUL and half a surrogate', '\u0000\ud800'],
    ['an object that says nothing', '{}'],
    ['a tool without a name', JSON.stringify({ ...agent.canary('x', 's'), tool_name: null, toolName: null })],
    ['input of the wrong type', JSON.stringify({ ...agent.canary('x', 's'), tool_input: 7, toolArgs: 'rm -rf ~' })]
  ])('takes %s for a block', async (_what, event) => {
    expect(agent.blocks(await hook(id, event, ['--local']))).toBe(true)
  })

  test('blocks where the installation is not reached, refuses the key, or answers nonsense, and says why', async () => {
    const closed = { ...env, ENACT_URL: 'http://127.0.0.1:9' }
    const event = JSON.stringify(agent.canary('git status', 's'))
    const unreached = await runHook([id], inputOf(event), closed)
    expect(agent.blocks(unreached)).toBe(true)
    expect(unreached.stdout + unreached.stderr).toContain('no answer from')
    for (const [status, body] of [
      [401, { code: 'unauthorized', detail: 'unknown key' }],
      [500, {}],
      [200, []]
    ] as const) {
      reply = (_one, response) => json(response, status, body)
      expect(agent.blocks(await hook(id, event)), String(status)).toBe(true)
    }
    expect(agent.blocks(await runHook([id], inputOf(event), { ENACT_HOME: env.ENACT_HOME })), 'nothing is configured').toBe(true)
  })

  test('--fail-open lets silence through and says so, but no refused key and no garbage', async () => {
    const event = JSON.stringify(agent.canary('git status', 's'))
    const open = await runHook([id, '--fail-open'], inputOf(event), { ...env, ENACT_URL: 'http://127.0.0.1:9' })
    expect([agent.blocks(open), open.stderr]).toEqual([false, expect.stringContaining('--fail-open')])
    reply = (_one, response) => json(response, 401, { code: 'unauthorized', detail: 'unknown key' })
    expect(agent.blocks(await hook(id, event, ['--fail-open']))).toBe(true)
    expect(agent.blocks(await hook(id, 'garbage', ['--fail-open']))).toBe(true)
  })

  test('a server that never answers, and input that never ends, are a block before the time-out', async () => {
    reply = () => undefined
    const began = performance.now()
    const unanswered = await hook(id, agent.canary('git status', 's'), ['--timeout', '2'])
    const endless = (async function* () {
      yield '{'
      await new Promise(() => undefined)
    })()
    const unread = await runHook([id, '--timeout', '2'], endless, env)
    expect([agent.blocks(unanswered), agent.blocks(unread)]).toEqual([true, true])
    expect(performance.now() - began).toBeLessThan(2 * 1_900)
  })
})

// Claude Code's events go to the route that is its hook, which has its own tests.
describe.each(AGENTS.filter(({ id }) => id !== 'claude-code').map((agent) => [agent.id, agent] as const))(
  '%s, over the network',
  (id, agent) => {
    test('asks with the key, the session and the normalised action; the event afterwards reports the outcome once', async () => {
      const before = agent.canary('git status', 'session-1')
      expect(agent.blocks(await hook(id, before))).toBe(false)
      expect(asked).toHaveLength(1)
      expect(asked[0]).toMatchObject({
        url: '/decisions',
        key: KEY,
        body: { action: 'agent.shell', session_id: 'session-1', user_email: `${id}@hooks.invalid`, input: { command: 'git status' } }
      })
      const after = afterOf[id]!(before)
      for (const _twice of [1, 2]) expect(agent.blocks(await hook(id, after))).toBe(false)
      expect(asked.slice(1).map(({ url, body }) => [url, body.success])).toEqual([[`/decisions/${RUN}/outcome`, true]])
    })

    test('a hold that nobody decides in time is a deny that says to run the same again', async () => {
      reply = ({ url }, response) =>
        json(
          response,
          200,
          url === '/decisions' ? decided('HOLD', { hitl_id: RUN, approval_url: 'https://x.example/a' }) : { status: 'PENDING' }
        )
      const said = await hook(id, agent.canary('terraform destroy', 's'), ['--timeout', '3'])
      expect(agent.blocks(said)).toBe(true)
      expect(said.stdout + said.stderr).toMatch(/https:\/\/x\.example\/a.*run exactly the same command again once approved/)
    })

    test('a hold that is approved in time passes', async () => {
      let questions = 0
      reply = ({ url }, response) => {
        if (url === '/decisions') json(response, 200, questions++ === 0 ? decided('HOLD', { hitl_id: RUN }) : decided('PASS'))
        else json(response, 200, { hitl_id: RUN, status: 'APPROVED' })
      }
      expect(agent.blocks(await hook(id, agent.canary('terraform destroy', 's')))).toBe(false)
      expect(questions).toBe(2)
    })

    test('a key that is bound to a person acts as that person', async () => {
      reply = ({ body }, response) =>
        body.user_email === 'kate@acme.example'
          ? json(response, 200, decided('PASS'))
          : json(response, 403, { code: 'forbidden', detail: 'this key may act only as `kate@acme.example`' })
      expect(agent.blocks(await hook(id, agent.canary('git status', 's')))).toBe(false)
      expect(agent.blocks(await hook(id, agent.canary('git status', 's'), ['--as', 'eve@acme.example']))).toBe(true)
    })
  }
)

test('claude-code relays every event word for word and prints the answer of the route', async () => {
  const answer = { systemMessage: 'Enact: …' }
  reply = (_one, response) => json(response, 200, answer)
  const event = { session_id: 's', hook_event_name: 'Stop', last_assistant_message: 'done' }
  expect(JSON.parse((await hook('claude-code', event, ['--timeout', '30'])).stdout)).toEqual(answer)
  expect(asked).toEqual([{ url: '/hooks/claude-code?timeout=28', body: event, key: `Bearer ${KEY}` }])
})

test('a local session remembers what its earlier processes were asked: rename, then drop', async () => {
  const event = (command: string, session: string) => HOOK_AGENTS.codex!.canary(command, session)
  const rename = `psql -c 'ALTER TABLE users RENAME TO users_old'`
  const drop = `psql -c 'DROP TABLE users_old'`
  expect((await hook('codex', event(rename, 'one'), ['--local'])).exit).toBe(0)
  expect((await hook('codex', event(drop, 'one'), ['--local'])).stderr).toContain('block_rename_then_drop')
  expect((await hook('codex', event(drop, 'two'), ['--local'])).stderr).not.toContain('`users_old` was renamed')
})

test('an unknown agent, option or time-out is exit code 2 with a word on what there is', async () => {
  for (const words of [['vim'], [], ['codex', '--nope'], ['codex', '--timeout', '0'], ['codex', 'cursor']]) {
    const said = await runHook(words, inputOf('{}'), env)
    expect([said.exit, said.stderr], words.join(' ')).toEqual([2, expect.stringMatching(/^enact hook: /)])
  }
  const { code, err } = await enact(['hook', 'gemini', '--local'], env, JSON.stringify(HOOK_AGENTS.gemini!.canary('rm -rf ~', 's')))
  expect([code, err]).toEqual([2, expect.stringContaining('block_home_dir_destructive')])
})

test('as a process: the answer is all there is on standard output, and the agent is not kept waiting', async () => {
  const child = spawn(process.execPath, [LAUNCHER, 'hook', 'cursor'], { env: { PATH: process.env.PATH, ...env }, stdio: 'pipe' })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  // Standard input stays open after the event was written in full by none: it ends here.
  child.stdin.end(JSON.stringify(HOOK_AGENTS.cursor!.canary('git status', 's')))
  const code = await new Promise((resolve) => child.on('exit', resolve))
  expect([code, JSON.parse(out)]).toEqual([0, { permission: 'allow' }])
})
