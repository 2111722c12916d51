// A policy: a pure question about one request or call, answered allow, deny or ask, with a reason.
import * as z from 'zod'
import { budgetOf, budgetVerdict, figuresIn, type Budget, type BudgetTerms } from './budget_terms.ts'
import { fault } from './fault.ts'
import type { PastQuery, PastQuestion } from './past.ts'
import type { ParserName, Parsers } from './ports.ts'
import type { Effect, Json, JsonObject } from './schema.ts'

/** What a policy says. The reason names the value and the rule; `remedy` says what would be allowed. */
export interface Verdict {
  readonly effect: Effect
  readonly reason: string
  readonly remedy?: string
  readonly code?: string
  /** Of an ask: how many different people must approve. */
  readonly needed?: number
}

export function allow(reason: string): Verdict {
  return { effect: 'allow', reason }
}
export function deny(reason: string, more?: { remedy?: string; code?: string }): Verdict {
  return { effect: 'deny', reason, ...more }
}
export function ask(reason: string, more?: { remedy?: string; code?: string; needed?: number }): Verdict {
  return { effect: 'ask', reason, ...more }
}

/** The part of the world every policy sees; identical when judged again from a receipt. */
export interface JudgedContext {
  /** The workflow's id, the action's id in a single-action run, or `rollback:<workflow>`. */
  readonly workflow: string
  /** The action when a call is judged (`delete_row`), else null. */
  readonly action: string | null
  readonly system: string | null
  readonly user_email: string
  /** From the key or the people facts, never from the payload. */
  readonly user_attributes: JsonObject
  readonly payload: JsonObject
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The facts and look-ups that the policies named; one that was never set is absent. */
  readonly facts: JsonObject
  /** What was judged before in the same session, oldest first. */
  readonly before: readonly JudgedContext[]
  readonly parsers: Parsers
}

export interface PolicyContext<Reads> extends JudgedContext {
  /** The declared payload keys, of their declared types. */
  readonly reads: Reads
}

/** A read in another system that a policy needs, recorded under `facts["<system>.<action>"]` as `{success, output}`. */
export interface Lookup {
  /** `system.action`; the action must not mutate. */
  readonly action: string
  /** The action's input, or null when there is nothing to look up. */
  readonly input: (payload: JsonObject) => JsonObject | null
}

interface PolicyText<P extends z.ZodType, R extends z.ZodObject> {
  readonly id: string
  readonly title: string
  readonly params: P
  /** The payload keys this policy looks at, each optional. A wrong type denies with `policy_error`. */
  readonly reads: R
  /** The actions it guards: `delete_row`, `github.create_pr`, `github.*`, `github.writes` (all that change something), `rollback`. Without it, every request. */
  readonly on?: readonly string[]
  readonly facts?: readonly string[]
  readonly lookups?: readonly Lookup[]
  /** A question about the team's own past receipts. Several policies may share a fact: its answer holds what any of them asked for. */
  readonly past?: { readonly fact: string; ask(payload: z.output<R>, params: z.output<P>, now: number): PastQuery | null }
  readonly parses?: readonly ParserName[]
  evaluate(context: PolicyContext<z.output<R>>, params: z.output<P>): Verdict
  /** Makes it a budget: what it allows is counted, and denied where the count is full. */
  readonly budget?: BudgetText<P>
}

interface BudgetText<P extends z.ZodType> {
  terms(params: z.output<P>): BudgetTerms
  /** The payload keys that are counted, which its parameters name. */
  keys(params: z.output<P>): readonly string[]
  /** How much of it an allowed payload would use up, in the smallest unit; null = only the action's output will tell. */
  amount(payload: JsonObject, params: z.output<P>): number | null
}

/** `shadow`: judged and recorded, but stops nothing until it is promoted. */
export type PolicyMode = 'enforce' | 'shadow'

/** The fact with the ids of policies that are in shadow in the configuration and enforced all the same: it can only tighten. */
export const PROMOTED = 'promoted_policies'

/** A policy with its parameters bound, ready to judge. */
export interface Policy {
  readonly id: string
  readonly title: string
  readonly params: Json
  readonly readKeys: readonly string[]
  readonly on: readonly string[] | null
  readonly mode: PolicyMode
  readonly facts: readonly string[]
  readonly lookups: readonly Lookup[]
  readonly past: PastQuestion | null
  readonly parses: readonly ParserName[]
  /** Null = it counts nothing. Else the gate reserves what is allowed, and has it judged again with the figures as a fact. */
  readonly budget: (Budget & { amount(payload: JsonObject): number | null }) | null
  /** Never throws: an exception or unreadable input is a deny with code `policy_error`. */
  judge(context: JudgedContext): Verdict
}

