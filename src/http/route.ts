// A route as a value: what it takes, who may call it, what it answers. The app, the OpenAPI document and the tests read the same table.
import type * as z from 'zod'
import type { Scope } from '../engine/index.ts'
import type { Actor, Host } from './host.ts'
import type { Answer } from './problem.ts'

/** What a handler is given: everything parsed, nothing raw. */
export interface Call<P, Q, B, A> {
  readonly host: Host
  readonly actor: A
  readonly params: P
  readonly query: Q
  readonly body: B
  /** The body as it came, where the route says `reads: 'text'`; else empty. */
  readonly text: string
  readonly method: string
  readonly headers: Headers
  readonly url: URL
}

interface RouteText<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, Access extends readonly Scope[] | 'public'> {
  /** Its name in the OpenAPI document. */
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `:name` for parameters. */
  readonly path: string
  /** One of these scopes, or nobody is asked. */
  readonly access: Access
  readonly title: string
  /** Said once more in the reference. */
  readonly about?: string
  readonly tag:
    | 'runs'
    | 'approvals'
    | 'receipts'
    | 'locks'
    | 'budgets'
    | 'webhooks'
    | 'alerts'
    | 'keys and teams'
    | 'facts and people'
    | 'sessions'
    | 'policies'
    | 'exports'
    | 'mcp'
    | 'installation'
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** The handler reads the body itself: a form, or what is signed as it came. */
  readonly reads?: 'text'
  /** True where an `Idempotency-Key` is honoured. */
  readonly idempotent?: true
  /** Served even while the installation refuses to serve. */
  readonly always?: true
  readonly answers: Readonly<Record<number, { readonly title: string; readonly schema?: z.ZodType; readonly type?: string }>>
  handle(call: Call<z.output<P>, z.output<Q>, z.output<B>, Access extends 'public' ? null : Actor>): Answer | Promise<Answer>
}

// oxlint-disable-next-line typescript/no-explicit-any
export type Route = RouteText<any, any, any, any>

/** Declares a route; types of the handler come from its schemas. */
export function route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, Access extends readonly Scope[] | 'public'>(
  text: RouteText<P, Q, B, Access>
): Route {
  return text
}
