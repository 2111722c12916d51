// LangChain with every tool call behind Enact. `node examples/frameworks/langchain.ts`, with `npm install langchain zod`.
import { randomBytes } from 'node:crypto'
import { EnactClient, TOOL_ACTIONS, toolSystem } from 'enact'
import { enactMiddleware } from 'enact/langchain'
import { blockHomeDirDestructive } from 'enact/policies'
import { AIMessage, createAgent, createMiddleware, fakeModel, HumanMessage, tool, ToolMessage } from 'langchain'
import * as z from 'zod'

const enact = new EnactClient({
  systems: { agent: toolSystem() },
  policies: [blockHomeDirDestructive()],
  actions: TOOL_ACTIONS,
  secret: randomBytes(32).toString('hex')
})

const bash = tool(async ({ command }: { command: string }) => `ran ${command}`, {
  name: 'bash',
  description: 'Runs a shell command',
  schema: z.object({ command: z.string() })
})

const agent = createAgent({
  // A scripted model, in place of `model: 'openai:gpt-…'`.
  model: fakeModel()
    .respondWithTools([
      { name: 'bash', args: { command: 'rm -rf ~' }, id: '1' },
      { name: 'bash', args: { command: 'ls' }, id: '2' }
    ])
    .respond(new AIMessage('I may not delete the home folder.')),
  tools: [bash],
  middleware: [createMiddleware(enactMiddleware({ ToolMessage, enact, user_email: 'agent@company.com' }))]
})
const { messages } = await agent.invoke({ messages: [new HumanMessage('Clean up')] })
for (const message of messages.slice(2)) console.log(message.text)
