// The way to GitHub: the slice of Octokit in use, one request at a time, no retries, no redirects, no token in any answer.
import { Octokit, type RestEndpointMethodTypes as Api } from '@octokit/rest'
import { ENGINE_VERSION } from '../../engine/index.ts'

type Calls<Room, Name extends keyof Room> = {
  readonly [N in Name]: Room[N] extends { parameters: infer P; response: infer R } ? (parameters: P) => Promise<R> : never
}

/** What the actions call. */
export interface GitHubClient {
  readonly git: Calls<
    Api['git'],
    'getRef' | 'createRef' | 'updateRef' | 'deleteRef' | 'getCommit' | 'createCommit' | 'getTree' | 'createTree' | 'createBlob'
  >
  readonly pulls: Calls<Api['pulls'], 'get' | 'list' | 'create' | 'update' | 'merge'>
  readonly issues: Calls<Api['issues'], 'get' | 'listForRepo' | 'create' | 'update'>
  readonly repos: Calls<Api['repos'], 'get' | 'compareCommitsWithBasehead'>
  /** Whether the installation lets agents touch `owner/name`. */
  allows(repo: string): boolean
}

export interface ClientOptions {
  readonly token: string
  readonly api_url: string
  readonly repos?: readonly string[] | undefined
}

/** Thrown instead of following a redirect: the token and the allow list hold for the address that was asked. */
export class Redirected extends Error {}

/** A client that never retries by itself: what became of a write is the recorder's to know. */
export function createClient(options: ClientOptions): GitHubClient {
  const { token, api_url, repos } = options
  const octokit = new Octokit({
    auth: token,
    baseUrl: api_url.replace(/\/+$/, ''),
    userAgent: `enact/${ENGINE_VERSION}`,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    request: { fetch: (url: string, init: RequestInit) => ask(url, init, token) }
  })
  const { git, pulls, issues, repos: repositories } = octokit.rest
  return { git, pulls, issues, repos: repositories, allows: (repo) => isAllowed(repo, repos) }
}

/** Absent = every repository; an empty list = none; `owner/*` = all of one owner. GitHub ignores case here, so does this. */
function isAllowed(repo: string, list: readonly string[] | undefined): boolean {
  if (list === undefined) return true
  const name = repo.toLowerCase()
  return list.some((entry) => {
    const allowed = entry.toLowerCase()
    return allowed === name || (allowed.endsWith('/*') && name.startsWith(allowed.slice(0, -1)))
  })
}

async function ask(url: string, init: RequestInit, token: string): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'manual' })
  if ((response.status >= 300 && response.status < 400) || (response.type as string) === 'opaqueredirect')
    throw new Redirected('redirected')
  if (response.status === 204) return response
  // Read here, under the request's own signal: Octokit takes a body that breaks off for an empty answer.
  const text = await response.text()
  if (response.ok) JSON.parse(text)
  const headers = new Headers(response.headers)
  headers.delete('content-encoding')
  headers.delete('content-length')
  return new Response(text.replaceAll(token, '[token]'), { status: response.status, headers })
}
