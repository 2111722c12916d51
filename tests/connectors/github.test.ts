// GitHub against the contract of every connector.
import { github } from '../../src/connectors/index.ts'
import type { JsonObject } from '../../src/engine/schema.ts'
import { startGitHub, type GitHubFake } from '../fakes/github/index.ts'
import { connectorContract, type Case, type Subject, type Trouble } from './contract.ts'

interface GitHubSubject extends Subject {
  readonly fake: GitHubFake
}

const R = '/repos/{owner}/{repo}'
const REPO = { repo: 'myorg/app' }
const TOKEN = 'ghp_FakeTokenOfTheTestsThatMustNeverShow0000'

/** The one request of each action that changes something. */
const EFFECTS: Readonly<Record<string, string>> = {
  create_branch: `POST ${R}/git/refs`,
  delete_branch: `DELETE ${R}/git/refs/{ref}`,
  push_commit: `PATCH ${R}/git/refs/{ref}`,
  revert_commit: `PATCH ${R}/git/refs/{ref}`,
  create_pr: `POST ${R}/pulls`,
  close_pr: `PATCH ${R}/pulls/{pull_number}`,
  merge_pr: `PUT ${R}/pulls/{pull_number}/merge`,
  create_issue: `POST ${R}/issues`,
  close_issue: `PATCH ${R}/issues/{issue_number}`
}

async function start(allow: 'everything' | 'nothing'): Promise<GitHubSubject> {
  const fake = await startGitHub()
  const system = github({ token: fake.token, api_url: fake.url, ...(allow === 'nothing' ? { repos: [] } : {}) })
  return {
    fake,
    system,
    snapshot: () => fake.world.repository('myorg/app').snapshot(),
    effects: () => fake.effects.length,
    trouble: (action, kind) => fake.trouble(EFFECTS[action]!, ofKind(kind)),
    async close() {
      await fake.close()
      fake.verify()
    }
  }
}

function ofKind(kind: Trouble) {
  if (kind === 'refused') return { kind: 'error', when: 'before' } as const
  if (kind === 'lost') return { kind: 'error', when: 'after' } as const
  if (kind === 'silent') return { kind: 'hang', when: 'before' } as const
  return { kind: 'answer', status: 429, headers: { 'retry-after': '7' }, body: { message: `slow down, ${TOKEN}` } } as const
}

const app = ({ fake }: GitHubSubject) => fake.world.repository('myorg/app')

function branchWithWork(subject: GitHubSubject): string {
  app(subject).refs.set('agent/x', app(subject).head('main'))
  return app(subject).push('agent/x', { 'src/new.ts': 'new\n', 'README.md': '# better\n' })
}

const BAD_REPOS = [
  'app',
  'myorg/../app',
  'myorg/app/x',
  '../app',
  'myorg/..',
  'my org/app',
  'myorg/app?x=1',
  'myorg/app#',
  'myorg/%2e%2e',
  'myorg/app.git',
  ''
].map((repo) => ({ repo }))
const BAD_BRANCHES = [
  'refs/heads/main',
  'a b',
  'a..b',
  '/a',
  'a/',
  'a//b',
  'a~1',
  'a:b',
  'a.lock',
  '.a',
  'a@{1}',
  '-x',
  'HEAD',
  'a\u0000',
  'a\\b',
  '',
  'a'.repeat(40)
].map((branch) => ({ branch }))
const BAD_PATHS = ['../a', '/a', 'a/../b', './a', 'a//b', '.git/config', 'a/.GIT/hooks', '.git. /x', 'a\u0000b', 'a\\b', 'a/', ''].map(
  (path) => ({ files: [{ path, content: '' }] })
)

