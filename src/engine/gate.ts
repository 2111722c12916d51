// The gate: every policy is judged, always, and the strictest verdict wins (deny > ask > allow).
import type { Installation, Target } from './config.ts'
import { connectOnce, type Connections } from './connections.ts'
import { askPast, type PastQuery } from './past.ts'
import { deny, PROMOTED, type JudgedContext, type Policy, type PolicyContext, type Verdict } from './policy.ts'
import type { ParserName, Ports } from './ports.ts'
import type { Effect, Json, JsonObject, PolicyResult } from './schema.ts'

/** How long one fact or look-up may take before the policies that need it deny. */
export const FACT_TIMEOUT_MS = 5_000

/** The fact that says how the approval stands which a run redeems. */
const APPROVAL = 'approval'

/** Who asks, for what: the part of a request that policies see. */
export interface Subject {
  readonly team_id: string
  readonly workflow: string
  readonly user_email: string
  readonly user_attributes: JsonObject
  readonly mode: string
  readonly run_id?: string
  /** Absent where nothing can be redeemed. */
  readonly asking?: { readonly hitl_id: string | null }
}

/** Facts and look-ups as they will be judged and recorded; `failed` names those that could not be read. */
export interface Gathered {
  readonly facts: JsonObject
  readonly failed: ReadonlyMap<string, string>
}

/** Reads, at once, every fact, look-up and past receipt that these policies name. Never throws: what fails is in `failed`. */
export async function gather(
  policies: readonly Policy[],
  payload: JsonObject,
  subject: Subject,
  installation: Installation,
  ports: Ports,
  connections: Connections,
  now: number
): Promise<Gathered> {
  const facts: Record<string, Json> = {}
  const failed = new Map<string, string>()
  const names = new Set<string>()
  const parses = new Set<ParserName>()
  const work: Promise<void>[] = []
  const attempt = (name: string, read: () => Promise<Json | undefined>) => {
    names.add(name)
    work.push(
      ports.timer.within(FACT_TIMEOUT_MS, Promise.resolve().then(read)).then(
        (value) => {
          if (value !== undefined) facts[name] = value
        },
        (error: unknown) => void failed.set(name, error instanceof Error ? error.message : 'it failed')
      )
    )
  }
  if (ports.past !== undefined) {
    const { past } = ports
    for (const [fact, queries] of questionsOf(policies, payload, now)) {
      if (queries.length === 0) names.add(fact)
      else attempt(fact, () => askPast(past, subject.team_id, queries))
    }
  }
  // An embedded host vouches for its facts; everywhere else this one is the approvals' own word on what the run itself redeems.
  if (subject.mode !== 'embedded' && policies.some(({ facts: own }) => own.includes(APPROVAL)))
    attempt(APPROVAL, () => standing(subject, ports))
  for (const policy of policies) {
    for (const name of policy.parses) parses.add(name)
    for (const name of policy.facts) if (!names.has(name)) attempt(name, () => ports.facts.read(subject.team_id, name))
    for (const { action, input } of policy.lookups) {
      const wanted = names.has(action) ? null : input(payload)
      if (wanted !== null) attempt(action, () => lookUp(action, wanted, installation, connections))
    }
  }
  const loading = parses.size > 0 ? ports.parsers.load([...parses]) : undefined
  if (loading !== undefined) work.push(loading)
  if (work.length > 0) await Promise.all(work)
  return { facts, failed }
}

async function standing({ team_id, run_id = '', asking }: Subject, { approvals }: Ports): Promise<Json | undefined> {
  const hitl_id = asking?.hitl_id ?? null
  if (hitl_id === null || approvals?.stands === undefined) return undefined
  const found = await approvals.stands(team_id, hitl_id, run_id)
  return found === null ? undefined : { ...found }
}

/** What these policies ask of past receipts, by fact, the same question once. */
function questionsOf(policies: readonly Policy[], payload: JsonObject, now: number): Map<string, PastQuery[]> {
  const questions = new Map<string, Map<string, PastQuery>>()
  for (const { past } of policies) {
    if (past === null) continue
    const asked = questions.get(past.fact) ?? new Map<string, PastQuery>()
    questions.set(past.fact, asked)
    const query = past.ask(payload, now)
    if (query !== null) asked.set(JSON.stringify(query), query)
  }
  return new Map([...questions].map(([fact, asked]) => [fact, [...asked.values()]]))
}

