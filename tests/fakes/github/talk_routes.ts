// The side of the fake where people talk: pull requests with real merges, and issues.
import { timeText } from './git_routes.ts'
import { Refusal, type Answer, type Asked, type Route } from './route.ts'
import type { Issue, Pull, Repository } from './world.ts'

const R = '/repos/{owner}/{repo}'

export const talkRoutes: Readonly<Record<string, Route>> = {
  [`GET ${R}/pulls`](asked) {
    const { repository, query } = asked
    const state = query.get('state') ?? 'open'
    // As on GitHub: a filter that is not `owner:branch` is ignored, and one that is finds every fork of that owner.
    const [, owner, ref] = /^([^:]+):(.+)$/.exec(query.get('head') ?? '') ?? []
    const found = repository.pulls.filter(
      (pull) =>
        (state === 'all' || pull.state === state) &&
        (!query.has('base') || pull.base === query.get('base')) &&
        (ref === undefined || (pull.head.ref === ref && pull.head.full_name.split('/')[0]?.toLowerCase() === owner?.toLowerCase()))
    )
    return paged(
      asked,
      found.toReversed().map((pull) => listedPull(asked, pull))
    )
  },

  [`POST ${R}/pulls`](asked) {
    const { repository, world, body, effect } = asked
    const wrong = (field: string) => new Refusal(422, 'Validation Failed', [{ resource: 'PullRequest', field, code: 'invalid' }])
    const owner = repository.full_name.split('/')[0]!
    const branch = String(body.head).replace(`${owner}:`, '')
    if (!repository.refs.has(branch)) throw wrong('head')
    if (!repository.refs.has(body.base)) throw wrong('base')
    const said = (message: string) => new Refusal(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }])
    if (world.objects.history(repository.head(body.base)).has(repository.head(branch)))
      throw said(`No commits between ${body.base} and ${branch}`)
    if (
      repository.pulls.some(
        (pull) =>
          pull.state === 'open' && pull.head.ref === branch && pull.head.full_name === repository.full_name && pull.base === body.base
      )
    ) {
      throw said(`A pull request already exists for ${owner}:${branch}.`)
    }
    const pull = repository.open(branch, body.base)
    Object.assign(pull, { title: body.title, body: body.body ?? null, draft: body.draft ?? false })
    effect(`open #${pull.number}`)
    return { status: 201, body: wholePull(asked, pull) }
  },

  [`GET ${R}/pulls/{pull_number}`]: (asked) => ({ status: 200, body: wholePull(asked, pullOf(asked)) }),

  [`PATCH ${R}/pulls/{pull_number}`](asked) {
    const pull = pullOf(asked)
    const { state } = asked.body
    if (state !== undefined && state !== pull.state) {
      if (pull.merged || (state === 'open' && !asked.repository.refs.has(pull.head.ref)))
        throw new Refusal(422, 'Validation Failed', [{ message: `state cannot be changed. The pull request cannot be reopened.` }])
      Object.assign(pull, { state, closed_at: state === 'closed' ? timeText(asked.world.tick()) : null })
      asked.effect(`${state === 'closed' ? 'close' : 'reopen'} #${pull.number}`)
    }
    return { status: 200, body: wholePull(asked, pull) }
  },

  [`PUT ${R}/pulls/{pull_number}/merge`](asked) {
    const { repository, world, body, effect } = asked
    const pull = pullOf(asked)
    const head = headOf(asked, pull)
    const base = repository.head(pull.base)
    if (pull.state !== 'open' || pull.draft) throw new Refusal(405, 'Pull Request is not mergeable')
    if (body?.sha !== undefined && body.sha !== head) throw new Refusal(409, 'Head branch was modified. Review and try the merge again.')
    const ancestor = world.objects.mergeBase(base, head)
    const tree = ancestor && world.objects.merge(ancestor, base, head)
    if (!tree) throw new Refusal(405, 'Pull Request is not mergeable')
    const parents = body?.merge_method === 'squash' ? [base] : [base, head]
    const sha = world.objects.commit(tree, parents, body?.commit_title ?? `Merge pull request #${pull.number}`, world.tick())
    repository.refs.set(pull.base, sha)
    Object.assign(pull, { state: 'closed', merged: true, merge_commit_sha: sha, closed_at: timeText(world.tick()), head_sha: head })
    effect(`merge #${pull.number}`)
    return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } }
  },

  [`GET ${R}/issues`](asked) {
    const state = asked.query.get('state') ?? 'open'
    const all = [
      ...asked.repository.issues.map((issue) => ({ ...issueBody(asked, issue) })),
      ...asked.repository.pulls.map((pull) => ({
        number: pull.number,
        title: pull.title,
        body: pull.body,
        state: pull.state,
        pull_request: { url: '', html_url: '', diff_url: '', patch_url: '' }
      }))
    ]
    return paged(
      asked,
      all.filter((each) => state === 'all' || each.state === state).sort((a, b) => b.number - a.number)
    )
  },

  [`POST ${R}/issues`](asked) {
    const { title, body = null, labels = [] } = asked.body
    const issue: Issue = {
      number: asked.repository.nextNumber(),
      title,
      body,
      state: 'open',
      state_reason: null,
      comments: 0,
      closed_at: null,
      labels
    }
    asked.repository.issues.push(issue)
    asked.effect(`create issue #${issue.number}`)
    return { status: 201, body: issueBody(asked, issue) }
  },

  [`GET ${R}/issues/{issue_number}`](asked) {
    const number = Number(asked.params['issue_number'])
    const pull = asked.repository.pulls.find((each) => each.number === number)
    if (pull)
      return {
        status: 200,
        body: {
          number,
          state: pull.state,
          comments: 0,
          closed_at: pull.closed_at,
          pull_request: { url: '', html_url: '', diff_url: '', patch_url: '' }
        }
      }
    return { status: 200, body: issueBody(asked, issueOf(asked)) }
  },

  [`PATCH ${R}/issues/{issue_number}`](asked) {
    const issue = issueOf(asked)
    const { state, state_reason = null } = asked.body
    if (state !== undefined && state !== issue.state) {
      Object.assign(issue, { state, state_reason, closed_at: state === 'closed' ? timeText(asked.world.tick()) : null })
      asked.effect(`${state === 'closed' ? 'close' : 'reopen'} issue #${issue.number}`)
    }
    return { status: 200, body: issueBody(asked, issue) }
  }
}

