// The adapter of the AI SDK on the real `ai`, with a scripted model.
import { generateText, isStepCount, registerTelemetry, stepCountIs, streamText, tool, ToolLoopAgent, type ModelMessage } from 'ai'
import { MockLanguageModelV4, simulateReadableStream } from 'ai/test'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { enactGate } from '../../../src/integrations/ai_sdk.ts'
import { counted, embedded, receiptsOf, scripted } from './gates.ts'

const USAGE = { inputTokens: { total: 1 }, outputTokens: { total: 1 } } as never

interface Wanted {
  readonly id: string
  readonly name: string
  readonly input: object
}

/** Calls these tools in its first answer, then says `done`. */
function model(...wanted: Wanted[]) {
  let turn = 0
  const content = (): ({ type: 'tool-call'; toolCallId: string; toolName: string; input: string } | { type: 'text'; text: string })[] =>
    turn++ === 0
      ? wanted.map(({ id, name, input }) => ({ type: 'tool-call' as const, toolCallId: id, toolName: name, input: JSON.stringify(input) }))
      : [{ type: 'text' as const, text: 'done' }]
  const finishReason = () => ({ unified: turn === 1 ? ('tool-calls' as const) : ('stop' as const), raw: undefined })
  return new MockLanguageModelV4({
    doGenerate: async () => ({ content: content(), finishReason: finishReason(), usage: USAGE, warnings: [] }),
    doStream: async () => {
      const parts = content()
      const chunks = parts.flatMap((part): object[] =>
        part.type === 'text'
          ? [
              { type: 'text-start', id: '0' },
              { type: 'text-delta', id: '0', delta: part.text },
              { type: 'text-end', id: '0' }
            ]
          : [part]
      )
      const all = [{ type: 'stream-start', warnings: [] }, ...chunks, { type: 'finish', finishReason: finishReason(), usage: USAGE }]
      return { stream: simulateReadableStream({ chunks: all as never[] }) }
    }
  })
}

const BAD = { id: 'bad', name: 'Bash', input: { command: 'rm -rf ~' } }
const GOOD = { id: 'good', name: 'Bash', input: { command: 'ls -la' } }

function shell() {
  const bash = counted(({ command }: { command: string }) => ({ ran: command }))
  return {
    calls: bash.calls,
    tools: { Bash: tool({ inputSchema: z.object({ command: z.string() }), execute: async (input) => bash.run(input) }) }
  }
}

const prompt = 'go on'
const stopWhen = stepCountIs(5)
const acting = { user_email: 'agent@company.com' }
const seen = (of: MockLanguageModelV4) => JSON.stringify(of.doGenerateCalls.at(-1)?.prompt)

describe('wrapTools', () => {
  it('runs what passes with its outcome in the receipt, and tells the model why it did not run the rest', async () => {
    const enact = embedded()
    const { tools, calls } = shell()
    const of = model(BAD, GOOD)
    const result = await generateText({ model: of, tools: enactGate({ enact, ...acting }).wrapTools(tools), prompt, stopWhen })
    expect(result.text).toBe('done')
    expect(calls).toEqual([{ command: 'ls -la' }])
    expect(seen(of)).toContain('Enact blocked this: block_home_dir_destructive')
    const [first, second] = await receiptsOf(enact)
    expect(first).toMatchObject({ decision: 'BLOCK', outcome: 'NONE', links: { tool_use_id: 'bad' } })
    expect(second).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED', actions_taken: [{ output: { ran: 'ls -la' } }] })
  })

  it('passes on what a tool throws, and the receipt says FAILED', async () => {
    const enact = embedded()
    const tools = {
      Bash: tool({
        inputSchema: z.object({ command: z.string() }),
        execute: (): Promise<object> => Promise.reject(new Error('no such shell'))
      })
    }
    const of = model(GOOD)
    await generateText({ model: of, tools: enactGate({ enact, ...acting }).wrapTools(tools), prompt, stopWhen })
    expect(seen(of)).toContain('no such shell')
    expect(await receiptsOf(enact)).toMatchObject([{ outcome: 'FAILED', actions_taken: [{ error: { message: 'no such shell' } }] }])
  })

  it('keeps a streaming tool streaming, and its last part is the output', async () => {
    const enact = embedded()
    const Bash = tool({
      inputSchema: z.object({ command: z.string() }),
      async *execute() {
        yield { percent: 50 }
        yield { percent: 100 }
      }
    })
    const parts = []
    for await (const part of streamText({
      model: model(GOOD),
      tools: enactGate({ enact, ...acting }).wrapTools({ Bash }),
      prompt,
      stopWhen
    }).fullStream)
      if (part.type === 'tool-result') parts.push(part.output)
    expect(parts).toEqual([{ percent: 50 }, { percent: 100 }, { percent: 100 }])
    expect(await receiptsOf(enact)).toMatchObject([{ outcome: 'SUCCEEDED', actions_taken: [{ output: { percent: 100 } }] }])
  })

  it.each(['HOLD', 'away'] as const)('runs nothing where the gate says %s, and the model goes on', async (answer) => {
    const gate = scripted(answer)
    const { tools, calls } = shell()
    const of = model(GOOD)
    const result = await generateText({ model: of, tools: enactGate({ enact: gate, ...acting }).wrapTools(tools), prompt, stopWhen })
    expect([result.text, calls]).toEqual(['done', []])
    expect(seen(of)).toContain(answer === 'HOLD' ? 'ask for exactly the same again' : 'Enact could not be asked')
    expect(seen(of)).not.toContain('enact.internal')
  })

  it('judges the tools of a sub-agent as those of its parent', async () => {
    const enact = embedded()
    const { tools, calls } = shell()
    const gate = enactGate({ enact, ...acting, session_id: 's' })
    const inner = new ToolLoopAgent({ model: model(BAD), tools: gate.wrapTools(tools) })
    const Agent = tool({
      inputSchema: z.object({ task: z.string() }),
      execute: async ({ task }) => (await inner.generate({ prompt: task })).text
    })
    const outer = model({ id: 'sub', name: 'Task', input: { task: 'clean up' } })
    await generateText({ model: outer, tools: gate.wrapTools({ Task: Agent }), prompt, stopWhen })
    expect(calls).toEqual([])
    expect((await receiptsOf(enact)).map(({ decision, actor }) => [decision, actor.session_id])).toEqual([
      ['BLOCK', 's'],
      ['PASS', 's']
    ])
  })
})

