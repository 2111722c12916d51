// The adapter of OpenAI Agents on the real `@openai/agents-core`, with a scripted model.
import { Agent, run, RunState, setTracingDisabled, tool, Usage, type Model, type ModelResponse } from '@openai/agents-core'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { enactTools } from '../../../src/integrations/openai_agents.ts'
import { counted, embedded, receiptsOf, scripted } from './gates.ts'

setTracingDisabled(true)

interface Wanted {
  readonly id: string
  readonly input: object
}

/** Calls `Bash` so in its first answer, then says `done`; keeps what it was shown. */
function model(...wanted: Wanted[]): Model & { seen: string } {
  let turn = 0
  const of = {
    seen: '',
    async getResponse({ input }: { input: unknown }): Promise<ModelResponse> {
      of.seen = JSON.stringify(input)
      const calls = wanted.map(({ id, input: args }) => ({
        type: 'function_call' as const,
        callId: id,
        name: 'Bash',
        status: 'completed' as const,
        arguments: JSON.stringify(args)
      }))
      const done = {
        type: 'message' as const,
        role: 'assistant' as const,
        status: 'completed' as const,
        content: [{ type: 'output_text' as const, text: 'done' }]
      }
      return { usage: new Usage(), output: turn++ === 0 ? calls : [done] }
    },
    // oxlint-disable-next-line require-yield
    async *getStreamedResponse(): AsyncGenerator<never> {
      throw new Error('this model does not stream')
    }
  }
  return of
}

const BAD = { id: 'bad', input: { command: 'rm -rf ~' } }
const GOOD = { id: 'good', input: { command: 'ls -la' } }
const acting = { user_email: 'agent@company.com' }

function shell(run_: (command: string) => unknown = (command) => ({ ran: command })) {
  const bash = counted(({ command }: { command: string }) => run_(command))
  const Bash = tool({
    name: 'Bash',
    description: 'Runs a command',
    parameters: z.object({ command: z.string() }),
    execute: async (input) => bash.run(input)
  })
  return { calls: bash.calls, tools: [Bash] }
}

const agentOf = (of: Model, tools: ReturnType<typeof shell>['tools']) => new Agent({ name: 'A', model: of, tools })

describe('enactTools', () => {
  it('runs what passes with its outcome in the receipt, and tells the model why it did not run the rest', async () => {
    const enact = embedded()
    const { tools, calls } = shell()
    const of = model(BAD, GOOD)
    const result = await run(agentOf(of, enactTools(tools, { enact, ...acting })), 'go on')
    expect([result.finalOutput, calls]).toEqual(['done', [{ command: 'ls -la' }]])
    expect(of.seen).toContain('Enact blocked this: block_home_dir_destructive')
    const receipts = await receiptsOf(enact)
    expect(receipts).toMatchObject([
      { decision: 'BLOCK', outcome: 'NONE', links: { tool_use_id: 'bad' } },
      { decision: 'PASS', outcome: 'SUCCEEDED', actions_taken: [{ output: { ran: 'ls -la' } }] }
    ])
  })

  it('asks once a call, and reports a tool that throws as FAILED', async () => {
    const gate = scripted('PASS')
    const { tools } = shell(() => {
      throw new Error('no such shell')
    })
    const result = await run(agentOf(model(GOOD), enactTools(tools, { enact: gate, ...acting })), 'go on')
    expect(result.finalOutput).toBe('done')
    expect(gate.asked).toMatchObject([{ action: 'agent.shell', tool_use_id: 'good', user_email: 'agent@company.com' }])
    expect(gate.told).toMatchObject([{ outcome: { success: false } }])
  })

  it('makes a hold an interruption, and executes nothing that Enact still holds, whoever approves it', async () => {
    const gate = scripted('HOLD')
    const { tools, calls } = shell()
    const agent = agentOf(model(GOOD), enactTools(tools, { enact: gate, ...acting }))
    const held = await run(agent, 'go on')
    expect(held.interruptions).toHaveLength(1)
    const text = held.state.toString()
    const resume = async () => {
      const state = await RunState.fromString(agent, text)
      for (const item of state.getInterruptions()) state.approve(item)
      return run(agent, state)
    }
    await resume()
    expect(calls).toEqual([])
    gate.answer = 'PASS'
    await resume()
    expect(calls).toEqual([{ command: 'ls -la' }])
    expect(gate.told).toHaveLength(1)
  })

  it('runs nothing where the gate is out of reach, and the model goes on', async () => {
    const { tools, calls } = shell()
    const of = model(GOOD)
    const result = await run(agentOf(of, enactTools(tools, { enact: scripted('away'), ...acting })), 'go on')
    expect([result.finalOutput, calls]).toEqual(['done', []])
    expect(of.seen).toContain('Enact could not be asked')
    expect(of.seen).not.toContain('enact.internal')
  })

  it('is asked where a tool is invoked without its guardrails', async () => {
    const { tools, calls } = shell()
    const [Bash] = enactTools(tools, { enact: embedded(), ...acting })
    const said = await Bash!.invoke({ context: undefined } as never, JSON.stringify(BAD.input))
    expect([String(said), calls]).toEqual([expect.stringContaining('Enact blocked this') as string, []])
  })

  it('gives every execution its own verdict where a model uses an id twice', async () => {
    const gate = scripted('PASS')
    const { tools, calls } = shell()
    await run(agentOf(model(GOOD, GOOD), enactTools(tools, { enact: gate, ...acting })), 'go on')
    expect(calls.length).toBeLessThanOrEqual(new Set(gate.asked.map(({ tool_use_id }) => tool_use_id)).size)
  })

  it('takes who acts from the context of the run', async () => {
    const gate = scripted('PASS')
    const { tools } = shell()
    const user_email = ({ context }: { context: unknown }) => (context as { email: string }).email
    await run(agentOf(model(GOOD), enactTools(tools, { enact: gate, user_email })), 'go on', { context: { email: 'kate@company.com' } })
    expect(gate.asked[0]).toMatchObject({ user_email: 'kate@company.com' })
  })

  it('refuses tools that run where it cannot see them', () => {
    expect(() => enactTools([{ type: 'hosted_tool', name: 'web_search' }], { enact: embedded(), ...acting })).toThrow(
      /`web_search` is no function tool/
    )
  })
})
