// OpenAI Agents with its tools behind Enact. `node examples/frameworks/openai_agents.ts`, with `npm install @openai/agents zod`.
import { randomBytes } from 'node:crypto'
import { Agent, run, setTracingDisabled, tool, Usage, type Model } from '@openai/agents-core'
import { EnactClient, TOOL_ACTIONS, toolSystem } from 'enact'
import { enactTools } from 'enact/openai-agents'
import { blockHomeDirDestructive } from 'enact/policies'
import * as z from 'zod'

setTracingDisabled(true)
const enact = new EnactClient({
  systems: { agent: toolSystem() },
  policies: [blockHomeDirDestructive()],
  actions: TOOL_ACTIONS,
  secret: randomBytes(32).toString('hex')
})

const bash = tool({
  name: 'bash',
  description: 'Runs a shell command',
  parameters: z.object({ command: z.string() }),
  execute: async ({ command }) => `ran ${command}`
})

// A scripted model, in place of `model: 'gpt-…'`.
let turn = 0
const call = (callId: string, command: string) =>
  ({ type: 'function_call', status: 'completed', callId, name: 'bash', arguments: JSON.stringify({ command }) }) as const
const said = {
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'I may not delete the home folder.' }]
} as const
const model: Model = {
  getResponse: async () => ({
    usage: new Usage(),
    output: turn++ === 0 ? [call('1', 'rm -rf ~'), call('2', 'ls')] : [{ ...said, content: [...said.content] }]
  }),
  getStreamedResponse: () => Promise.reject(new Error('not streamed')) as never
}

const agent = new Agent({ name: 'Cleaner', model, tools: enactTools([bash], { enact, user_email: 'agent@company.com' }) })
const result = await run(agent, 'Clean up')
for (const item of result.newItems) if (item.type === 'tool_call_output_item') console.log(item.output)
console.log(result.finalOutput)