function paged({ query }: Asked, items: readonly unknown[]): Answer {
  const size = Math.min(Number(query.get('per_page') ?? 30), 100)
  const page = Number(query.get('page') ?? 1)
  return { status: 200, body: items.slice((page - 1) * size, page * size) }
}

function headOf({ world }: Asked, pull: Pull): string {
  const from = world.repositories.get(pull.head.full_name.toLowerCase())
  return from?.refs.get(pull.head.ref) ?? pull.head_sha
}

function listedPull(asked: Asked, pull: Pull) {
  const { number, title, body, state, draft, closed_at, merge_commit_sha } = pull
  const from = asked.world.repositories.get(pull.head.full_name.toLowerCase())
  return {
    number,
    title,
    body,
    state,
    draft,
    closed_at,
    merge_commit_sha,
    html_url: `https://github.com/${asked.repository.full_name}/pull/${number}`,
    // A fork that was deleted is null.
    head: { ref: pull.head.ref, sha: headOf(asked, pull), repo: from ? repoBody(from) : null },
    base: { ref: pull.base, sha: asked.repository.refs.get(pull.base) ?? '', repo: repoBody(asked.repository) }
  }
}

function wholePull(asked: Asked, pull: Pull) {
  return { ...listedPull(asked, pull), merged: pull.merged }
}

function repoBody({ full_name }: Repository) {
  return { full_name }
}

function issueBody({ repository }: Asked, issue: Issue) {
  return { ...issue, html_url: `https://github.com/${repository.full_name}/issues/${issue.number}` }
}

function pullOf({ repository, params }: Asked): Pull {
  const found = repository.pulls.find((pull) => pull.number === Number(params['pull_number']))
  if (!found) throw new Refusal(404, 'Not Found')
  return found
}

function issueOf({ repository, params }: Asked): Issue {
  const found = repository.issues.find((issue) => issue.number === Number(params['issue_number']))
  if (!found) throw new Refusal(404, 'Not Found')
  return found
}
