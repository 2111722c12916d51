// What every framework's adapter is made of: a tool call becomes one question to the gate, and what became of it one outcome.
import type { Gate, OutcomeTold } from '../client/decisions.ts'
import { toolAction } from '../engine/tool_call.ts'
import type { Inverse, JsonObject } from '../engine/schema.ts'
import { outputOf, refusalText, tellOutcome } from './guard.ts'

/** A tool call as a framework shows it. `id` is the framework's own: with it, asking twice is asking once. */
export interface FrameworkCall {
  readonly toolName: string
  readonly input: unknown
  readonly id?: string | undefined
}

/** From a tool call to the action that policies judge. */
export type ToAction = (toolName: string, input: JsonObject) => { readonly action: string; readonly input: JsonObject }

/** What every adapter takes. `About` is what the framework tells of a call: its context, for programs that serve many users at once. */
export interface ToolGateOptions<About = unknown> {
  /** An installation (`EnactEdge`), the embedded engine (`EnactClient`), or a service binding to an installation. */
  readonly enact: Gate
  /** Who acts. */
  readonly user_email: string | ((about: About) => string)
  /** Where policies see what came before; without it, the framework's own session where it has one. */
  readonly session_id?: string | ((about: About) => string | undefined)
  /** How long to wait for people where a policy asks; without it, or with 0, a hold is told at once. */
  readonly waitMs?: number
  /** Which action a tool call is. The normaliser unless told: `agent.shell`, `agent.read_file`, …, `agent.tool`. */
  readonly toAction?: ToAction
  /** How a call could be taken back: shown in the receipt, never run by Enact. */
  readonly rollback?: (call: FrameworkCall, output: unknown) => Inverse | 'irreversible' | null
  /**
   * Where Enact cannot be asked, nothing is done; `refuse` (default) tells the model so, `throw` ends the agent's run. There is no third:
   * a gate that opens when it is cut off is none.
   */
  readonly onUnreachable?: 'refuse' | 'throw'
}

/** Says of a call that may be done under which receipt, of any other why not, in words for the model. */
export type Ruling =
  | { readonly kind: 'pass'; readonly run_id: string }
  | { readonly kind: 'blocked' | 'held' | 'unreachable'; readonly text: string }

/** Thrown instead of a call that may not be done; `message` is made for a model to read. */
export class Refused extends Error {
  readonly kind: 'blocked' | 'held' | 'unreachable'
  constructor({ kind, text }: Exclude<Ruling, { kind: 'pass' }>) {
    super(text)
    this.name = 'Refused'
    this.kind = kind
  }
}

