// The allowlist of a team, checked at start: what is not listed does not exist, and what would be disarmed in silence refuses to start.
import { checkAlerts, type AlertRule } from './alert.ts'
import { checkAnomalyRules, type AnomalyRules, type AnomalyRulesInput } from './anomaly_rules.ts'
import { digestOf } from './canonical.ts'
import type { AnyAction, System } from './connector.ts'
import { fault } from './fault.ts'
import { describeUpstreams, mcpUpstreams, type McpUpstream } from './mcp.ts'
import type { Hash } from './ports.ts'
import type { Policy } from './policy.ts'
import type { Json } from './schema.ts'
import { ENGINE_VERSION } from './version.ts'
import type { Workflow } from './workflow.ts'

/** What one team may use. `actions` are those an agent may run alone: `delete_row` or `postgres.delete_row`. */
export interface TeamConfig {
  readonly connectors: readonly System[]
  readonly policies: readonly Policy[]
  readonly workflows: readonly Workflow[]
  readonly actions?: readonly string[]
  /** MCP servers that the gateway stands in front of. */
  readonly mcp?: readonly McpUpstream[]
  /** What people are alerted to; the built-in rules unless given, nothing where it is empty. */
  readonly alerts?: readonly AlertRule[]
  /** What counts as unusual activity, where the defaults do not fit. */
  readonly anomaly?: AnomalyRulesInput
}

/** Strings from the host's environment. */
export type Env = Readonly<Record<string, string | undefined>>

/** What the host has bound that is no string: the bucket `FILES`, the mail sender `EMAIL`. Empty in Node. */
export type Bindings = Readonly<Record<string, unknown>>

/** Gives a team's allowlist, or null for a team that has nothing. */
export type Config = (env: Env, team: string, bindings: Bindings) => TeamConfig | null

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
  /** The actions that may be run alone, under both spellings. */
  readonly actions: ReadonlyMap<string, Target>
  /** MCP servers behind the gateway, by id. */
  readonly mcp: ReadonlyMap<string, McpUpstream>
  /** Any action of any system by name, internal ones included: for workflows' calls and inverses. */
  target(system: string, name: string): Target | null
  /** The policies that judge a request for this workflow, action or `rollback:` id. */
  requestPolicies(id: string): readonly Policy[]
  /** The policies that judge one call of this action. */
  callPolicies(target: Target): readonly Policy[]
  /** Null = the configuration says nothing of alerts. Not in the digest: they change no verdict. */
  readonly alerts: readonly AlertRule[] | null
  /** Not in the digest either. */
  readonly anomaly: AnomalyRules
  readonly digest: string
}

/** Keys that the gate itself adds to what is judged, or says beside it (the action's name), so that every request has them. */
export const AMBIENT_KEYS: ReadonlySet<string> = new Set(['actor_role', 'hitl_id', 'action'])

/** Checks a team's configuration; throws fault `misconfigured` naming the first thing that is wrong. */
export function install(config: TeamConfig, hash: Hash): Installation {
  if (config.policies.length === 0) throw fault('misconfigured', 'no policies are configured: an empty policy list would allow everything')
  const systems = unique('connector', config.connectors)
  const workflows = unique('workflow', config.workflows)
  const targets = targetsOf(systems)
  const find = (system: string, name: string) => targets.get(`${system}.${name}`) ?? null
  const uses = new Map([...workflows.values()].map((workflow) => [workflow.id, usesOf(workflow, find)]))
  const actions = allowedActions(config.actions ?? [], [...targets.values()])
  const mcp = mcpUpstreams(config.mcp ?? [], actions.has('agent.mcp'))
  const calls = new Map<Target, readonly Policy[]>()
  for (const target of targets.values()) {
    const keys = Object.keys(target.action.input.shape)
    calls.set(
      target,
      config.policies.filter((policy) => guards(policy, target) && canRead(policy, keys))
    )
  }
  const requests = new Map<string, readonly Policy[]>()
  for (const workflow of workflows.values()) {
    const keys = Object.keys(workflow.payload.shape)
    // A budget of actions counts the calls that are really made, not the request for them.
    const concerns = (policy: Policy) =>
      policy.on === null || (policy.budget === null && uses.get(workflow.id)!.some((target) => guards(policy, target)))
    requests.set(
      workflow.id,
      config.policies.filter((policy) => concerns(policy) && canRead(policy, keys))
    )
  }
  for (const target of new Set(actions.values())) {
    const keys = Object.keys(target.action.input.shape)
    requests.set(
      target.id,
      config.policies.filter((policy) => (policy.on === null || guards(policy, target)) && canRead(policy, keys))
    )
  }
  const rollback = config.policies.filter((policy) => policy.on?.includes('rollback'))
  refuseUnused(config.policies, [rollback, ...requests.values(), ...[...uses.values()].flat().map((target) => calls.get(target) ?? [])])
  refuseUncountable(config.policies, new Set([...actions.values(), ...[...uses.values()].flat()]))
  return {
    systems,
    policies: config.policies,
    workflows,
    actions,
    mcp,
    target: find,
    requestPolicies: (id) => (id.startsWith('rollback:') ? rollback : (requests.get(id) ?? [])),
    callPolicies: (target) => calls.get(target) ?? [],
    alerts: config.alerts === undefined ? null : checkAlerts(config.alerts),
    anomaly: checkAnomalyRules(config.anomaly),
    digest: digestOf(describe(config, [...workflows.keys()], [...actions.keys()], mcp), hash)
  }
}

