// One route of the fake GitHub: what it is asked, what it answers, how it refuses.
import type { Repository, World } from './world.ts'

export interface Asked {
  readonly world: World
  readonly repository: Repository
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
  /** Counts something that changed the visible world. */
  effect(what: string): void
}
export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}
export type Route = (asked: Asked) => Answer

/** Thrown by a route: an error in GitHub's form. */
export class Refusal extends Error {
  readonly status: number
  readonly errors: readonly unknown[]
  constructor(status: number, message: string, errors: readonly unknown[] = []) {
    super(message)
    this.status = status
    this.errors = errors
  }
}
