// Faults in print: RFC 9457 problem details. What is not in the table of faults is a bug, and says nothing but that.
import { Fault, FAULTS, fault, type JsonObject } from '../engine/index.ts'

/** Every value a handler answers with; the app prints it. `body` undefined = no content. */
export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer in JSON. */
export function answer(status: number, body?: unknown, headers?: Record<string, string>): Answer {
  return { status, ...(body === undefined ? {} : { body }), ...(headers === undefined ? {} : { headers }) }
}

/** The fault that an error is; a bug becomes `internal` and keeps its message to itself. */
export function faultOf(error: unknown): Fault {
  return error instanceof Fault ? error : fault('internal', 'something went wrong here; it was logged under this request id')
}

/** The problem document of a fault. Never holds anything but what the fault was made with. */
export function problem(given: Fault, requestId: string): Answer {
  const { status, title } = FAULTS[given.code]
  const body = {
    ...given.shown,
    type: `urn:enact:problem:${given.code}`,
    title,
    status,
    detail: given.detail,
    code: given.code,
    request_id: requestId,
    ...(given.errors === undefined ? {} : { errors: given.errors })
  }
  return { status, body, headers: { 'content-type': 'application/problem+json', ...headersFor(given) } }
}

function headersFor(given: Fault): Record<string, string> {
  if (given.code === 'unauthorized') return { 'www-authenticate': 'Bearer realm="enact"' }
  return given.retryAfterSeconds === undefined ? {} : { 'retry-after': String(given.retryAfterSeconds) }
}

/** What the log says of an error that is nobody's fault but ours. */
export function bugReport(error: unknown, requestId: string, route: string): JsonObject {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { level: 'error', event: 'internal_error', request_id: requestId, route, error: text }
}
