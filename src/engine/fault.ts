// The one table of everything that can go wrong by name; whatever is not in it is a bug and answers 500 `internal`.

/** code → HTTP status, title, and whether the same request may succeed later. */
export const FAULTS = {
  bad_json: { status: 400, title: 'The body is not acceptable JSON', retryable: false },
  unauthorized: { status: 401, title: 'Missing or unknown API key', retryable: false },
  forbidden: { status: 403, title: 'The key lacks the scope', retryable: false },
  foreign_origin: { status: 403, title: 'The request does not come from a page of this installation', retryable: false },
  own_request: { status: 403, title: 'Nobody decides on their own request', retryable: false },
  token_invalid: { status: 403, title: 'This link does not decide on this request', retryable: false },
  not_found: { status: 404, title: 'No such thing', retryable: false },
  method_not_allowed: { status: 405, title: 'Method not allowed', retryable: false },
  nothing_to_undo: { status: 409, title: 'No call of this run had an effect', retryable: false },
  signature_invalid: { status: 409, title: 'The receipt does not verify', retryable: false },
  receipt_conflict: { status: 409, title: 'Another receipt is stored under this id', retryable: false },
  run_in_progress: { status: 409, title: 'The run is still going on', retryable: true },
  idempotency_in_progress: { status: 409, title: 'The first request with this key is still running', retryable: true },
  already_exists: { status: 409, title: 'It exists already', retryable: false },
  last_admin_key: { status: 409, title: 'The last admin key of a team stays', retryable: false },
  last_approver: { status: 409, title: 'The last approver of a team stays', retryable: false },
  already_decided: { status: 409, title: 'It was decided before', retryable: false },
  export_not_ready: { status: 409, title: 'The export is not ready', retryable: true },
  locked: { status: 409, title: 'Somebody else holds the lock', retryable: true },
  endpoint_disabled: { status: 409, title: 'The endpoint is switched off', retryable: false },
  request_changed: { status: 409, title: 'The request is not what this link was made for', retryable: false },
  lock_lost: { status: 410, title: 'The lock is not held any more', retryable: false },
  erased: { status: 410, title: 'The receipt was erased', retryable: false },
  payload_too_large: { status: 413, title: 'The body is too large', retryable: false },
  unsupported_media_type: { status: 415, title: 'Send application/json', retryable: false },
  invalid: { status: 422, title: 'The input is not valid', retryable: false },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key was used with another body', retryable: false },
  approver_unknown: { status: 422, title: 'Not a registered approver', retryable: false },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  too_many_shares: { status: 409, title: 'The receipt has as many live links as it may have', retryable: false },
  too_many_locks: { status: 429, title: 'Too many locks are held', retryable: true },
  misconfigured: { status: 503, title: 'This installation is not configured', retryable: false },
  internal: { status: 500, title: 'Internal error', retryable: true },
  unavailable: { status: 503, title: 'A part Enact depends on does not answer', retryable: true }
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>

export type FaultCode = keyof typeof FAULTS

/** One place in the input that is wrong; `pointer` is RFC 6901. */
export interface InputError {
  readonly pointer: string
  readonly detail: string
}

interface More {
  readonly errors?: readonly InputError[]
  readonly retryAfterSeconds?: number
  /** Further members of the problem document (RFC 9457, section 3.2), where the contract names them. */
  readonly shown?: Readonly<Record<string, string | number | null>>
}

/** Thrown for anything that the caller can be told; `detail` never holds a secret. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly detail: string
  readonly errors: readonly InputError[] | undefined
  readonly retryAfterSeconds: number | undefined
  readonly shown: Readonly<Record<string, string | number | null>> | undefined
  constructor(code: FaultCode, detail: string, more: More = {}) {
    super(`${code}: ${detail}`)
    this.name = 'Fault'
    this.code = code
    this.detail = detail
    this.errors = more.errors
    this.retryAfterSeconds = more.retryAfterSeconds
    this.shown = more.shown
  }
  get status(): number {
    return FAULTS[this.code].status
  }
}

/** Makes a fault to throw. */
export function fault(code: FaultCode, detail: string, more?: More): Fault {
  return new Fault(code, detail, more)
}