describe('toolApproval', () => {
  it('denies what is blocked and lets pass what passes, with telemetry for the outcome', async () => {
    const enact = embedded()
    const { tools, calls } = shell()
    const gate = enactGate({ enact, ...acting })
    const of = model(BAD, GOOD)
    const telemetry = { integrations: [gate.telemetry()] }
    await generateText({ model: of, tools, toolApproval: gate.toolApproval(), telemetry, prompt, stopWhen })
    expect(calls).toEqual([{ command: 'ls -la' }])
    expect(seen(of)).toContain('block_home_dir_destructive')
    expect((await receiptsOf(enact)).map(({ outcome }) => outcome)).toEqual(['NONE', 'SUCCEEDED'])
  })

  it('asks once where the tools are wrapped as well', async () => {
    const gate = scripted('PASS')
    const { tools, calls } = shell()
    const of = enactGate({ enact: gate, ...acting })
    const { fullStream } = streamText({ model: model(GOOD), tools: of.wrapTools(tools), toolApproval: of.toolApproval(), prompt, stopWhen })
    for await (const _part of fullStream);
    expect([calls.length, gate.asked.length, gate.told.length]).toEqual([1, 1, 1])
  })

  it('makes a hold the SDK’s request for approval, and executes nothing that Enact still holds, whatever its user answers', async () => {
    const gate = scripted('HOLD')
    const { tools, calls } = shell()
    const of = enactGate({ enact: gate, ...acting })
    const given = { tools, toolApproval: of.toolApproval(), stopWhen }
    const held = await generateText({ ...given, model: model(GOOD), prompt })
    const request = held.content.find((part) => part.type === 'tool-approval-request')
    expect(request).toMatchObject({ reason: expect.stringContaining('a person must agree') as string })
    const messages: ModelMessage[] = [
      { role: 'user', content: prompt },
      ...held.response.messages,
      { role: 'tool', content: [{ type: 'tool-approval-response', approvalId: request!.approvalId, approved: true }] }
    ]
    const resume = () => generateText({ ...given, model: model(), messages })
    await resume()
    expect(calls).toEqual([])
    gate.answer = 'PASS'
    await resume()
    expect(calls).toEqual([{ command: 'ls -la' }])
  })

  it('still asks the program’s own user about a tool that needs it', async () => {
    const { calls, tools } = shell()
    const Bash = { ...tools.Bash, needsApproval: true }
    const gate = enactGate({ enact: scripted('PASS'), ...acting })
    const result = await generateText({ model: model(GOOD), tools: { Bash }, toolApproval: gate.toolApproval(), prompt, stopWhen })
    expect(calls).toEqual([])
    expect(result.content.some(({ type }) => type === 'tool-approval-request')).toBe(true)
  })

  it('denies where the gate is out of reach, or ends the run where it is told to', async () => {
    const { tools, calls } = shell()
    const denying = enactGate({ enact: scripted('away'), ...acting })
    await generateText({ model: model(GOOD), tools, toolApproval: denying.toolApproval(), prompt, stopWhen })
    const throwing = enactGate({ enact: scripted('away'), ...acting, onUnreachable: 'throw' })
    await expect(generateText({ model: model(GOOD), tools, toolApproval: throwing.toolApproval(), prompt, stopWhen })).rejects.toThrow(
      'fetch failed'
    )
    expect(calls).toEqual([])
  })
})

/** Never run: the real types accept what the adapter gives. */
export function types() {
  const gate = enactGate({ enact: embedded(), ...acting })
  const { tools } = shell()
  registerTelemetry(gate.telemetry())
  return new ToolLoopAgent({ model: model(), tools: gate.wrapTools(tools), toolApproval: gate.toolApproval(), stopWhen: isStepCount(2) })
}