/** Judges all policies over one payload. Pure; results are in the order of the policies. */
export function judgeAll(
  policies: readonly Policy[],
  context: JudgedContext,
  failed: ReadonlyMap<string, string>,
  call?: number
): PolicyResult[] {
  return policies.map((policy) => {
    const missing = failed.size > 0 ? policy.facts.find((name) => failed.has(name) && name !== PROMOTED) : undefined
    const verdict = missing === undefined ? policy.judge(context) : unread(missing, failed)
    if (policy.mode === 'shadow' && !isPromoted(policy.id, context.facts, failed)) return shadowed(policy.id, verdict, call)
    const result: { -readonly [K in keyof PolicyResult]: PolicyResult[K] } = {
      policy: policy.id,
      passed: verdict.effect === 'allow',
      effect: verdict.effect,
      reason: verdict.reason
    }
    if (verdict.remedy !== undefined) result.remedy = verdict.remedy
    if (verdict.code !== undefined) result.code = verdict.code
    if (verdict.needed !== undefined) result.needed = verdict.needed
    if (call !== undefined) result.call = call
    return result
  })
}

/** INVARIANT: where nobody can tell whether a policy was promoted, it was. */
function isPromoted(id: string, facts: JsonObject, failed: ReadonlyMap<string, string>): boolean {
  const promoted = facts[PROMOTED]
  return failed.has(PROMOTED) || (Array.isArray(promoted) && promoted.includes(id))
}

/** What a policy in shadow says, which stops nothing: `would` is what its effect would have been. */
function shadowed(policy: string, { effect, reason, remedy, code }: Verdict, call?: number): PolicyResult {
  const more = {
    ...(remedy === undefined ? {} : { remedy }),
    ...(code === undefined ? {} : { code }),
    ...(call === undefined ? {} : { call })
  }
  return { policy, passed: true, effect: 'allow', would: effect, reason, ...more }
}

function unread(fact: string, failed: ReadonlyMap<string, string>): Verdict {
  return deny(`fact \`${fact}\` could not be read: ${failed.get(fact)}`, { code: 'policy_error' })
}

/** deny > ask > allow. */
export function strictest(results: readonly PolicyResult[]): Effect {
  let effect: Effect = 'allow'
  for (const result of results) {
    if (result.effect === 'deny') return 'deny'
    if (result.effect === 'ask') effect = 'ask'
  }
  return effect
}

/** An ask that nobody can answer is a deny: without approvals nothing is let through for want of a person. */
export function withUnanswered(results: PolicyResult[], runMode: string, call?: number): PolicyResult[] {
  if (runMode !== 'enforce' || strictest(results) !== 'ask') return results
  const reason = 'a person must approve this, and this installation has no approvals'
  return [
    ...results,
    { policy: 'approval', passed: false, effect: 'deny', reason, code: 'approval_unavailable', ...(call === undefined ? {} : { call }) }
  ]
}

/** The context policies see: `actor_role` and `hitl_id` are the gate's own, unless the host program itself vouches for the payload (embedded). */
export function contextOf(
  subject: Subject,
  payload: JsonObject,
  facts: JsonObject,
  now: number,
  ports: Pick<Ports, 'parsers'>,
  target: Target | null
): PolicyContext<JsonObject> {
  const judged = subject.mode === 'embedded' ? payload : withAmbient(payload, subject.user_attributes, facts[APPROVAL])
  return {
    workflow: subject.workflow,
    action: target?.name ?? null,
    system: target?.system.id ?? null,
    user_email: subject.user_email,
    user_attributes: subject.user_attributes,
    payload: judged,
    reads: judged,
    now,
    facts,
    before: [],
    parsers: ports.parsers
  }
}

/** INVARIANT: what an agent writes under `actor_role` or `hitl_id` never reaches a policy at the edge. */
function withAmbient(payload: JsonObject, attributes: JsonObject, approval: Json | undefined): JsonObject {
  const actor_role = attributes.actor_role ?? attributes.role
  const hitl_id = isObject(approval) ? approval.hitl_id : undefined
  const isPlain = !Object.hasOwn(payload, 'actor_role') && !Object.hasOwn(payload, 'hitl_id')
  if (isPlain && actor_role === undefined && hitl_id === undefined) return payload
  const { actor_role: _role, hitl_id: _approval, ...rest } = payload
  return { ...rest, ...(actor_role === undefined ? {} : { actor_role }), ...(hitl_id === undefined ? {} : { hitl_id }) }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function lookUp(id: string, input: JsonObject, installation: Installation, connections: Connections): Promise<Json> {
  const [system = '', name = ''] = id.split('.', 2)
  const target = installation.target(system, name)
  if (target === null) return { success: false, error: `no connector for \`${id}\` is configured` }
  if (target.action.mutates) return { success: false, error: `\`${id}\` changes things and cannot be a look-up` }
  const parsed = target.action.input.safeParse(input)
  if (!parsed.success) return { success: false, error: `\`${id}\` does not take this input` }
  const client = await connectOnce(connections, target.system)
  const context = { idempotencyKey: '', expect: null, timeoutMs: FACT_TIMEOUT_MS, notes: [], note: () => Promise.resolve() }
  const result = await target.action.run(client as never, parsed.data as never, context)
  return result.kind === 'done' || result.kind === 'already'
    ? { success: true, output: result.output }
    : { success: false, error: result.message }
}
