// Branches: look, compare, create at a commit, delete while nothing new is on them.
import * as z from 'zod'
import { alreadyDone, conflict, done, failed } from '../../engine/index.ts'
import { reading, writing, type Planned } from './action.ts'
import { Branch, RepoName, resource, Sha } from './inputs.ts'
import { GitHubFailure } from './failure.ts'
import type { Repository } from './repository.ts'
import { holdsOnlyUndone, mustHead } from './history.ts'
import { openPulls } from './pulls.ts'

type BranchAt = { branch: string; sha: string | null }

const onBranch = (input: { repo: string; branch: string }) => [resource(input.repo, 'branch', input.branch)]

/** Says whether a branch exists and where it points. */
export const get_branch = reading({
  title: 'Look at a branch',
  input: z.strictObject({ repo: RepoName, branch: Branch }),
  resources: onBranch,
  async read(repository, { branch }) {
    const sha = await repository.head(branch)
    return done({ branch, found: sha !== null, sha })
  }
})

/** Counts the commits that a branch has of its own, and those it lacks, against a base branch. */
export const compare_branches = reading({
  title: 'Compare two branches',
  input: z.strictObject({ repo: RepoName, base: Branch, branch: Branch }),
  resources: onBranch,
  async read(repository, { base, branch }) {
    const from = await mustHead(repository, base)
    const to = await mustHead(repository, branch)
    // By sha: a tag or a commit of the same name cannot stand in for a branch.
    const { data } = await repository.api.repos.compareCommitsWithBasehead({ ...repository.at, basehead: `${from}...${to}`, per_page: 1 })
    return done({ base_sha: from, sha: to, ahead_by: data.ahead_by, behind_by: data.behind_by })
  }
})

/** Creates a branch at a commit, or at the head of `base`. A branch of that name at another commit is never moved. */
export const create_branch = writing({
  title: 'Create a branch',
  input: z
    .strictObject({ repo: RepoName, branch: Branch, base: Branch.optional(), sha: Sha.optional() })
    .refine((input) => (input.base === undefined) !== (input.sha === undefined), 'give either `base` or `sha`'),
  resources: onBranch,
  async plan(repository, { branch, base, sha: wished }): Promise<Planned<BranchAt>> {
    const sha = wished ?? (await mustHead(repository, base ?? ''))
    const head = await repository.head(branch)
    if (head === sha) return alreadyDone('created', { branch, sha })
    if (head !== null) return elsewhere(repository, branch, head, sha)
    return async () => {
      await repository.call.note({ sha })
      try {
        await repository.effect(repository.api.git.createRef({ ...repository.at, ref: `refs/heads/${branch}`, sha }))
      } catch (error) {
        if (!(error instanceof GitHubFailure) || error.status !== 422) throw error
        // Somebody may have been faster: their branch is theirs, even at the same commit.
        const now = await repository.head(branch)
        if (now === null) throw error
        return now === sha ? alreadyDone('created', { branch, sha }) : elsewhere(repository, branch, now, sha)
      }
      return done({ branch, sha })
    }
  },
  async look(repository, { branch }) {
    const sha = repository.noted()['sha']
    if (typeof sha !== 'string') return { kind: 'not_done' }
    const head = await repository.head(branch)
    if (head === sha) return { kind: 'done', output: { branch, sha } }
    return head === null ? { kind: 'not_done' } : { kind: 'unknown' }
  },
  inverse: ({ repo, branch }, { sha }: BranchAt) => ({ action: 'delete_branch', input: { repo, branch }, expect: { sha } })
})

/**
 * Deletes a branch that no open pull request needs, since GitHub would close those unasked. In a rollback only one that holds
 * nothing but what it was created with: commits since then that were themselves undone may be there, anything else is a conflict.
 * GitHub has no conditional delete, so the check is its last read.
 */
export const delete_branch = writing({
  title: 'Delete a branch',
  input: z.strictObject({ repo: RepoName, branch: Branch, expected_head_sha: Sha.optional() }),
  resources: onBranch,
  async plan(repository, { branch, expected_head_sha }): Promise<Planned<BranchAt>> {
    const sha = await repository.head(branch)
    if (sha === null) return alreadyDone('deleted', { branch, sha: expected_head_sha ?? null })
    if (expected_head_sha !== undefined && sha !== expected_head_sha) {
      return failed('head_moved', `branch \`${branch}\` is at ${sha}, not at ${expected_head_sha}`)
    }
    const created = repository.call.expect?.['sha']
    if (typeof created === 'string' && !(await holdsOnlyUndone(repository, created, sha))) {
      return conflict(`branch \`${branch}\` has commits newer than ${created}`, { sha })
    }
    const needed = [...(await openPulls(repository, { head: branch })), ...(await openPulls(repository, { base: branch }))]
    if (needed.length > 0) {
      const message = `branch \`${branch}\` is used by open pull request ${needed.map((pull) => `#${pull.number}`).join(', ')}: close it first`
      return repository.call.expect === null ? failed('branch_in_use', message) : conflict(message, { sha })
    }
    return async () => {
      await repository.call.note({ sha })
      try {
        await repository.effect(repository.api.git.deleteRef({ ...repository.at, ref: `heads/${branch}` }))
      } catch (error) {
        if (!(error instanceof GitHubFailure) || error.status !== 422 || (await repository.head(branch)) !== null) throw error
        return alreadyDone('deleted', { branch, sha })
      }
      return done({ branch, sha })
    }
  },
  async look(repository, { branch }) {
    const sha = repository.noted()['sha']
    if (typeof sha !== 'string') return { kind: 'not_done' }
    const head = await repository.head(branch)
    if (head === null) return { kind: 'done', output: { branch, sha } }
    return head === sha ? { kind: 'not_done' } : { kind: 'unknown' }
  },
  inverse: ({ repo, branch }, { sha }: BranchAt) =>
    sha === null ? null : { action: 'create_branch', input: { repo, branch, sha }, expect: { absent: true } }
})

function elsewhere(repository: Repository, branch: string, head: string, sha: string) {
  const message = `branch \`${branch}\` exists already, at ${head} and not at ${sha}`
  return repository.call.expect === null ? failed('branch_exists', message) : conflict(message, { sha: head })
}
