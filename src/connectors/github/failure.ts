// One table of what GitHub's refusals mean: a code, a sentence, and whether a write may have happened all the same.
import { failed, type ActionResult } from '../../engine/index.ts'
import { Redirected } from './client.ts'

/** A request that did not succeed. With effect `none` GitHub has changed nothing. */
export class GitHubFailure extends Error {
  readonly code: string
  readonly status: number | null
  readonly effect: 'none' | 'unknown'
  constructor(code: string, message: string, status: number | null, effect: 'none' | 'unknown') {
    super(message)
    this.code = code
    this.status = status
    this.effect = effect
  }
  /** As the action's answer. */
  get result(): ActionResult<never> {
    return failed(this.code, this.message, this.effect)
  }
}

const REFUSALS: Readonly<Record<number, readonly [code: string, message: string]>> = {
  401: ['unauthorized', 'github does not accept the token'],
  403: ['forbidden', 'github forbids this to the token'],
  404: ['not_found', 'github does not know this, or hides it from the token'],
  405: ['not_mergeable', 'github refuses to merge'],
  409: ['vendor_conflict', 'github says that the state does not allow this'],
  410: ['gone', 'github has this switched off or removed'],
  422: ['rejected', 'github does not accept the input']
}

interface HttpError {
  readonly status: number
  readonly message: string
  readonly cause?: unknown
  readonly response?: { readonly headers: Readonly<Record<string, string | number | undefined>>; readonly data: unknown }
}

/** What a thrown thing means, or null where it is no answer of GitHub's but a bug. `writing` = the request would have changed something. */
export function toFailure(error: unknown, writing: boolean): GitHubFailure | null {
  if (error instanceof GitHubFailure) return error
  if (!(error instanceof Error) || !('status' in error)) return null
  const http = error as Error & HttpError
  const unsure = writing ? 'unknown' : 'none'
  if (http.response === undefined) return withoutAnswer(http.cause ?? http, unsure)
  const { status } = http
  const seconds = waitSeconds(http)
  if (seconds !== null) return new GitHubFailure('rate_limited', `github limits the rate: try again in ${seconds} s`, status, 'none')
  const known = REFUSALS[status]
  if (known) return new GitHubFailure(known[0], `${known[1]}${said(http.response.data)}`, status, 'none')
  // Without GitHub's own words it may be a proxy that speaks, while the request is still on its way.
  if (status >= 500) return new GitHubFailure('vendor_error', `github answered ${status}`, said(http.response.data) ? status : null, unsure)
  return new GitHubFailure('rejected', `github answered ${status}${said(http.response.data)}`, status, 'none')
}

function withoutAnswer(cause: unknown, unsure: 'none' | 'unknown'): GitHubFailure {
  if (cause instanceof Redirected) return new GitHubFailure('moved', 'the repository was renamed or moved: use its new name', null, 'none')
  if (cause instanceof Error && /^(Timeout|Abort)Error$/.test(cause.name))
    return new GitHubFailure('timed_out', 'github did not answer in time', null, unsure)
  if (cause instanceof SyntaxError) return new GitHubFailure('vendor_error', 'github answered something that is not JSON', null, unsure)
  return new GitHubFailure('unreachable', 'the connection to github failed', null, unsure)
}

/** How long GitHub asks to wait, or null when it is not about rates; the clock is the answer's own. */
function waitSeconds(http: HttpError): number | null {
  const headers = http.response?.headers ?? {}
  const spent = headers['x-ratelimit-remaining'] === '0'
  const secondary = http.status === 403 && /secondary rate limit|abuse detection/i.test(http.message)
  if (http.status !== 429 && !(http.status === 403 && (spent || secondary || headers['retry-after'] !== undefined))) return null
  const retryAfter = Number(headers['retry-after'])
  const untilReset = Number(headers['x-ratelimit-reset']) - Date.parse(String(headers['date'])) / 1000
  const wait = retryAfter > 0 ? retryAfter : spent && untilReset > 0 ? untilReset : 60
  return Math.min(Math.ceil(wait), 86_400)
}

/** GitHub's own words, on one line and short; the client has taken the token out of them. */
function said(data: unknown): string {
  if (typeof data !== 'object' || data === null || !('message' in data)) return ''
  const errors = 'errors' in data && Array.isArray(data.errors) ? data.errors : []
  const more = errors.map((each: unknown) => (typeof each === 'string' ? each : String((each as { message?: unknown })?.message ?? '')))
  const text = [data.message, ...more.filter(Boolean)]
    .join(': ')
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, ' ')
    .trim()
  return text === '' ? '' : ` (${text.slice(0, 300)})`
}
