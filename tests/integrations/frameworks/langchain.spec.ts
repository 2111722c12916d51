// The adapter of LangChain on the real `langchain`, with a scripted model.
import { Command, MemorySaver } from '@langchain/langgraph'
import { AIMessage, createAgent, createMiddleware, fakeModel, HumanMessage, tool, ToolMessage } from 'langchain'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { enactMiddleware, type LangChainOptions } from '../../../src/integrations/langchain.ts'
import { counted, embedded, receiptsOf, scripted } from './gates.ts'

const BAD = { name: 'Bash', args: { command: 'rm -rf ~' }, id: 'bad' }
const GOOD = { name: 'Bash', args: { command: 'ls -la' }, id: 'good' }
const go = { messages: [new HumanMessage('go on')] }

function agent(options: Omit<LangChainOptions<ToolMessage>, 'ToolMessage' | 'user_email'>, calls: (typeof BAD)[], fails = false) {
  const bash = counted(({ command }: { command: string }) => ({ ran: command }))
  const Bash = tool(
    async (input) => {
      if (fails) throw new Error('no such shell')
      return bash.run(input)
    },
    { name: 'Bash', description: 'Runs a command', schema: z.object({ command: z.string() }) }
  )
  const made = createAgent({
    model: fakeModel().respondWithTools(calls).respond(new AIMessage('done')),
    tools: [Bash],
    middleware: [createMiddleware(enactMiddleware({ ToolMessage, user_email: 'agent@company.com', ...options }))],
    checkpointer: new MemorySaver()
  })
  return { agent: made, calls: bash.calls }
}

const thread = { configurable: { thread_id: 't1' } }
const toolMessages = ({ messages }: { messages: unknown[] }) =>
  messages.filter((message) => ToolMessage.isInstance(message)).map(({ status, content }) => [status, content])

describe('enactMiddleware', () => {
  it('runs what passes with its outcome in the receipt, and tells the model why it did not run the rest', async () => {
    const enact = embedded()
    const of = agent({ enact }, [BAD, GOOD])
    const result = await of.agent.invoke(go, thread)
    expect([result.messages.at(-1)!.content, of.calls]).toEqual(['done', [{ command: 'ls -la' }]])
    expect(toolMessages(result)[0]).toEqual(['error', expect.stringContaining('Enact blocked this: block_home_dir_destructive') as string])
    const receipts = await receiptsOf(enact)
    expect(receipts).toMatchObject([
      { decision: 'BLOCK', outcome: 'NONE', links: { tool_use_id: 'bad' }, actor: { session_id: 't1' } },
      { decision: 'PASS', outcome: 'SUCCEEDED', actions_taken: [{ output: { result: '{"ran":"ls -la"}' } }] }
    ])
  })

  it('passes on what a tool throws, and the receipt says FAILED', async () => {
    const enact = embedded()
    await expect(agent({ enact }, [GOOD], true).agent.invoke(go, thread)).rejects.toThrow('no such shell')
    expect(await receiptsOf(enact)).toMatchObject([{ outcome: 'FAILED', actions_taken: [{ error: { message: 'no such shell' } }] }])
  })

  it.each([
    ['HOLD', 'ask for exactly the same again'],
    ['away', 'Enact could not be asked']
  ] as const)('runs nothing where the gate says %s, and the model goes on', async (answer, words) => {
    const of = agent({ enact: scripted(answer) }, [GOOD])
    const result = await of.agent.invoke(go, thread)
    expect([result.messages.at(-1)!.content, of.calls]).toEqual(['done', []])
    expect(String(toolMessages(result)[0]![1])).toContain(words)
    expect(JSON.stringify(result)).not.toContain('enact.internal')
  })

  it('interrupts the graph on a hold where it is told to, and executes nothing that Enact still holds when it is resumed', async () => {
    for (const answer of ['HOLD', 'PASS'] as const) {
      const gate = scripted('HOLD')
      const of = agent({ enact: gate, onHold: 'interrupt' }, [GOOD])
      const held = (await of.agent.invoke(go, thread)) as { __interrupt__?: unknown[] }
      expect(held.__interrupt__).toHaveLength(1)
      gate.answer = answer
      const result = await of.agent.invoke(new Command({ resume: 'yes' }), thread)
      expect(result.messages.at(-1)!.content).toBe('done')
      expect(of.calls).toEqual(answer === 'PASS' ? [{ command: 'ls -la' }] : [])
    }
  })
})