function unique<T extends { readonly id: string }>(kind: string, values: readonly T[]): Map<string, T> {
  const byId = new Map<string, T>()
  for (const value of values) {
    if (byId.has(value.id)) throw fault('misconfigured', `${kind} \`${value.id}\` is configured twice`)
    byId.set(value.id, value)
  }
  return byId
}

function targetsOf(systems: ReadonlyMap<string, System>): Map<string, Target> {
  const all = [...systems.values()].flatMap((system) => Object.entries(system.actions).map(([name, action]) => ({ name, system, action })))
  const owners = new Map<string, System[]>()
  for (const { name, system } of all) owners.set(name, [...(owners.get(name) ?? []), system])
  return new Map(
    all.map((one) => [
      `${one.system.id}.${one.name}`,
      { ...one, id: ownerOf(owners.get(one.name)!) === one.system ? one.name : `${one.system.id}.${one.name}` }
    ])
  )
}

/** The system whose action a bare name is; null where it could be another's. What agents do with their own tools gives way to what Enact does. */
function ownerOf(systems: readonly System[]): System | null {
  const acting = systems.filter((system) => system.isObserved !== true)
  const [only = null, ...others] = acting.length > 0 ? acting : systems
  return others.length === 0 ? only : null
}

function usesOf(workflow: Workflow, find: Installation['target']): Target[] {
  return Object.entries(workflow.uses).flatMap(([system, actions]) =>
    Object.keys(actions).map((name) => {
      const target = find(system, name)
      if (target === null)
        throw fault('misconfigured', `workflow \`${workflow.id}\` uses \`${system}.${name}\`, which no configured connector has`)
      return target
    })
  )
}

function allowedActions(ids: readonly string[], targets: readonly Target[]): Map<string, Target> {
  const allowed = new Map<string, Target>()
  for (const id of ids) {
    const named = targets.filter((target) => target.name === id || `${target.system.id}.${target.name}` === id)
    const owned = named.filter((target) => target.id === id)
    const found = owned.length > 0 ? owned : named
    const target = found[0]
    if (target === undefined) throw fault('misconfigured', `action \`${id}\` is listed, but no configured connector has it`)
    if (found.length > 1)
      throw fault('misconfigured', `action \`${id}\` is ambiguous: write ${found.map((one) => `\`${one.id}\``).join(' or ')}`)
    if (target.action.mutates && target.action.internal)
      throw fault('misconfigured', `action \`${id}\` only serves rollbacks and cannot be listed`)
    allowed.set(target.id, target).set(`${target.system.id}.${target.name}`, target)
  }
  return allowed
}

function guards(policy: Policy, target: Target): boolean {
  const { system, name, action } = target
  const named = (on: string) =>
    on === name || on === `${system.id}.${name}` || on === `${system.id}.*` || (action.mutates && on === `${system.id}.writes`)
  return policy.on !== null && policy.on.some(named)
}

/** A policy can judge what has one of the keys it reads; with ambient keys only, or none at all, it judges everything it is on. */
function canRead(policy: Policy, keys: readonly string[]): boolean {
  const needed = policy.readKeys.filter((key) => !AMBIENT_KEYS.has(key))
  return needed.length === 0 || needed.some((key) => keys.includes(key))
}

function refuseUnused(policies: readonly Policy[], judging: readonly (readonly Policy[])[]): void {
  for (const policy of policies) {
    if (judging.some((some) => some.includes(policy))) continue
    const reads = policy.readKeys.length > 0 ? ` with one of the keys ${policy.readKeys.map((key) => `\`${key}\``).join(', ')}` : ''
    const on = policy.on === null ? 'no workflow or action' : `nothing in use of ${policy.on.map((one) => `\`${one}\``).join(', ')}`
    throw fault('misconfigured', `policy \`${policy.id}\` would never judge anything: ${on}${reads} is configured`)
  }
}

/** Two budgets with one counter would count everything twice; one that nobody can tell beforehand would let through what it should stop. */
function refuseUncountable(policies: readonly Policy[], targets: ReadonlySet<Target>): void {
  const ids = new Set<string>()
  for (const policy of policies) {
    const { id, budget } = policy
    if (budget === null) continue
    if (ids.has(budget.id))
      throw fault('misconfigured', `policy \`${id}\` counts the same twice: of \`${budget.id}\` keep the one with the smaller \`max\``)
    ids.add(budget.id)
    const { output } = budget
    if (output === null || budget.atMost !== null) continue
    const vague = [...targets].find(
      ({ action, ...target }) => guards(policy, { action, ...target }) && !(action.mutates && Object.hasOwn(action.bounds ?? {}, output))
    )
    if (vague !== undefined)
      throw fault(
        'misconfigured',
        `policy \`${id}\`: nobody can tell before how much \`${output}\` \`${vague.id}\` will be: give \`at_most\``
      )
  }
}

/** What the digest covers: everything that can change a verdict or what an action may reach. */
function describe(
  config: TeamConfig,
  workflows: readonly string[],
  actions: readonly string[],
  mcp: ReadonlyMap<string, McpUpstream>
): Json {
  return {
    engine_version: ENGINE_VERSION,
    connectors: config.connectors.map(({ id, scope, missing }) => ({ id, scope, missing })),
    policies: config.policies.map(({ id, params, on, mode }) => ({ id, params, on: on === null ? null : [...on], mode })),
    workflows: [...workflows],
    actions: [...actions].sort(),
    ...(mcp.size === 0 ? {} : { mcp: describeUpstreams(mcp) })
  }
}
