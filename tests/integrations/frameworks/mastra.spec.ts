// The adapter of Mastra on the real `@mastra/core`, with a scripted model.
import { Agent } from '@mastra/core/agent'
import type { MastraModelConfig } from '@mastra/core/llm'
import { createTool } from '@mastra/core/tools'
import { MockLanguageModelV3 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { enactHooks } from '../../../src/integrations/mastra.ts'
import type { Gate } from '../../../src/client.ts'
import { counted, embedded, receiptsOf, scripted } from './gates.ts'

const BAD = { id: 'bad', command: 'rm -rf ~' }
const GOOD = { id: 'good', command: 'ls -la' }
const usage = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } }

function agent(enact: Gate, calls: (typeof BAD)[], fails = false) {
  const bash = counted(({ command }: { command: string }) => ({ ran: command }))
  let turn = 0
  let seen = ''
  const model = new MockLanguageModelV3({
    doStream: async ({ prompt }) => {
      seen = JSON.stringify(prompt)
      const isFirst = turn++ === 0
      const parts = isFirst
        ? calls.map(({ id, command }) => ({
            type: 'tool-call' as const,
            toolCallId: id,
            toolName: 'Bash',
            input: JSON.stringify({ command })
          }))
        : [
            { type: 'text-start' as const, id: '0' },
            { type: 'text-delta' as const, id: '0', delta: 'done' },
            { type: 'text-end' as const, id: '0' }
          ]
      const finish = {
        type: 'finish' as const,
        usage,
        finishReason: { unified: isFirst ? ('tool-calls' as const) : ('stop' as const), raw: undefined }
      }
      return {
        stream: new ReadableStream({
          start(controller) {
            for (const part of [{ type: 'stream-start' as const, warnings: [] }, ...parts, finish]) controller.enqueue(part)
            controller.close()
          }
        })
      }
    }
  })
  const Bash = createTool({
    id: 'Bash',
    description: 'Runs a command',
    inputSchema: z.object({ command: z.string() }),
    execute: async (input) => {
      if (fails) throw new Error('no such shell')
      return bash.run(input)
    }
  })
  const made = new Agent({
    id: 'a',
    name: 'A',
    instructions: 'go on',
    model: model as unknown as MastraModelConfig,
    tools: { Bash },
    hooks: enactHooks({ enact, user_email: 'agent@company.com' })
  })
  return { agent: made, calls: bash.calls, seen: () => seen }
}

describe('enactHooks', () => {
  it('runs what passes with its outcome in the receipt, and tells the model why it did not run the rest', async () => {
    const enact = embedded()
    const of = agent(enact, [BAD, GOOD])
    const { text } = await (await of.agent.stream('go on', { maxSteps: 3 })).getFullOutput()
    expect([text, of.calls]).toEqual(['done', [{ command: 'ls -la' }]])
    expect(of.seen()).toContain('Enact blocked this: block_home_dir_destructive')
    const receipts = await receiptsOf(enact)
    expect(receipts).toMatchObject([
      { decision: 'BLOCK', outcome: 'NONE', links: { tool_use_id: 'bad' } },
      { decision: 'PASS', outcome: 'SUCCEEDED', actions_taken: [{ output: { ran: 'ls -la' } }] }
    ])
  })

  it('passes on what a tool throws, and the receipt says FAILED', async () => {
    const enact = embedded()
    const of = agent(enact, [GOOD], true)
    await (await of.agent.stream('go on', { maxSteps: 3 })).getFullOutput()
    expect(of.seen()).toContain('no such shell')
    expect(await receiptsOf(enact)).toMatchObject([{ outcome: 'FAILED' }])
  })

  it.each([
    ['HOLD', 'ask for exactly the same again'],
    ['away', 'Enact could not be asked']
  ] as const)('runs nothing where the gate says %s, and the model goes on', async (answer, words) => {
    const of = agent(scripted(answer), [GOOD])
    const { text } = await (await of.agent.stream('go on', { maxSteps: 3 })).getFullOutput()
    expect([text, of.calls]).toEqual(['done', []])
    expect(of.seen()).toContain(words)
    expect(of.seen()).not.toContain('enact.internal')
  })
})
