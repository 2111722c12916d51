// Pull requests: open, close, merge; each looked up by its own repository, branch and base, never by a name alone.
import * as z from 'zod'
import { alreadyDone, conflict, done, failed } from '../../engine/index.ts'
import { reading, writing, type Planned } from './action.ts'
import { GitHubFailure } from './failure.ts'
import { Body, Branch, CommitMessage, ItemNumber, RepoName, resource, Sha, Title } from './inputs.ts'
import { isMarked, withMarker } from './marker.ts'
import { pages, type Repository } from './repository.ts'

const Pull = z.strictObject({ repo: RepoName, pr_number: ItemNumber })
type Opened = { pr_number: number; url: string; head_sha: string }
type Closed = { pr_number: number; closed_at: string | null }
type Merged = { pr_number: number; base: string; head_sha: string; commit_sha: string | null }

const onPull = (input: { repo: string; pr_number: number }) => [resource(input.repo, 'pull', input.pr_number)]

/** Says what a pull request is: open, closed or merged, from which commit, into which branch. */
export const get_pr = reading({
  title: 'Look at a pull request',
  input: Pull,
  resources: onPull,
  async read(repository, { pr_number }) {
    const { data } = await repository.api.pulls.get({ ...repository.at, pull_number: pr_number })
    return done({
      pr_number,
      title: data.title,
      state: data.state,
      merged: data.merged,
      branch: data.head.ref,
      base: data.base.ref,
      head_sha: data.head.sha
    })
  }
})

/** Opens a pull request from a branch of the same repository. One that is open for this branch and base already is left as it is. */
export const create_pr = writing({
  title: 'Open a pull request',
  input: z.strictObject({
    repo: RepoName,
    branch: Branch,
    base: Branch,
    title: Title,
    body: Body.optional(),
    draft: z.boolean().optional()
  }),
  resources: ({ repo, branch }) => [resource(repo, 'branch', branch)],
  async plan(repository, { branch, base, title, body, draft }): Promise<Planned<Opened>> {
    if (branch === base) return failed('same_branch', `branch \`${branch}\` cannot be merged into itself`)
    const [open] = await openPulls(repository, { head: branch, base })
    if (open) return alreadyDone('created', described(open))
    const text = withMarker(body, repository.call.idempotencyKey)
    return async () => {
      try {
        const { data } = await repository.effect(
          repository.api.pulls.create({ ...repository.at, head: branch, base, title, body: text, ...(draft ? { draft } : {}) })
        )
        return done(described(data))
      } catch (error) {
        if (!(error instanceof GitHubFailure) || error.status !== 422) throw error
        // GitHub keeps one open pull request per branch and base: somebody was faster.
        const [faster] = await openPulls(repository, { head: branch, base })
        if (!faster) throw error
        return alreadyDone('created', described(faster))
      }
    }
  },
  async look(repository, { branch, base }) {
    for await (const pull of pullsOf(repository, { head: branch, base, state: 'all' })) {
      if (isMarked(pull.body, repository.call.idempotencyKey)) return { kind: 'done', output: described(pull) }
    }
    return { kind: 'not_done' }
  },
  inverse: ({ repo }, { pr_number }: Opened) => ({ action: 'close_pr', input: { repo, pr_number }, expect: { merged: false } })
})

/** Closes a pull request without merging it. One that was merged is never touched. */
export const close_pr = writing({
  title: 'Close a pull request',
  input: Pull,
  resources: onPull,
  async plan(repository, { pr_number }): Promise<Planned<Closed>> {
    const { data: pull } = await repository.api.pulls.get({ ...repository.at, pull_number: pr_number })
    if (pull.merged) {
      const message = `pull request #${pr_number} was merged`
      return repository.call.expect === null ? failed('pr_merged', message) : conflict(message, { merged: true })
    }
    if (pull.state === 'closed') return alreadyDone('closed', { pr_number, closed_at: pull.closed_at })
    return async () => {
      const { data } = await repository.effect(repository.api.pulls.update({ ...repository.at, pull_number: pr_number, state: 'closed' }))
      return done({ pr_number, closed_at: data.closed_at })
    }
  },
  async look(repository, { pr_number }) {
    const { data } = await repository.api.pulls.get({ ...repository.at, pull_number: pr_number })
    if (data.state === 'open') return { kind: 'not_done' }
    return data.merged ? { kind: 'unknown' } : { kind: 'done', output: { pr_number, closed_at: data.closed_at } }
  },
  inverse: ({ repo, pr_number }, { closed_at }: Closed) => ({ action: 'reopen_pr', input: { repo, pr_number }, expect: { closed_at } })
})

