// Issues: create once per call, close, reopen.
import * as z from 'zod'
import { alreadyDone, conflict, done, failed } from '../../engine/index.ts'
import { writing, type Planned } from './action.ts'
import { Body, ItemNumber, RepoName, resource, Title } from './inputs.ts'
import { isMarked, withMarker } from './marker.ts'
import { pages, type Repository } from './repository.ts'

const Issue = z.strictObject({ repo: RepoName, issue_number: ItemNumber })
type Created = { issue_number: number; url: string }
type Closed = { issue_number: number; closed_at: string | null }

const onIssue = (input: { repo: string; issue_number: number }) => [resource(input.repo, 'issue', input.issue_number)]

/** Creates an issue, once per call: its text bears the call's mark, by which a second attempt finds it. */
export const create_issue = writing({
  title: 'Create an issue',
  input: z.strictObject({
    repo: RepoName,
    title: Title,
    body: Body.optional(),
    labels: z.array(z.string().min(1).max(50)).max(20).optional()
  }),
  resources: ({ repo, title }) => [resource(repo, 'issue-titled', title)],
  async plan(repository, { title, body, labels }): Promise<Planned<Created>> {
    const { newest, mine } = await newestIssues(repository)
    if (mine) return alreadyDone('created', described(mine))
    const text = withMarker(body, repository.call.idempotencyKey)
    return async () => {
      await repository.call.note({ newest: repository.noted()['newest'] ?? newest })
      const { data } = await repository.effect(
        repository.api.issues.create({ ...repository.at, title, body: text, ...(labels ? { labels } : {}) })
      )
      return done(described(data))
    }
  },
  async look(repository) {
    const { mine } = await newestIssues(repository)
    return mine ? { kind: 'done', output: described(mine) } : { kind: 'not_done' }
  },
  inverse: ({ repo }, { issue_number }: Created) => ({ action: 'close_issue', input: { repo, issue_number }, expect: { comments: 0 } })
})

/** Closes an issue. In a rollback only one that nobody has answered. */
export const close_issue = writing({
  title: 'Close an issue',
  input: Issue.extend({ state_reason: z.enum(['completed', 'not_planned']).optional() }),
  resources: onIssue,
  async plan(repository, { issue_number, state_reason }): Promise<Planned<Closed>> {
    const issue = await readIssue(repository, issue_number)
    if (issue.pull_request) return failed('is_pull_request', `#${issue_number} is a pull request: use close_pr`)
    if (issue.state === 'closed') return alreadyDone('closed', { issue_number, closed_at: issue.closed_at })
    const comments = repository.call.expect?.['comments']
    if (comments !== undefined && issue.comments !== comments)
      return conflict(`issue #${issue_number} was answered since`, { comments: issue.comments })
    const reason = state_reason ?? (repository.call.expect === null ? 'completed' : 'not_planned')
    return async () => {
      const { data } = await repository.effect(
        repository.api.issues.update({ ...repository.at, issue_number, state: 'closed', state_reason: reason })
      )
      return done({ issue_number, closed_at: data.closed_at })
    }
  },
  async look(repository, { issue_number }) {
    const issue = await readIssue(repository, issue_number)
    return issue.state === 'closed' ? { kind: 'done', output: { issue_number, closed_at: issue.closed_at } } : { kind: 'not_done' }
  },
  inverse: ({ repo, issue_number }, { closed_at }: Closed) => ({
    action: 'reopen_issue',
    input: { repo, issue_number },
    expect: { closed_at }
  })
})

/** Opens again what `close_issue` closed, unless somebody closed it again since. */
export const reopen_issue = writing({
  title: 'Reopen an issue',
  internal: true,
  input: Issue,
  resources: onIssue,
  async plan(repository, { issue_number }): Promise<Planned<{ issue_number: number }>> {
    const issue = await readIssue(repository, issue_number)
    if (issue.state === 'open') return alreadyDone('reopened', { issue_number })
    if (issue.closed_at !== repository.call.expect?.['closed_at'])
      return conflict(`issue #${issue_number} was closed again since`, { closed_at: issue.closed_at })
    return async () => {
      await repository.effect(repository.api.issues.update({ ...repository.at, issue_number, state: 'open', state_reason: 'reopened' }))
      return done({ issue_number })
    }
  },
  async look(repository, { issue_number }) {
    const issue = await readIssue(repository, issue_number)
    return issue.state === 'open' ? { kind: 'done', output: { issue_number } } : { kind: 'not_done' }
  },
  inverse: () => null
})

async function readIssue(repository: Repository, issue_number: number) {
  return (await repository.api.issues.get({ ...repository.at, issue_number })).data
}

/**
 * The newest number in use, and this call's own issue where there is one. Numbers only grow and an attempt notes the newest before
 * it creates, so an issue of this call is among those after the note; without a note only the first page is looked at.
 */
async function newestIssues(repository: Repository) {
  const noted = repository.noted()['newest']
  let newest = 0
  let seen = 0
  for await (const issue of pages((page) =>
    repository.api.issues.listForRepo({ ...repository.at, state: 'all', sort: 'created', direction: 'desc', ...page })
  )) {
    newest = Math.max(newest, issue.number)
    if (isMarked(issue.body, repository.call.idempotencyKey) && !issue.pull_request) return { newest, mine: issue }
    if (typeof noted === 'number' ? issue.number <= noted : ++seen === 100) break
  }
  return { newest, mine: null }
}

function described(issue: { number: number; html_url: string }): Created {
  return { issue_number: issue.number, url: issue.html_url }
}
