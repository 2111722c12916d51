// A connector: the actions of one system, each with what it touches and how it is taken back. A write without an inverse does not compile.
import * as z from 'zod'
import { fault } from './fault.ts'
import type { PastQuery } from './past.ts'
import type { ActionTaken, Inverse, JsonObject } from './schema.ts'

/** What an action answers. `failed` with effect `none` promises that nothing changed; `unknown` promises nothing. */
export type ActionResult<O extends JsonObject = JsonObject> =
  | { readonly kind: 'done'; readonly output: O }
  | { readonly kind: 'already'; readonly what: string; readonly output: O }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly effect: 'none' | 'unknown' }
  | { readonly kind: 'conflict'; readonly message: string; readonly found: JsonObject }

export function done<O extends JsonObject>(output: O): ActionResult<O> {
  return { kind: 'done', output }
}
/** The wished state was there before (`what` = created, deleted, closed, …): nothing was done, nothing is to undo. */
export function alreadyDone<O extends JsonObject>(what: string, output: O): ActionResult<O> {
  return { kind: 'already', what, output }
}
export function failed(code: string, message: string, effect: 'none' | 'unknown' = 'none'): ActionResult<never> {
  return { kind: 'failed', code, message, effect }
}
/** The world is not as `expect` says: nothing was done. */
export function conflict(message: string, found: JsonObject = {}): ActionResult<never> {
  return { kind: 'conflict', message, found }
}

/** What looking at the world tells of a call whose outcome was lost. */
export type Recovered<O extends JsonObject> =
  | { readonly kind: 'done'; readonly output: O }
  | { readonly kind: 'not_done' }
  | { readonly kind: 'unknown' }

/** What an action is told beside its input. */
export interface CallContext {
  /** The same on every attempt of this call: send it to vendors that honour idempotency keys. */
  readonly idempotencyKey: string
  /** In a rollback: what the world must still look like; otherwise null. */
  readonly expect: JsonObject | null
  /** The recorder gives up after this; the connector should abort its own requests a little before. */
  readonly timeoutMs: number
  /** The tokens of all locks that the run holds, for systems that can refuse a holder whose lease was lost. Absent = none are taken. */
  readonly fencing?: readonly { readonly resource: string; readonly fencing_token: number }[]
  /** By key of the output: no more than this may come of it, or its budget was asked for too little. Absent = nothing is counted. */
  readonly atMost?: Readonly<Record<string, number>>
  /** Writes to the run's journal; durable when it resolves. Call it before making an effect permanent. */
  note(data: JsonObject): Promise<void>
  /** What earlier attempts of this call noted, oldest first. */
  readonly notes: readonly JsonObject[]
}

interface ActionCommon<C, I extends z.ZodObject, O extends JsonObject> {
  readonly title: string
  readonly input: I
  /** `/`-paths that begin with the system's id: `github/acme/app/branch/agent%2Fx`. Locks and receipts use them. */
  resources(input: z.output<I>): readonly string[]
  readonly timeoutMs?: number
  /** What the receipt keeps of an output; all of it unless given. The caller of the run and `inverse` get the whole: file contents, large lists. */
  shows?(output: O): JsonObject
  /** Resolves for everything that can be foreseen; a throw counts as failed with an unknown effect where the action mutates. */
  run(client: C, input: z.output<I>, call: CallContext): Promise<ActionResult<O>>
}

export interface ReadingAction<C, I extends z.ZodObject, O extends JsonObject> extends ActionCommon<C, I, O> {
  readonly mutates: false
}

export interface MutatingAction<C, I extends z.ZodObject, O extends JsonObject> extends ActionCommon<C, I, O> {
  readonly mutates: true
  /** The call that takes this one back, null when there is nothing to take back. */
  readonly inverse: 'irreversible' | ((input: z.output<I>, output: O) => Inverse | null)
  /**
   * What to do about a call whose outcome was lost: `keyed` = the vendor honours the idempotency key, send it again;
   * `opaque` = never send again, the effect is UNKNOWN; a function = look (it must not change anything).
   */
  readonly recovery: 'keyed' | 'opaque' | ((client: C, input: z.output<I>, call: CallContext) => Promise<Recovered<O>>)
  /** Says what `run` would answer now, reading only: rollbacks show it in a dry run. */
  preview?(client: C, input: z.output<I>, call: CallContext): Promise<ActionResult<JsonObject>>
  /**
   * For an effect that must not be made twice by any two runs of a team: the question to its receipts, null where this input raises none. Where one
   * of them made the effect, or may have, `answer` says what this call answers instead of `run`. Exact for what `resources` locks.
   */
  readonly once?: {
    ask(input: z.output<I>): Pick<PastQuery, 'about' | 'values'> | null
    answer(client: C, input: z.output<I>, earlier: ActionTaken): Promise<ActionResult<O>>
  }
  /**
   * Numbers of the output that a budget may count, with the most that one call can make of each: what its input says, or `previewed`:
   * `preview` tells it beforehand, and `run` refuses to exceed `call.atMost`.
   */
  readonly bounds?: Readonly<Record<string, 'previewed' | ((input: z.output<I>) => number)>>
  /** True for actions that only rollbacks use (`restore_rows`): no agent and no workflow can call them. */
  readonly internal?: boolean
}