/** Called with parameters it gives a `Policy`; throws fault `misconfigured` where they are not valid. */
export interface PolicyDefinition<P extends z.ZodType = z.ZodType> {
  (params?: z.input<P>, binding?: { on?: readonly string[]; mode?: PolicyMode }): Policy
  readonly id: string
  readonly title: string
  readonly paramsSchema: z.ZodType
  readonly readsSchema: z.ZodObject
  readonly on: readonly string[] | null
  readonly facts: readonly string[]
  readonly lookups: readonly Lookup[]
}

/** Makes a policy definition: the one way policies come into being. */
export function definePolicy<P extends z.ZodType, R extends z.ZodObject>(text: PolicyText<P, R>): PolicyDefinition<P> {
  const readKeys = Object.keys(text.reads.shape)
  const wrongIn = compileReads(text.reads)
  const { past } = text
  const facts = [...(text.facts ?? []), ...(past === undefined ? [] : [past.fact])]
  const bind = (given?: z.input<P>, binding: { on?: readonly string[]; mode?: PolicyMode } = {}): Policy => {
    const parsed = text.params.safeParse(given ?? {})
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      const place = issue && issue.path.length > 0 ? `\`${issue.path.join('.')}\`: ` : ''
      throw fault('misconfigured', `policy \`${text.id}\`: parameter ${place}${issue?.message ?? 'not valid'}`)
    }
    const params = parsed.data
    const mode = binding.mode ?? 'enforce'
    const on = binding.on ?? text.on ?? null
    const counted = text.budget
    const budget =
      counted === undefined
        ? null
        : { ...budgetOf(text.id, counted.terms(params), on, mode), amount: (payload: JsonObject) => counted.amount(payload, params) }
    return {
      id: text.id,
      title: text.title,
      params: params as Json,
      readKeys: counted === undefined ? readKeys : counted.keys(params),
      on,
      mode,
      facts: mode === 'shadow' ? [...facts, PROMOTED] : facts,
      lookups: text.lookups ?? [],
      past:
        past === undefined
          ? null
          : {
              fact: past.fact,
              // What the policy cannot read it denies; nothing is asked about it.
              ask: (payload, now) => (wrongIn(payload) === null ? past.ask(payload as z.output<R>, params, now) : null)
            },
      parses: text.parses ?? [],
      budget,
      judge(context) {
        const wrong = wrongIn(context.payload)
        if (wrong !== null) return deny(wrong, { code: 'policy_error' })
        try {
          // The gate hands the payload over as `reads` already: one object for all policies instead of a copy for each.
          const view = context as PolicyContext<z.output<R>>
          const verdict = text.evaluate(
            view.reads === (context.payload as z.output<R>) ? view : { ...context, reads: context.payload as z.output<R> },
            params
          )
          const figures = budget === null || verdict.effect === 'deny' ? null : figuresIn(context.facts, budget)
          return figures === null ? verdict : budgetVerdict(budget!, figures)
        } catch (error) {
          return deny(`policy failed: ${error instanceof Error ? error.message : 'it threw'}`, { code: 'policy_error' })
        }
      }
    }
  }
  return Object.assign(bind, {
    id: text.id,
    title: text.title,
    paramsSchema: text.params as z.ZodType,
    readsSchema: text.reads as z.ZodObject,
    on: text.on ?? null,
    facts,
    lookups: text.lookups ?? []
  })
}

/**
 * A check that the declared keys have their declared types: null, or the sentence that says what is wrong.
 * Plain types are tested by `typeof`: a zod parse per policy would cost more than the policy.
 */
function compileReads(schema: z.ZodObject): (payload: JsonObject) => string | null {
  const checks = Object.entries(schema.shape).map(([key, field]) => {
    const inner = field instanceof z.ZodOptional ? field.unwrap() : field
    const holds = inner instanceof z.ZodNumber ? numberCheck(inner) : null
    const plain = inner instanceof z.ZodString && !inner.def.checks?.length ? 'string' : inner instanceof z.ZodBoolean ? 'boolean' : null
    return { key, field: field as z.ZodType, plain, holds }
  })
  return (payload) => {
    for (const { key, field, plain, holds } of checks) {
      if (!Object.hasOwn(payload, key)) continue
      const value = payload[key]
      if (plain !== null ? typeof value === plain : holds !== null ? holds(value) : field.safeParse(value).success) continue
      const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
      return `\`${key}\` is of type ${kind}, which this policy cannot read`
    }
    return null
  }
}

/** The same for whole numbers with inclusive bounds, by hand; null for any other number, which zod reads. */
function numberCheck(schema: z.ZodNumber): ((value: Json | undefined) => boolean) | null {
  const { minValue, maxValue, isInt, def } = schema
  const areBounds = (def.checks ?? []).every((check) => 'inclusive' in check._zod.def && check._zod.def.inclusive === true)
  if (!isInt || !areBounds) return null
  return (value) => Number.isSafeInteger(value) && Number(value) >= (minValue ?? -Infinity) && Number(value) <= (maxValue ?? Infinity)
}