/** What the framework knows beside the call itself. */
export interface AskedWith<About> {
  readonly about: About
  readonly session_id?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Tool calls named by the tool under its own name: for installations whose catalogue has the tools as actions. */
export const sameAction: ToAction = (action, input) => ({ action, input })

type Ended = { readonly output: unknown } | { readonly error: unknown }

/** The gate as adapters use it. */
export type ToolGate<About> = ReturnType<typeof toolGate<About>>

/** How many calls on their way are remembered; what is forgotten is asked about again, or its outcome stays UNKNOWN. */
const REMEMBERED_MAX = 10_000

/**
 * Asks before, tells after. INVARIANT: a pass is for the tool, the input and the id it was given for, and for one execution: under an id
 * that was used up, the next call is a new question.
 */
export function toolGate<About>(options: ToolGateOptions<About>) {
  const settled = new Remembered<{ readonly ruling: Ruling; readonly who: string }>()
  const running = new Remembered<readonly string[]>()
  const entered = new Remembered<number>()

  /** The verdict. A pass, or a block, is kept for `enter`; where people or the gate have not answered yet, they are asked again. */
  async function ask(call: FrameworkCall, asked: AskedWith<About>): Promise<Ruling> {
    const known = settled.peek(keyOf(call))
    if (known !== undefined && known.who === whoOf(asked)) return known.ruling
    const ruling = await decided(call, asked, entered.peek(call.id ?? '') ?? 0)
    const isSettled = ruling.kind === 'pass' || ruling.kind === 'blocked'
    if (isSettled && call.id !== undefined) settled.keep(keyOf(call), { ruling, who: whoOf(asked) })
    return ruling
  }

  /** The verdict, right before the call is executed by somebody who will `finish` it. */
  async function enter(call: FrameworkCall, asked: AskedWith<About>): Promise<Ruling> {
    const ruling = await admitted(call, asked)
    if (ruling.kind === 'pass') running.keep(keyOf(call), [...(running.peek(keyOf(call)) ?? []), ruling.run_id])
    return ruling
  }

  /** Whether the call has entered and not ended. */
  function isRunning(call: FrameworkCall): boolean {
    return running.peek(keyOf(call)) !== undefined
  }

  /** The call was put off before it did anything, and will be made again: its pass is still good. */
  function putOff(call: FrameworkCall, asked: AskedWith<About>): void {
    const runId = leave(call)
    if (runId === undefined || call.id === undefined) return
    entered.keep(call.id, Math.max(0, (entered.peek(call.id) ?? 0) - 1))
    settled.keep(keyOf(call), { ruling: { kind: 'pass', run_id: runId }, who: whoOf(asked) })
  }

  /** What became of a call that passed; of others nothing is said. */
  async function finish(call: FrameworkCall, ended: Ended): Promise<void> {
    const runId = leave(call) ?? overtaken(call)
    if (runId !== undefined) await tellOutcome(options.enact, runId, outcomeOf(call, ended))
  }

  /** Executes the call if it may be, and reports; passes on what it returned or threw. Throws `Refused`. */
  async function perform<R>(call: FrameworkCall, asked: AskedWith<About>, run: () => R | PromiseLike<R>): Promise<Awaited<R>> {
    const ruling = await admitted(call, asked)
    if (ruling.kind !== 'pass') throw new Refused(ruling)
    let output: Awaited<R>
    try {
      output = await run()
    } catch (error) {
      await tellOutcome(options.enact, ruling.run_id, outcomeOf(call, { error }))
      throw error
    }
    await tellOutcome(options.enact, ruling.run_id, outcomeOf(call, { output }))
    return output
  }

  async function admitted(call: FrameworkCall, asked: AskedWith<About>): Promise<Ruling> {
    const known = settled.take(keyOf(call))
    // INVARIANT: counted before anything is awaited, so that of two equal calls at once only one has the id, and each its own verdict.
    const nth = entered.peek(call.id ?? '') ?? 0
    if (call.id !== undefined) entered.keep(call.id, nth + 1)
    if (known !== undefined && known.who === whoOf(asked)) return known.ruling
    return decided(call, asked, nth)
  }

  function leave(call: FrameworkCall): string | undefined {
    const [runId, ...others] = running.take(keyOf(call)) ?? []
    if (others.length > 0) running.keep(keyOf(call), others)
    return runId
  }

  /** A call that was executed without having entered has used up its pass and its id. */
  function overtaken(call: FrameworkCall): string | undefined {
    const ruling = settled.peek(keyOf(call))?.ruling
    if (ruling?.kind !== 'pass') return undefined
    settled.take(keyOf(call))
    if (call.id !== undefined) entered.keep(call.id, (entered.peek(call.id) ?? 0) + 1)
    return ruling.run_id
  }

  function emailOf({ about }: AskedWith<About>): string {
    return typeof options.user_email === 'function' ? options.user_email(about) : options.user_email
  }

  function sessionOf({ about, session_id }: AskedWith<About>): string | undefined {
    return (typeof options.session_id === 'function' ? options.session_id(about) : options.session_id) ?? session_id
  }

  /** INVARIANT: a pass of one user or session is none for another, whatever ids their models make up. */
  function whoOf(asked: AskedWith<About>): string {
    return JSON.stringify([emailOf(asked), sessionOf(asked) ?? null])
  }

  async function decided(call: FrameworkCall, asked: AskedWith<About>, nth: number): Promise<Ruling> {
    const { enact, waitMs = 0, toAction = normalised, onUnreachable = 'refuse' } = options
    const input = inputOf(call.input)
    if (input === null) return { kind: 'blocked', text: `Enact blocked this: the input of \`${call.toolName}\` is not JSON.` }
    try {
      const request = {
        ...toAction(call.toolName, input),
        user_email: emailOf(asked),
        ...given('session_id', sessionOf(asked)),
        ...given('tool_use_id', call.id === undefined ? undefined : freshId(call.id, nth))
      }
      const decision = await untilAborted(enact.decide(request, { waitMs }), asked.signal)
      if (decision.decision === 'PASS') return { kind: 'pass', run_id: decision.run_id }
      return { kind: decision.decision === 'HOLD' ? 'held' : 'blocked', text: refusalText(decision) }
    } catch (error) {
      if (onUnreachable === 'throw' || asked.signal?.aborted === true) throw error
      return { kind: 'unreachable', text: unreachableText(error) }
    }
  }

  function outcomeOf(call: FrameworkCall, ended: Ended): OutcomeTold {
    if ('error' in ended) return { success: false, error: messageOf(ended.error).slice(0, 2_000) }
    return { success: true, output: outputOf(ended.output), rollback_data: options.rollback?.(call, ended.output) ?? null }
  }

  return { ask, enter, isRunning, putOff, finish, perform }
}

/** Rejects as soon as the framework gives up: the gate may still wait for people. What it then answers is used for nothing. */
function untilAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer
  const aborted = new Promise<never>((_resolve, reject) => {
    const stop = () => reject(signal.reason as Error)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  return Promise.race([answer, aborted])
}

/** The first execution has the framework's id, a further one under the same id is a call of its own. */
function freshId(id: string, nth: number): string {
  return nth === 0 ? id : `${id}#${nth + 1}`
}

const normalised: ToAction = (tool_name, tool_input) => toolAction({ tool_name, tool_input })

function keyOf({ toolName, id, input }: FrameworkCall): string {
  return JSON.stringify([toolName, id ?? null, inputOf(input)])
}

/** The input as policies and receipts see it; null for what is no JSON, since what cannot be shown cannot be judged. */
function inputOf(input: unknown): JsonObject | null {
  try {
    const plain = JSON.parse(JSON.stringify(input ?? {})) as unknown
    return typeof plain === 'object' && plain !== null && !Array.isArray(plain) ? (plain as JsonObject) : { input: plain as never }
  } catch {
    return null
  }
}

/** For the model: what Enact said, or that it said nothing. Of a broken connection only that it is broken: addresses are not the model's. */
function unreachableText(error: unknown): string {
  const { status, detail } = error as { status?: unknown; detail?: unknown }
  const isAnswer = typeof status === 'number' && status >= 400 && status < 500 && typeof detail === 'string'
  if (isAnswer) return `Enact refused to judge this, so nothing was done: ${detail}`
  return 'Enact could not be asked whether this is allowed, so nothing was done. Say so; do not try to reach the same in another way.'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function given<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]?: V })
}

/** A map that forgets its oldest entry rather than grow for ever. */
class Remembered<V> {
  readonly #entries = new Map<string, V>()

  keep(key: string, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > REMEMBERED_MAX) this.#entries.delete(this.#entries.keys().next().value!)
  }

  peek(key: string): V | undefined {
    return this.#entries.get(key)
  }

  take(key: string): V | undefined {
    const value = this.#entries.get(key)
    this.#entries.delete(key)
    return value
  }
}
