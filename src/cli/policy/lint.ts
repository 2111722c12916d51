// What is wrong with a configuration though it starts, and what keeps it from starting. Pure.
import {
  Fault,
  install,
  type Hash,
  type Installation,
  type Json,
  type JsonObject,
  type Policy,
  type System,
  type TeamConfig
} from '../../engine/index.ts'
import { catalogue } from '../../policies/index.ts'

export type Level = 'error' | 'warning' | 'note'

/** Everything that is looked for: id → how bad it is, and what it means. */
export const RULES = {
  'does-not-start': { level: 'error', title: 'The configuration does not start' },
  'unknown-field': { level: 'error', title: 'A field that nothing reads' },
  'never-fires': { level: 'error', title: 'A policy that can never judge anything' },
  'unknown-target': { level: 'warning', title: 'A policy is bound to something that no connector has' },
  'same-policy-twice': { level: 'warning', title: 'A policy is bound twice: the strictest wins, the other says nothing' },
  contradiction: { level: 'warning', title: 'One policy allows by name what another forbids by name' },
  'empty-allow-list': { level: 'warning', title: 'An empty allow list blocks everything' },
  'open-allow-list': { level: 'warning', title: 'An allow list that allows everything' },
  'workflow-without-policy': { level: 'warning', title: 'A workflow that no policy judges' },
  'irreversible-without-approval': { level: 'warning', title: 'What cannot be undone is done without asking anybody' },
  'policy-in-shadow': { level: 'note', title: 'A policy that stops nothing until it is promoted' },
  'system-off': { level: 'note', title: 'A system that is off in this environment, and was not looked into' }
} as const satisfies Record<string, { level: Level; title: string }>
export type RuleId = keyof typeof RULES

/** One thing that was found. */
export interface Finding {
  readonly rule: RuleId
  readonly level: Level
  readonly message: string
  /** What it is about, as the file spells it: for its line. */
  readonly about: string
}

const FIELDS: ReadonlySet<string> = new Set(['connectors', 'policies', 'workflows', 'actions', 'mcp'])

/** Of a configuration that threw. */
export function lintFailure(error: unknown): Finding[] {
  const message = error instanceof Fault ? error.detail : error instanceof Error ? error.message : String(error)
  const policy = /^policy `([^`]+)`/.exec(message)?.[1] ?? ''
  return [finding('does-not-start', message, policy)]
}

/** Everything that is found, the worst first. */
export function lint(config: TeamConfig, hash: Hash): Finding[] {
  const unknown = Object.keys(config)
    .filter((field) => !FIELDS.has(field))
    .map((field) => finding('unknown-field', `\`${field}\` is no field of a configuration: ${[...FIELDS].join(', ')}`, field))
  const idle = neverFiring(config, hash)
  const rest = { ...config, policies: config.policies.filter((policy) => !idle.has(policy)) }
  const found = [
    ...unknown,
    ...[...idle].map(([policy, why]) => finding('never-fires', why, policy.id)),
    ...config.policies.flatMap((policy) => unknownTargets(policy, config.connectors)),
    ...twice(config.policies),
    ...contradictions(config.policies),
    ...config.connectors.flatMap(allowLists),
    ...config.policies
      .filter(({ mode }) => mode === 'shadow')
      .map(({ id }) => finding('policy-in-shadow', `\`${id}\` is in shadow: it stops nothing`, id)),
    ...installed(rest, hash)
  ]
  return found.toSorted((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level))
}

const ORDER: readonly Level[] = ['error', 'warning', 'note']

/** The installation's own check, asked about each policy alone. */
function neverFiring(config: TeamConfig, hash: Hash): Map<Policy, string> {
  const idle = new Map<Policy, string>()
  for (const policy of config.policies) {
    try {
      install({ ...config, policies: [policy] }, hash)
    } catch (error) {
      if (error instanceof Fault && error.detail.startsWith(`policy \`${policy.id}\` would never judge`)) idle.set(policy, error.detail)
    }
  }
  return idle
}

function installed(config: TeamConfig, hash: Hash): Finding[] {
  try {
    const installation = install(config, hash)
    return [...unjudged(installation), ...unasked(installation)]
  } catch (error) {
    return lintFailure(error)
  }
}

/** Only what this binding says: a family's own list names systems that an installation need not have. */
function unknownTargets({ id, on }: Policy, connectors: readonly System[]): Finding[] {
  if (on === null || JSON.stringify(on) === JSON.stringify(catalogue.get(id)?.definition.on ?? null)) return []
  const names = new Set(['rollback'])
  for (const { id: system, actions } of connectors) {
    for (const name of [`${system}.*`, `${system}.writes`]) names.add(name)
    for (const name of Object.keys(actions)) names.add(name).add(`${system}.${name}`)
  }
  return on
    .filter((name) => !names.has(name))
    .map((name) => finding('unknown-target', `\`${id}\` is bound to \`${name}\`, which no connector has`, name))
}