const cases: Case<GitHubSubject>[] = [
  {
    action: 'create_branch',
    input: () => ({ ...REPO, branch: 'agent/x', base: 'main' }),
    bad: [...BAD_REPOS, ...BAD_BRANCHES, { base: 'refs/heads/main' }, { sha: 'f'.repeat(40) }],
    move: (subject) => app(subject).push('agent/x', { 'later.txt': 'newer work' })
  },
  {
    action: 'delete_branch',
    input(subject) {
      branchWithWork(subject)
      return { ...REPO, branch: 'agent/x' }
    },
    bad: [...BAD_REPOS, ...BAD_BRANCHES, { expected_head_sha: 'main' }],
    move: (subject) => app(subject).refs.set('agent/x', app(subject).head('main'))
  },
  {
    action: 'push_commit',
    input(subject) {
      app(subject).refs.set('agent/x', app(subject).head('main'))
      const files: JsonObject[] = [
        { path: 'src/deep/new.ts', content: 'grüße\n' },
        { path: 'src/index.ts', content: 'export const a = 1\n' },
        { path: 'logo.bin', content: '//4AAQ==', encoding: 'base64' },
        { path: 'README.md', delete: true }
      ]
      return { ...REPO, branch: 'agent/x', commit_message: 'Fix the parser', files }
    },
    bad: [
      ...BAD_REPOS,
      ...BAD_BRANCHES,
      ...BAD_PATHS,
      { files: [] },
      { files: [{ path: 'a', content: 'x', mode: '120000' }] },
      { files: [{ path: 'a', content: 'x', delete: true }] },
      { files: [{ path: 'a', content: 'not base64!', encoding: 'base64' }] },
      { files: [{ path: 'a', content: '\u0000' }] },
      {
        files: [
          { path: 'a', content: '1' },
          { path: 'a', content: '2' }
        ]
      },
      { commit_message: '' },
      { force: true }
    ],
    move: (subject) => app(subject).push('agent/x', { 'later.txt': 'newer work' })
  },
  {
    action: 'revert_commit',
    input: (subject) => ({
      ...REPO,
      branch: 'main',
      commit_sha: app(subject).push('main', { 'README.md': '# worse\n', 'src/index.ts': null })
    }),
    bad: [...BAD_REPOS, ...BAD_BRANCHES, { commit_sha: 'main' }, { commit_sha: 'abc1234' }],
    move: (subject) => app(subject).push('main', { 'README.md': '# somebody else\n' })
  },
  {
    action: 'create_pr',
    input(subject) {
      branchWithWork(subject)
      return { ...REPO, branch: 'agent/x', base: 'main', title: 'Fix the parser', body: 'Because.' }
    },
    bad: [...BAD_REPOS, ...BAD_BRANCHES, { base: 'refs/heads/main' }, { title: '' }, { title: 'two\nlines' }],
    move: (subject, { pr_number }) => Object.assign(app(subject).pull(Number(pr_number)), { state: 'closed', merged: true })
  },
  {
    action: 'close_pr',
    input(subject) {
      branchWithWork(subject)
      return { ...REPO, pr_number: app(subject).open('agent/x', 'main').number }
    },
    bad: [...BAD_REPOS, { pr_number: 0 }, { pr_number: 1.5 }, { pr_number: '1' }],
    move: (subject) => Object.assign(app(subject).pull(1), { closed_at: '2030-01-01T00:00:00Z' })
  },
  {
    action: 'merge_pr',
    input(subject) {
      branchWithWork(subject)
      return { ...REPO, pr_number: app(subject).open('agent/x', 'main').number, base: 'main' }
    },
    bad: [...BAD_REPOS, { base: 'refs/heads/main' }, { pr_number: -1 }, { merge_method: 'rebase' }, { expected_head_sha: 'x' }],
    move: (subject) => app(subject).push('main', { 'src/new.ts': 'somebody built on it\n' })
  },
  {
    action: 'create_issue',
    input: () => ({ ...REPO, title: 'The parser fails', body: 'On empty input.', labels: ['bug'] }),
    bad: [...BAD_REPOS, { title: '' }, { title: ' ' }, { labels: [''] }],
    move: (subject, { issue_number }) => Object.assign(app(subject).issue(Number(issue_number)), { comments: 1 })
  },
  {
    action: 'close_issue',
    input(subject) {
      const number = app(subject).nextNumber()
      app(subject).issues.push({
        number,
        title: 'Old',
        body: null,
        state: 'open',
        state_reason: null,
        comments: 3,
        closed_at: null,
        labels: []
      })
      return { ...REPO, issue_number: number }
    },
    bad: [...BAD_REPOS, { issue_number: 0 }, { state_reason: 'reopened' }],
    move: (subject) => Object.assign(app(subject).issue(1), { closed_at: '2030-01-01T00:00:00Z' })
  }
]

connectorContract<GitHubSubject>({
  name: 'github',
  secrets: [TOKEN],
  start,
  troubles: ['refused', 'lost', 'silent', 'rate_limited'],
  cases
})
