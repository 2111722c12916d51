// The AI SDK with its tools behind Enact. `node examples/frameworks/ai_sdk.ts`, with `npm install ai zod`; the model is scripted here.
import { randomBytes } from 'node:crypto'
import { generateText, stepCountIs, tool } from 'ai'
import { MockLanguageModelV4, mockValues } from 'ai/test'
import { EnactClient, TOOL_ACTIONS, toolSystem } from 'enact'
import { enactGate } from 'enact/ai-sdk'
import { blockHomeDirDestructive } from 'enact/policies'
import * as z from 'zod'

// Embedded; against an installation: `new EnactEdge({ url, apiKey })` from `enact/client`.
const enact = new EnactClient({
  systems: { agent: toolSystem() },
  policies: [blockHomeDirDestructive()],
  actions: TOOL_ACTIONS,
  secret: randomBytes(32).toString('hex')
})
const gate = enactGate({ enact, user_email: 'agent@company.com', session_id: 'example' })

const bash = tool({
  description: 'Runs a shell command',
  inputSchema: z.object({ command: z.string() }),
  execute: async ({ command }) => `ran ${command}`
})

const call = (toolCallId: string, command: string) => ({
  type: 'tool-call' as const,
  toolCallId,
  toolName: 'bash',
  input: JSON.stringify({ command })
})
const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } } as never
const answer = mockValues(
  {
    content: [call('1', 'rm -rf ~'), call('2', 'ls')],
    finishReason: { unified: 'tool-calls' as const, raw: undefined },
    usage,
    warnings: []
  },
  {
    content: [{ type: 'text' as const, text: 'I may not delete the home folder.' }],
    finishReason: { unified: 'stop' as const, raw: undefined },
    usage,
    warnings: []
  }
)
const model = new MockLanguageModelV4({ doGenerate: async () => answer() })

const { text, steps } = await generateText({ model, tools: gate.wrapTools({ bash }), prompt: 'Clean up', stopWhen: stepCountIs(5) })
for (const part of steps[0]!.content)
  if (part.type === 'tool-error' || part.type === 'tool-result') console.log(part.type === 'tool-error' ? String(part.error) : part.output)
console.log(text)
