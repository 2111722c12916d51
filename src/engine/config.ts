// The allowlist of a team, checked at start: what is not listed does not exist, what would be disarmed in silence refuses to start.
import { canonicalBytes } from './canonical.ts'
import type { AnyAction, System } from './connector.ts'
import { fault } from './fault.ts'
import type { Hash } from './ports.ts'
import { hex } from './hex.ts'
import type { Policy } from './policy.ts'
import type { JsonObject } from './schema.ts'
import { ENGINE_VERSION } from './version.ts'
import type { Workflow } from './workflow.ts'

/** What one team may use. `actions` are those an agent may run alone: `delete_row` or `postgres.delete_row`. */
export interface TeamConfig {
  readonly connectors: readonly System[]
  readonly policies: readonly Policy[]
  readonly workflows: readonly Workflow[]
  readonly actions: readonly string[]
}

/** Strings from the host's environment. */
export type Env = Readonly<Record<string, string | undefined>>

/** Gives a team's allowlist, or null for a team that has nothing. */
export type Config = (env: Env, team: string) => TeamConfig | null

/** Declares an installation: the default export of `enact.config.ts`. */
export function defineConfig(config: Config): Config {
  return config
}

/** An action in its system, under the one id it has in this installation. */
export interface Target {
  /** `delete_row`, or `postgres.delete_row` where two systems have an action of that name. */
  readonly id: string
  readonly name: string
  readonly system: System
  readonly action: AnyAction
}

/** A checked configuration with everything looked up once. */
export interface Installation {
  readonly systems: ReadonlyMap<string, System>
  readonly policies: readonly Policy[]
  readonly workflows: ReadonlyMap<string, Workflow>
  /** Actions that may be run alone, under both spellings. */
  readonly actions: ReadonlyMap<string, Target>
  /** Any action of any system by its name, internal ones included: for workflows' calls and inverses. */
  target(system: string, name: string): Target | null
  /** The policies that judge a request for this workflow, action or rollback id. */
  requestPolicies(id: string): readonly Policy[]
  /** The policies that judge one call of this action. */
  callPolicies(target: Target): readonly Policy[]
  readonly digest: string
}

/** Keys that the gate adds to what is judged, so that every request has them. */
export const AMBIENT_KEYS: ReadonlySet<string> = new Set(['actor_role'])

/** Checks a team's configuration; throws fault `misconfigured` naming the first thing that is wrong. */
export function install(config: TeamConfig, hash: Hash): Installation {
  if (config.policies.length === 0) throw fault('misconfigured', 'no policies are configured: an empty policy list would allow everything')
  const systems = unique('connector', config.connectors)
  const workflows = unique('workflow', config.workflows)
  const targets = new Map<string, Target>()
  const owners = new Map<string, number>()
  for (const system of systems.values()) for (const name of Object.keys(system.actions)) owners.set(name, (owners.get(name) ?? 0) + 1)
  for (const system of systems.values()) {
    for (const [name, action] of Object.entries(system.actions)) {
      targets.set(`${system.id}.${name}`, { id: owners.get(name) === 1 ? name : `${system.id}.${name}`, name, system, action })
    }
  }
  const actions = allowedActions(config.actions, targets, owners)
  for (const workflow of workflows.values()) checkUses(workflow, targets)
  const declared = (workflow: Workflow) => Object.entries(workflow.uses).flatMap(([system, uses]) => Object.keys(uses).map((name) => targets.get(`${system}.${name}`)!))
  const requests = new Map<string, readonly Policy[]>()
  const calls = new Map<string, readonly Policy[]>()
  for (const workflow of workflows.values()) {
    const keys = keysOf(workflow.payload)
    const uses = declared(workflow)
    requests.set(workflow.id, config.policies.filter((policy) => canRead(policy, keys) && (policy.on === null || uses.some((target) => guards(policy, target)))))
  }
  for (const target of targets.values()) {
    const keys = keysOf(target.action.input)
    const judging = config.policies.filter((policy) => canRead(policy, keys) && policy.on !== null && guards(policy, target))
    calls.set(`${target.system.id}.${target.name}`, judging)
    requests.set(target.id, config.policies.filter((policy) => judging.includes(policy) || (policy.on === null && canRead(policy, keys))))
  }
  const rollback = config.policies.filter((policy) => policy.on?.includes('rollback'))
  for (const policy of config.policies) {
    const used = rollback.includes(policy) || [...workflows.keys(), ...[...actions.values()].map((target) => target.id)].some((id) => requests.get(id)?.includes(policy)) ||
      [...workflows.values()].some((workflow) => declared(workflow).some((target) => calls.get(`${target.system.id}.${target.name}`)?.includes(policy)))
    if (!used) throw fault('misconfigured', `policy \`${policy.id}\` would never judge anything: ${whyUnused(policy)}`)
  }
  return {
    systems,
    policies: config.policies,
    workflows,
    actions,
    target: (system, name) => targets.get(`${system}.${name}`) ?? null,
    requestPolicies: (id) => (id.startsWith('rollback:') ? rollback : (requests.get(id) ?? [])),
    callPolicies: (target) => calls.get(`${target.system.id}.${target.name}`) ?? [],
    digest: `sha256:${hex(hash.sha256(canonicalBytes(describe(config), hash)))}`
  }
}
