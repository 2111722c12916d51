// One repository for the time of one call: every request under the call's deadline, every failure turned into a result.
import { type ActionResult, type CallContext, failed, type Json, type JsonObject, type Recovered } from '../../engine/index.ts'
import type { GitHubClient } from './client.ts'
import { GitHubFailure, toFailure } from './failure.ts'

/** A repository and the call that works on it. */
export interface Repository {
  readonly api: GitHubClient
  readonly owner: string
  readonly full_name: string
  /** Where and until when: spread it into each request. */
  readonly at: { owner: string; repo: string; request: { signal: AbortSignal } }
  readonly call: CallContext
  /** What this call and its earlier attempts wrote into the journal, the newest value of each key. */
  noted(): { readonly [key: string]: Json | undefined }
  /** Marks the one request that changes something: without a clear answer its effect is unknown. */
  effect<T>(work: Promise<T>): Promise<T>
  /** The commit a branch points to; null when there is no such branch in a repository that can be seen. */
  head(branch: string): Promise<string | null>
}

// The connector gives up first: then its request is aborted and its answer says what is known.
const SHARE_OF_TIME = 0.9

/** Runs `act` in a repository of the allow list. Never throws for what GitHub does: a refusal or a lost answer is a result. */
export async function onRepository<O extends JsonObject>(
  client: GitHubClient,
  fullName: string,
  call: CallContext,
  act: (repository: Repository) => Promise<ActionResult<O>>
): Promise<ActionResult<O>> {
  if (!client.allows(fullName)) return failed('repo_not_allowed', `repository \`${fullName}\` is not on the allow list`)
  try {
    return await act(open(client, fullName, call))
  } catch (error) {
    const failure = toFailure(error, false)
    if (failure === null) throw error
    return failure.result
  }
}

/** Asks the world about a call whose outcome was lost; what GitHub does not answer stays unknown. */
export async function lookUp<O extends JsonObject>(
  client: GitHubClient,
  fullName: string,
  call: CallContext,
  look: (repository: Repository) => Promise<Recovered<O>>
): Promise<Recovered<O>> {
  if (!client.allows(fullName)) return { kind: 'unknown' }
  try {
    const repository = open(client, fullName, call)
    const seen = await look(repository)
    // A request without an answer may still be on its way: that its effect is not there yet does not mean never.
    return seen.kind === 'not_done' && repository.noted()['unanswered'] === true ? { kind: 'unknown' } : seen
  } catch (error) {
    if (toFailure(error, false) === null) throw error
    return { kind: 'unknown' }
  }
}

function open(api: GitHubClient, fullName: string, call: CallContext): Repository {
  const [owner = '', repo = ''] = fullName.split('/')
  const at = { owner, repo, request: { signal: AbortSignal.timeout(Math.max(1, Math.floor(call.timeoutMs * SHARE_OF_TIME))) } }
  return {
    api,
    owner,
    full_name: fullName,
    at,
    call,
    noted: () => Object.assign({}, ...call.notes),
    async effect(work) {
      try {
        return await work
      } catch (error) {
        const failure = toFailure(error, true)
        // A 500 in GitHub's words is its last word; anything else may come from a gateway in front of work that goes on.
        if (failure?.effect === 'unknown' && failure.status !== 500) await call.note({ unanswered: true })
        throw failure ?? error
      }
    },
    async head(branch) {
      const found = await orNull(api.git.getRef({ ...at, ref: `heads/${branch}` }))
      if (found) return found.data.object.sha
      // GitHub says 404 for a hidden repository too: only in one that can be seen is the branch really absent.
      if (await orNull(api.repos.get(at))) return null
      throw new GitHubFailure('not_found', `repository \`${fullName}\` does not exist, or is hidden from the token`, 404, 'none')
    }
  }
}

/** Null for a 404. */
export async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (toFailure(error, false)?.status === 404) return null
    throw error
  }
}

/** Every item of a list, page after page; the reader stops when it has seen enough. */
export async function* pages<T>(list: (page: { per_page: number; page: number }) => Promise<{ data: T[] }>): AsyncGenerator<T> {
  for (let page = 1; ; page++) {
    const { data } = await list({ per_page: 100, page })
    yield* data
    if (data.length < 100) return
  }
}