function twice(policies: readonly Policy[]): Finding[] {
  return policies.flatMap((policy, at) => {
    const earlier = policies.slice(0, at).find(({ id, on }) => id === policy.id && overlaps(on, policy.on))
    if (earlier === undefined) return []
    const isSame = JSON.stringify(earlier.params) === JSON.stringify(policy.params)
    const where = policy.on === null ? 'everything' : policy.on.map((name) => `\`${name}\``).join(', ')
    const how = isSame
      ? 'with the same parameters'
      : `with other parameters (${JSON.stringify(earlier.params)} and ${JSON.stringify(policy.params)}): both are judged, and the looser one decides nothing`
    return [finding('same-policy-twice', `\`${policy.id}\` is bound twice on ${where} ${how}`, policy.id)]
  })
}

function overlaps(a: readonly string[] | null, b: readonly string[] | null): boolean {
  return a === null || b === null || a.some((name) => b.includes(name))
}

const ALLOWS = /^(?:allowed|vetted|disposable|deletable)(?:_|$)/
const FORBIDS = /^(?:protected|forbidden|blocked|denied)(?:_|$)/

function contradictions(policies: readonly Policy[]): Finding[] {
  const lists = policies.flatMap((policy) => stringLists(policy.params).map(([name, values]) => ({ policy, name, values })))
  return lists
    .filter(({ name }) => ALLOWS.test(name))
    .flatMap((allowing) =>
      lists
        .filter(({ name, policy }) => FORBIDS.test(name) && familyOf(policy) === familyOf(allowing.policy))
        .flatMap((forbidding) => {
          const both = allowing.values.filter((value) => forbidding.values.includes(value))
          if (both.length === 0) return []
          const what = both.map((value) => `\`${value}\``).join(', ')
          return [
            finding(
              'contradiction',
              `${what}: \`${allowing.policy.id}\` allows and \`${forbidding.policy.id}\` forbids`,
              allowing.policy.id
            )
          ]
        })
    )
}

function familyOf({ id }: Policy): string {
  return catalogue.get(id)?.family ?? ''
}

function stringLists(value: Json): [string, string[]][] {
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, list]) =>
    Array.isArray(list) && list.every((item) => typeof item === 'string') ? [[name, list] as [string, string[]]] : []
  )
}

function allowLists({ id, allowed, missing, scope }: System): Finding[] {
  if (missing !== null) return [finding('system-off', `\`${id}\` is off: \`${missing}\` is not set here`, id)]
  const none = allowed !== null && allowed.size === 0 ? [finding('empty-allow-list', `\`${id}\`: \`allowed_actions\` is empty`, id)] : []
  return [
    ...none,
    ...stringLists(scope).flatMap(([name, values]) => {
      if (values.length === 0) return [finding('empty-allow-list', `\`${id}\`: \`${name}\` is empty`, id)]
      return values.includes('*') ? [finding('open-allow-list', `\`${id}\`: \`${name}\` has \`*\`: list what agents may reach`, id)] : []
    })
  ]
}

function unjudged(installation: Installation): Finding[] {
  return [...installation.workflows.values()].flatMap((workflow) => {
    const calls = Object.entries(workflow.uses).flatMap(([system, actions]) =>
      Object.keys(actions).map((name) => installation.target(system, name))
    )
    const isJudged =
      installation.requestPolicies(workflow.id).length > 0 ||
      calls.some((target) => target !== null && installation.callPolicies(target).length > 0)
    return isJudged
      ? []
      : [finding('workflow-without-policy', `no policy judges workflow \`${workflow.id}\` or what it calls`, workflow.id)]
  })
}

/** Tools of agents are left out: none of them can be undone, and what is dangerous about them is for their policies to say. */
function unasked(installation: Installation): Finding[] {
  const used = [...installation.workflows.values()].flatMap((workflow) =>
    Object.entries(workflow.uses).flatMap(([system, actions]) => Object.keys(actions).map((name) => installation.target(system, name)))
  )
  const reachable = new Set([...installation.actions.values(), ...used].filter((target) => target !== null))
  return [...reachable].flatMap((target) => {
    const { action, system, id } = target
    const isFinal = action.mutates && action.inverse === 'irreversible' && system.id !== 'agent' && system.missing === null
    if (!isFinal || [...installation.callPolicies(target), ...installation.requestPolicies(id)].some(asks)) return []
    return [
      finding(
        'irreversible-without-approval',
        `\`${id}\` cannot be undone, and nobody is asked: requireApproval({}, { on: ['${id}'] })`,
        id
      )
    ]
  })
}

/** Policies of the catalogue that put something before a person. */
const ASKING: ReadonlySet<string> = new Set(['require_approval', 'dont_delete_without_human_ok'])

function asks({ id, mode, params }: Policy): boolean {
  return mode === 'enforce' && (ASKING.has(id) || (isObject(params) && params.effect === 'ask'))
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function finding(rule: RuleId, message: string, about: string): Finding {
  return { rule, level: RULES[rule].level, message, about }
}
