// A Mastra agent with its tools behind Enact. `node examples/frameworks/mastra.ts`, with `npm install @mastra/core zod`.
import { randomBytes } from 'node:crypto'
import { Agent } from '@mastra/core/agent'
import { createTool } from '@mastra/core/tools'
import { convertArrayToReadableStream, mockValues, MockLanguageModelV3 } from 'ai/test'
import { EnactClient, TOOL_ACTIONS, toolSystem } from 'enact'
import { enactHooks } from 'enact/mastra'
import { blockHomeDirDestructive } from 'enact/policies'
import * as z from 'zod'

const enact = new EnactClient({
  systems: { agent: toolSystem() },
  policies: [blockHomeDirDestructive()],
  actions: TOOL_ACTIONS,
  secret: randomBytes(32).toString('hex')
})

const bash = createTool({
  id: 'bash',
  description: 'Runs a shell command',
  inputSchema: z.object({ command: z.string() }),
  execute: async ({ command }) => `ran ${command}`
})

// A scripted model, in place of `model: 'openai/gpt-…'`.
const call = (toolCallId: string, command: string) => ({
  type: 'tool-call',
  toolCallId,
  toolName: 'bash',
  input: JSON.stringify({ command })
})
const end = (unified: string) => ({
  type: 'finish',
  usage: { inputTokens: {}, outputTokens: {} },
  finishReason: { unified, raw: undefined }
})
const text = [
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: 'I may not delete the home folder.' },
  { type: 'text-end', id: 't' }
]
const answer = mockValues([call('1', 'rm -rf ~'), call('2', 'ls'), end('tool-calls')], [...text, end('stop')])
const model = new MockLanguageModelV3({ doStream: async () => ({ stream: convertArrayToReadableStream(answer() as never[]) }) })

const hooks = enactHooks({ enact, user_email: 'agent@company.com' })
const agent = new Agent({ id: 'cleaner', name: 'Cleaner', instructions: 'Clean up.', model: model as never, tools: { bash }, hooks })
const output = await agent.stream('Clean up', { maxSteps: 3 })
for await (const chunk of output.fullStream) {
  if (chunk.type === 'tool-error') console.log(String(chunk.payload.error))
  if (chunk.type === 'tool-result') console.log(chunk.payload.result)
}
console.log(await output.text)
