// Cloudflare Agents behind Enact, without HTTP and without a key: the Worker that hosts the agent is bound to the Worker that is Enact.
// wrangler.toml: services = [{ binding = "ENACT", service = "enact", entrypoint = "EnactEntrypoint",
//   props = { team_id = "acme", user_email = "agent@company.com" } }]
import { tool, type LanguageModel } from 'ai'
import type { Gate } from 'enact/client'
import { enactHarness } from 'enact/cloudflare-agents'
import * as z from 'zod'

/** What the harness of an agent is made of: `new ThinkHarness(harnessOptions(env, model))` from `agents/harness/think`. */
export function harnessOptions(env: { readonly ENACT: Gate }, model: LanguageModel) {
  const bash = tool({
    description: 'Runs a shell command',
    inputSchema: z.object({ command: z.string() }),
    execute: async ({ command }) => `ran ${command}`
  })
  return { model, tools: { bash }, ...enactHarness({ enact: env.ENACT, user_email: 'agent@company.com' }) }
}
