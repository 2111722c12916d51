// The one way to the server: JSON in, JSON out, problems as errors. The session's cookie goes along by itself.

/** What the server answered instead (RFC 9457), or `network` where nothing came. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly body: Readonly<Record<string, unknown>>
  constructor(status: number, code: string, detail: string, body: Readonly<Record<string, unknown>> = {}) {
    super(detail)
    this.status = status
    this.code = code
    this.body = body
  }
}

/** Called when the server says that nobody is signed in (any more). */
let onSignedOut: () => void = () => undefined

export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler
}

/** Reads. `path` begins with `/`; parameters that are null or empty are left out. Throws `Problem`. */
export function get<T>(
  path: string,
  params: Readonly<Record<string, string | number | null | undefined>> = {},
  signal?: AbortSignal
): Promise<T> {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params))
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value))
  return call<T>(query.size === 0 ? path : `${path}?${query.toString()}`, { method: 'GET', ...(signal ? { signal } : {}) })
}

/** Writes. Sent again with the same `key`, it is done once. Throws `Problem`. */
export function send<T = undefined>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(key === undefined ? {} : { 'idempotency-key': key })
  }
  return call<T>(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
}

async function call<T>(address: string, init: RequestInit): Promise<T> {
  let response: Response
  try {
    response = await fetch(address, {
      ...init,
      headers: { accept: 'application/json', ...(init.headers as Record<string, string> | undefined) },
      credentials: 'same-origin',
      redirect: 'error'
    })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new Problem(0, 'network', 'the server does not answer: is it running, and are you online?')
  }
  const text = await response.text()
  const body = parsed(text)
  if (response.ok) return body as T
  const problem = (body ?? {}) as Record<string, unknown>
  if (response.status === 401) onSignedOut()
  throw new Problem(
    response.status,
    typeof problem.code === 'string' ? problem.code : 'unknown',
    typeof problem.detail === 'string' ? problem.detail : `the server answered ${response.status}`,
    problem
  )
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}

/** What to tell a person of whatever was thrown. */
export function tell(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
