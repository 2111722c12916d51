// The history of a branch: moving it one commit on without ever overwriting, and asking what it contains.
import { conflict, done, failed, type ActionResult, type Recovered } from '../../engine/index.ts'
import { GitHubFailure } from './failure.ts'
import { orNull, type Repository } from './repository.ts'

export interface Commit {
  readonly sha: string
  readonly tree: string
  readonly parents: readonly string[]
}

/** The head of a branch that has to be there. */
export async function mustHead(repository: Repository, branch: string): Promise<string> {
  const sha = await repository.head(branch)
  if (sha === null) throw new GitHubFailure('not_found', `branch \`${branch}\` does not exist in \`${repository.full_name}\``, 404, 'none')
  return sha
}

/** A commit of this repository; null when GitHub does not have it. */
export async function readCommit(repository: Repository, sha: string): Promise<Commit | null> {
  const found = await orNull(repository.api.git.getCommit({ ...repository.at, commit_sha: sha }))
  return found && { sha, tree: found.data.tree.sha, parents: found.data.parents.map((parent) => parent.sha) }
}

/** A commit that a branch points to, which therefore has to exist. */
export async function mustCommit(repository: Repository, sha: string): Promise<Commit> {
  const commit = await readCommit(repository, sha)
  if (commit === null) throw new GitHubFailure('not_found', `commit ${sha} does not exist in \`${repository.full_name}\``, 404, 'none')
  return commit
}

type Advanced = { branch: string; commit_sha: string; parent_sha: string }

/**
 * Adds one commit on top of `parent` and moves the branch to it, or says that the head moved.
 * INVARIANT: never forced. The new commit has `parent` as its only parent, so a branch that has moved on is not its
 * ancestor and GitHub refuses the update: comparing and setting are one step, on GitHub's side.
 */
export async function advance(
  repository: Repository,
  branch: string,
  parent: Commit,
  tree: string,
  message: string
): Promise<ActionResult<Advanced>> {
  const { api, at, call } = repository
  const { data } = await api.git.createCommit({ ...at, message, tree, parents: [parent.sha] })
  await call.note({ commit_sha: data.sha, parent_sha: parent.sha })
  try {
    await repository.effect(api.git.updateRef({ ...at, ref: `heads/${branch}`, sha: data.sha, force: false }))
    return done({ branch, commit_sha: data.sha, parent_sha: parent.sha })
  } catch (error) {
    if (!(error instanceof GitHubFailure) || (error.status !== 422 && error.status !== 409)) throw error
    const head = await repository.head(branch)
    if (head === parent.sha) throw error
    return headMoved(repository, branch, parent.sha, head)
  }
}

/** The head is not where it was expected: a conflict in a rollback, a failure before. */
export function headMoved(repository: Repository, branch: string, expected: string, head: string | null): ActionResult<never> {
  const message = `branch \`${branch}\` is at ${head ?? 'no commit: it was deleted'}, not at ${expected}`
  return repository.call.expect === null ? failed('head_moved', message) : conflict(message, { head_sha: head })
}

/** Whether the commit that an earlier attempt noted before moving the branch got there. */
export async function lookForCommit(repository: Repository, branch: string): Promise<Recovered<Advanced>> {
  const { commit_sha, parent_sha } = repository.noted()
  if (typeof commit_sha !== 'string' || typeof parent_sha !== 'string') return { kind: 'not_done' }
  const head = await repository.head(branch)
  if (head === parent_sha) return { kind: 'not_done' }
  if (head !== null && (await contains(repository, head, commit_sha))) return { kind: 'done', output: { branch, commit_sha, parent_sha } }
  return { kind: 'unknown' }
}

async function contains(repository: Repository, head: string, sha: string): Promise<boolean> {
  if (head === sha) return true
  const compared = await orNull(
    repository.api.repos.compareCommitsWithBasehead({ ...repository.at, basehead: `${sha}...${head}`, per_page: 1 })
  )
  return compared?.data.status === 'ahead'
}

const UNDONE_PAIRS_MAX = 50

/** Whether everything between `created` and `head` is pairs of a commit and the commit that took exactly it back. */
export async function holdsOnlyUndone(repository: Repository, created: string, head: string): Promise<boolean> {
  let here = head
  for (let pairs = 0; here !== created; pairs++) {
    const undo = await readCommit(repository, here)
    const undone = undo?.parents.length === 1 ? await readCommit(repository, undo.parents[0]!) : null
    const before = undone?.parents.length === 1 ? await readCommit(repository, undone.parents[0]!) : null
    if (before === null || undo?.tree !== before.tree || pairs === UNDONE_PAIRS_MAX) return false
    here = before.sha
  }
  return true
}
