// What goes wrong on the way to an installation, as one error: its problem document, or that there was no answer.
import { FAULTS } from '../engine/fault.ts'
import type { JsonObject } from '../engine/schema.ts'

/** Codes that this client itself gives; every other is the installation's. */
export type ClientCode = 'network' | 'timeout' | 'bad_answer' | 'wait_timeout'

interface More {
  readonly status?: number
  readonly retryable?: boolean
  readonly retryAfter?: number | null
  readonly problem?: JsonObject
  readonly cause?: unknown
}

/** Thrown for whatever is not the answer asked for. Never holds the API key. */
export class EnactError extends Error {
  /** As in the problem document: `locked`, `rate_limited`, `not_found`, … */
  readonly code: string
  /** 0 = there was no answer. */
  readonly status: number
  readonly detail: string
  /** Whether the same request may succeed later. */
  readonly retryable: boolean
  /** Seconds, where the installation says so. */
  readonly retryAfter: number | null
  /** The whole document: `errors`, a lock's `holder`, `run_id` and `expires_at`, the `request_id`. */
  readonly problem: JsonObject

  constructor(code: string, detail: string, { status = 0, retryable = false, retryAfter = null, problem = {}, cause }: More = {}) {
    super(`${code}: ${detail}`, cause === undefined ? undefined : { cause })
    this.name = 'EnactError'
    this.code = code
    this.status = status
    this.detail = detail
    this.retryable = retryable
    this.retryAfter = retryAfter
    this.problem = problem
  }
}

/** The error that an answer is. What is no problem document is told by its status alone: its text may be anybody's. */
export function errorOf(status: number, body: unknown, retryAfter: string | null): EnactError {
  const problem = isObject(body) && typeof body.code === 'string' ? body : {}
  const code = typeof problem.code === 'string' ? problem.code : `http_${status}`
  const detail = typeof problem.detail === 'string' ? problem.detail : `the answer was ${status}, and no problem document`
  const known = Object.hasOwn(FAULTS, code) ? FAULTS[code as keyof typeof FAULTS].retryable : null
  const retryable = known ?? (status === 429 || status === 502 || status === 503 || status === 504)
  return new EnactError(code, detail, { status, retryable, retryAfter: secondsOf(retryAfter), problem })
}

/** `Retry-After` in seconds; a date (RFC 9110, section 10.2.3) too. */
function secondsOf(text: string | null): number | null {
  if (text === null) return null
  if (/^\d{1,9}$/.test(text.trim())) return Number(text)
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - Date.now()) / 1000))
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
