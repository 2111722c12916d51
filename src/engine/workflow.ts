// A workflow: the happy path over some systems' actions. What fails, ends it; the recorder has already written it down.
import type * as z from 'zod'
import type { Action, AnyAction } from './connector.ts'
import type { JsonObject } from './schema.ts'

/** What a workflow calls: `await systems.github.create_branch({ … })` resolves to the action's output or ends the run. */
export type Systems<U extends Uses> = {
  readonly [S in keyof U]: {
    readonly [A in keyof U[S]]: U[S][A] extends Action<never, infer I, infer O>
      ? (input: z.input<I>) => Promise<O & { already_done: false | string }>
      : never
  }
}

// oxlint-disable-next-line typescript/no-explicit-any
export type Uses = Readonly<Record<string, Readonly<Record<string, Action<any, any, any>>>>>

/** How far a run has come, as its workflow says: shown while it goes on, no part of its receipt. */
export interface Progress {
  readonly done: number
  readonly total: number
  /** What is counted: `rows`. */
  readonly unit?: string
}

/** Tells how far the run has come. It is not written down: a resumed workflow is executed again, and tells it again. */
export type Tell = (progress: Progress) => void

interface WorkflowText<P extends z.ZodObject, U extends Uses> {
  readonly id: string
  readonly title: string
  /** A strict object; keys that policies read have the catalogue's names. */
  readonly payload: P
  readonly uses: U
  /** What the run will lock before its first effect; what later calls touch is locked when they are made. */
  resources?(payload: z.output<P>): readonly string[]
  /** Must be deterministic but for the outputs of its calls: after a crash it is executed again. */
  run(systems: Systems<U>, payload: z.output<P>, progress: Tell): Promise<void>
}

/** As the engine sees a workflow, whatever its types. */
export interface Workflow {
  readonly id: string
  readonly title: string
  readonly payload: z.ZodObject
  readonly uses: Readonly<Record<string, Readonly<Record<string, AnyAction>>>>
  resources(payload: JsonObject): readonly string[]
  run(systems: unknown, payload: JsonObject, progress?: Tell): Promise<void>
}

/** Makes a workflow: the one way workflows come into being. */
export function defineWorkflow<P extends z.ZodObject, U extends Uses>(text: WorkflowText<P, U>): Workflow {
  const { id, title, payload, uses } = text
  return {
    id,
    title,
    payload,
    uses,
    resources: (given) => text.resources?.(given as z.output<P>) ?? [],
    run: (systems, given, progress = () => undefined) => text.run(systems as Systems<U>, given as z.output<P>, progress)
  }
}

/** Thrown by a workflow that cannot go on: the run ends FAILED with this code and message. */
export class Stop extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.name = 'Stop'
    this.code = code
  }
}

/** Ends the workflow: `throw stop('branch_has_no_commits', '…')`. */
export function stop(code: string, message: string): Stop {
  return new Stop(code, message)
}