/** Opens again what `close_pr` closed, unless somebody closed or merged it since. */
export const reopen_pr = writing({
  title: 'Reopen a pull request',
  internal: true,
  input: Pull,
  resources: onPull,
  async plan(repository, { pr_number }): Promise<Planned<{ pr_number: number }>> {
    const { data: pull } = await repository.api.pulls.get({ ...repository.at, pull_number: pr_number })
    if (pull.state === 'open') return alreadyDone('reopened', { pr_number })
    if (pull.merged || pull.closed_at !== repository.call.expect?.['closed_at']) {
      return conflict(`pull request #${pr_number} was closed or merged again since`, { merged: pull.merged, closed_at: pull.closed_at })
    }
    return async () => {
      await repository.effect(repository.api.pulls.update({ ...repository.at, pull_number: pr_number, state: 'open' }))
      return done({ pr_number })
    }
  },
  async look(repository, { pr_number }) {
    const { data } = await repository.api.pulls.get({ ...repository.at, pull_number: pr_number })
    return data.state === 'open' ? { kind: 'done', output: { pr_number } } : { kind: 'not_done' }
  },
  inverse: () => null
})

/**
 * Merges a pull request into `base`, at the head that was read. `base` is what policies judged, so the pull request's real base has
 * to be it; `rebase` is not offered, since its commits could not be taken back as one.
 */
export const merge_pr = writing({
  title: 'Merge a pull request',
  input: z.strictObject({
    repo: RepoName,
    pr_number: ItemNumber,
    base: Branch,
    expected_head_sha: Sha.optional(),
    merge_method: z.enum(['merge', 'squash']).optional(),
    commit_message: CommitMessage.optional()
  }),
  resources: ({ repo, pr_number, base }) => [resource(repo, 'pull', pr_number), resource(repo, 'branch', base)],
  async plan(repository, { pr_number, base, expected_head_sha, merge_method = 'merge', commit_message }): Promise<Planned<Merged>> {
    const { data: pull } = await repository.api.pulls.get({ ...repository.at, pull_number: pr_number })
    const head_sha = pull.head.sha
    if (pull.base.ref !== base)
      return failed('base_mismatch', `pull request #${pr_number} goes into \`${pull.base.ref}\`, not into \`${base}\``)
    if (pull.merged) return alreadyDone('merged', { pr_number, base, head_sha, commit_sha: pull.merge_commit_sha })
    if (pull.state !== 'open') return failed('pr_closed', `pull request #${pr_number} is closed`)
    if (expected_head_sha !== undefined && expected_head_sha !== head_sha) {
      return failed('head_moved', `pull request #${pr_number} is at ${head_sha}, not at ${expected_head_sha}`)
    }
    const message = commit_message === undefined ? {} : asTitleAndText(commit_message)
    return async () => {
      await repository.call.note({ head_sha })
      try {
        const { data } = await repository.effect(
          repository.api.pulls.merge({ ...repository.at, pull_number: pr_number, sha: head_sha, merge_method, ...message })
        )
        return done({ pr_number, base, head_sha, commit_sha: data.sha })
      } catch (error) {
        if (error instanceof GitHubFailure && error.status === 409)
          return failed('head_moved', `pull request #${pr_number} is no longer at ${head_sha}`)
        throw error
      }
    }
  },
  async look(repository, { pr_number, base }) {
    const { data: pull } = await repository.api.pulls.get({ ...repository.at, pull_number: pr_number })
    if (!pull.merged) return { kind: 'not_done' }
    const head_sha = repository.noted()['head_sha']
    if (pull.head.sha !== head_sha || pull.base.ref !== base) return { kind: 'unknown' }
    return { kind: 'done', output: { pr_number, base, head_sha, commit_sha: pull.merge_commit_sha } }
  },
  inverse: ({ repo, base }, { commit_sha }: Merged) =>
    commit_sha === null ? null : { action: 'revert_commit', input: { repo, branch: base, commit_sha }, expect: {} }
})

type Listed = Awaited<ReturnType<Repository['api']['pulls']['list']>>['data'][number]
interface Ends {
  readonly head?: string
  readonly base?: string
}

/** The open pull requests from and into branches of this very repository. */
export async function openPulls(repository: Repository, ends: Ends): Promise<Listed[]> {
  const open = []
  for await (const pull of pullsOf(repository, { ...ends, state: 'open' })) open.push(pull)
  return open
}

/** GitHub ignores a filter that it cannot read, and a fork may have a branch of the same name: what comes back is checked. */
async function* pullsOf(repository: Repository, { head, base, state }: Ends & { state: 'open' | 'all' }): AsyncGenerator<Listed> {
  const filter = { state, ...(head ? { head: `${repository.owner}:${head}` } : {}), ...(base ? { base } : {}) }
  const own = repository.full_name.toLowerCase()
  for await (const pull of pages((page) => repository.api.pulls.list({ ...repository.at, ...filter, ...page }))) {
    if (base !== undefined && pull.base.ref !== base) continue
    if (head !== undefined && (pull.head.ref !== head || pull.head.repo?.full_name.toLowerCase() !== own)) continue
    yield pull
  }
}

function described(pull: { number: number; html_url: string; head: { sha: string } }): Opened {
  return { pr_number: pull.number, url: pull.html_url, head_sha: pull.head.sha }
}

function asTitleAndText(message: string): { commit_title: string; commit_message: string } {
  const [title = '', ...text] = message.split('\n')
  return { commit_title: title, commit_message: text.join('\n').trim() }
}
