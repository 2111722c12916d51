// The Claude Agent SDK with every tool call behind Enact. `ANTHROPIC_API_KEY=… node examples/frameworks/claude_agent_sdk.ts "…"`, with
// `npm install @anthropic-ai/claude-agent-sdk`.
import { randomBytes } from 'node:crypto'
import { query } from '@anthropic-ai/claude-agent-sdk'
import { EnactClient, TOOL_ACTIONS, toolSystem } from 'enact'
import { enactGate } from 'enact/claude-agent-sdk'
import { blockHomeDirDestructive } from 'enact/policies'

// Embedded; against an installation: `new EnactEdge({ url, apiKey })` from `enact/client`, and people can be waited for with `waitMs`.
const enact = new EnactClient({
  systems: { agent: toolSystem() },
  policies: [blockHomeDirDestructive()],
  actions: TOOL_ACTIONS,
  secret: randomBytes(32).toString('hex')
})
const gate = enactGate({ enact, user_email: 'agent@company.com' })

const options = { hooks: gate.hooks, canUseTool: gate.canUseTool, settingSources: [], maxTurns: 5 }
for await (const message of query({ prompt: process.argv[2] ?? 'Delete my home folder', options }))
  if (message.type === 'result') console.log(message.subtype === 'success' ? message.result : message.subtype)

for (const receipt of (await enact.receipts.list('local', { limit: 10 })).data)
  if (receipt.decision === 'BLOCK') console.log(receipt.policy_results.map(({ policy, reason }) => `${policy}: ${reason}`).join('\n'))