export type Action<C = never, I extends z.ZodObject = z.ZodObject, O extends JsonObject = JsonObject> =
  | ReadingAction<C, I, O>
  | MutatingAction<C, I, O>

/** As the engine sees an action, whatever its types. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyAction = Action<any, any, any>

/** Gives the function that declares actions of one client type: `const action = actionsOf<GitHubClient>()`. */
export function actionsOf<C>() {
  function action<I extends z.ZodObject, O extends JsonObject>(text: ReadingAction<C, I, O>): ReadingAction<C, I, O>
  function action<I extends z.ZodObject, O extends JsonObject>(text: MutatingAction<C, I, O>): MutatingAction<C, I, O>
  function action(text: AnyAction): AnyAction {
    return text
  }
  return action
}

/** One system of an installation: a connector with its options, or the name of what is missing to switch it on. */
export interface System {
  readonly id: string
  readonly title: string
  readonly actions: Readonly<Record<string, AnyAction>>
  /** Only agents themselves carry its actions out: Enact judges them, and never runs one. */
  readonly isObserved?: true
  /** Null = every action that is not internal. An empty set allows nothing. */
  readonly allowed: ReadonlySet<string> | null
  /** `GITHUB_TOKEN` when that must be set first; null when the system is on. */
  readonly missing: string | null
  /** The options that may be shown and digested: allow lists, tables, base addresses. Never a credential. */
  readonly scope: JsonObject
  connect(): Promise<Connection>
}

export interface Connection {
  readonly client: unknown
  close?(): Promise<void>
}

interface ConnectorText<Opt extends z.ZodObject, C, A extends Record<string, AnyAction>> {
  readonly id: string
  readonly title: string
  /** `allowed_actions` is added to every connector's options. */
  readonly options: Opt
  readonly actions: A
  /** Which options may be shown. */
  scope(options: z.output<Opt>): JsonObject
  connect(options: z.output<Opt>): { client: C; close?(): Promise<void> } | Promise<{ client: C; close?(): Promise<void> }>
}

export interface Connector<Opt extends z.ZodObject = z.ZodObject, A extends Record<string, AnyAction> = Record<string, AnyAction>> {
  /** A system that is on. Throws fault `misconfigured` where an option is not valid. */
  (options: z.input<Opt> & { allowed_actions?: readonly (keyof A & string)[] }): System
  /** A system that exists but is off until `missing` is set: its actions are BLOCKed with that as the reason. */
  off(missing: string): System
  /** Names the actions a workflow uses, with their types. */
  uses<K extends keyof A>(...names: K[]): Pick<A, K>
  readonly id: string
  readonly title: string
  readonly actions: A
}

const AllowedActions = z.array(z.string()).optional()

/** Makes a connector: the one way systems come into being. */
export function defineConnector<Opt extends z.ZodObject, C, A extends Record<string, AnyAction>>(
  text: ConnectorText<Opt, C, A>
): Connector<Opt, A> {
  const { id, title, actions } = text
  const bind = (given: z.input<Opt> & { allowed_actions?: readonly string[] }): System => {
    const { allowed_actions, ...rest } = given
    const options = parseOptions(id, text.options, rest)
    const allowed = parseOptions(id, z.object({ allowed_actions: AllowedActions }), { allowed_actions }).allowed_actions
    for (const name of allowed ?? []) {
      if (!Object.hasOwn(actions, name)) throw fault('misconfigured', `connector \`${id}\`: there is no action \`${name}\` to allow`)
    }
    return {
      id,
      title,
      actions,
      allowed: allowed ? new Set(allowed) : null,
      missing: null,
      scope: { ...text.scope(options), ...(allowed ? { allowed_actions: allowed } : {}) },
      connect: async () => text.connect(options)
    }
  }
  const off = (missing: string): System => ({
    id,
    title,
    actions,
    allowed: new Set(),
    missing,
    scope: {},
    connect: () => Promise.reject(fault('misconfigured', `system \`${id}\` is off: set ${missing}`))
  })
  const uses = <K extends keyof A>(...names: K[]): Pick<A, K> =>
    Object.fromEntries(names.map((name) => [name, actions[name]])) as Pick<A, K>
  return Object.assign(bind, { off, uses, id, title, actions })
}

function parseOptions<T extends z.ZodType>(id: string, schema: T, given: unknown): z.output<T> {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw fault('misconfigured', `connector \`${id}\`: option \`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? 'not valid'}`)
}
