// What is configured for the team, and what its policies blocked lately.
import * as z from 'zod'
import type { Installation, Policy, PolicyBlocks, System } from '../../engine/index.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { JsonValue } from '../schema.ts'

const Mode = z.enum(['enforce', 'shadow'])
const Block = z.strictObject({
  run_id: z.string(),
  at: z.string(),
  reason: z.string().nullable(),
  workflow: z.string(),
  user_email: z.string()
})
const PolicyShown = z.strictObject({
  policy: z.string(),
  title: z.string(),
  params: JsonValue,
  /** The actions it guards; null = every request that it can read. */
  on: z.array(z.string()).nullable(),
  facts: z.array(z.string()),
  /** The payload keys that it looks at. */
  reads: z.array(z.string()),
  mode: Mode,
  blocks_24h: z.int(),
  last_blocks: z.array(Block)
})
const ActionShown = z.strictObject({ action: z.string(), title: z.string(), mutates: z.boolean(), reversible: z.boolean() })
const Configured = z.strictObject({
  config_digest: z.string(),
  data: z.array(PolicyShown),
  workflows: z.array(z.strictObject({ id: z.string(), title: z.string() })),
  actions: z.array(z.string()),
  systems: z.array(z.strictObject({ system: z.string(), missing: z.string().nullable(), actions: z.array(ActionShown) }))
})

const NO_BLOCKS: PolicyBlocks = { blocks_24h: 0, last_blocks: [] }

/** `GET /policies`. */
export const listPolicies = route({
  id: 'listPolicies',
  method: 'GET',
  path: '/policies',
  access: ['read'],
  title: 'See what is configured',
  about: 'Policies with their parameters and last blocks, workflows, actions and systems, as `enact.config.ts` has them for this team.',
  tag: 'policies',
  answers: { 200: { title: 'All of it, on one page', schema: Configured } },
  async handle({ host, actor: { team_id } }) {
    const installation = host.installation(team_id)
    await host.ledger.project(team_id)
    const ids = installation.policies.map(({ id }) => id)
    const blocks = await host.blockLog.of(team_id, ids, host.ports.clock.now())
    return answer(200, {
      config_digest: installation.digest,
      data: installation.policies.map((policy) => ({ ...policyShown(policy), ...(blocks.get(policy.id) ?? NO_BLOCKS) })),
      workflows: [...installation.workflows.values()].map(({ id, title }) => ({ id, title })),
      actions: actionsOf(installation),
      systems: [...installation.systems.values()].map(systemShown)
    })
  }
})

function policyShown(policy: Policy) {
  const { id, title, params, on, facts, readKeys, mode } = policy
  return { policy: id, title, params, on: on === null ? null : [...on], facts: [...facts], reads: [...readKeys], mode }
}

/** Those that an agent may ask for alone, each under the one id that it has here. */
function actionsOf({ actions }: Installation): string[] {
  return [...new Set([...actions.values()].map(({ id }) => id))].sort()
}

/** Of a system that is off, all that it would have: an empty list would say that it can do nothing. */
function systemShown({ id, missing, actions, allowed }: System) {
  const isShown = (name: string) => {
    const action = actions[name]!
    return !(action.mutates && action.internal === true) && (missing !== null || allowed === null || allowed.has(name))
  }
  return {
    system: id,
    missing,
    actions: Object.entries(actions)
      .filter(([name]) => isShown(name))
      .map(([action, { title, ...rest }]) => ({
        action,
        title,
        mutates: rest.mutates,
        // What only reads leaves nothing to take back.
        reversible: !rest.mutates || rest.inverse !== 'irreversible'
      }))
  }
}
