// The git family.
import { describe, expect, it } from 'vitest'
import * as git from '../../src/policies/git/index.ts'
import { judge, testPolicy } from './test_policy.ts'

const MAINS = [
  'main',
  'master',
  'Main',
  'MASTER',
  ' main ',
  '\tmain\n',
  'refs/heads/main',
  'REFS/HEADS/Main',
  'heads/main',
  'origin/main',
  'refs/remotes/origin/main',
  'remotes/upstream/master',
  'refs/heads/refs/heads/main',
  'refs//heads//main',
  '/main/',
  '+main',
  'HEAD:main',
  '+HEAD:refs/heads/main',
  'agent/x:main',
  ':main',
  'ｍａｉｎ',
  'ma\u200bin',
  'main\ufeff',
  'm\u00adain',
  '%6dain',
  'refs%2Fheads%2Fmain',
  'MAſTER'
]
const OTHERS = [
  'agent/x',
  'maintenance',
  'main-2',
  'agent/main',
  'feature/master',
  'domain',
  'mainline',
  'remaster',
  'release/main',
  'main/x',
  'refs/heads/agent/main',
  '100%'
]

testPolicy(git.dontPushToMain, {
  allows: [{ payload: {}, why: 'a request without a branch' }, ...OTHERS.map((branch) => ({ payload: { branch } }))],
  denies: [
    ...MAINS.map((branch) => ({ payload: { branch }, says: `branch \`${branch}\` is protected` })),
    ...[1, null, ['main'], { name: 'main' }, true].map((branch) => ({ payload: { branch }, code: 'policy_error', says: '`branch`' }))
  ]
})

testPolicy(git.dontMergeToMain, {
  allows: [{ payload: {} }, { payload: { branch: 'main' }, why: 'only `base` counts' }, ...OTHERS.map((base) => ({ payload: { base } }))],
  denies: [
    ...MAINS.map((base) => ({ payload: { base }, says: `base \`${base}\`` })),
    { payload: { base: 'acme:main' } },
    { payload: { base: 7 }, code: 'policy_error' }
  ]
})

it('dont_merge_to_main leaves opening a pull request against main alone', () => {
  expect(git.dontMergeToMain().on).toEqual(['merge_pr'])
})

testPolicy(git.maxFilesPerCommit, {
  params: { max_files: 2 },
  allows: [
    { payload: {} },
    { payload: { file_count: 2 } },
    { payload: { files: ['a', 'b'] } },
    { payload: { files: { a: 'x', b: 'y' } } },
    { payload: { file_count: 50 }, params: { max_files: undefined }, why: 'fifty by default' }
  ],
  denies: [
    { payload: { file_count: 3 }, says: '3 files' },
    { payload: { files: ['a', 'b', 'c'] }, says: 'at most 2' },
    { payload: { file_count: 1, files: ['a', 'b', 'c'] }, why: 'a claimed count below what is listed' },
    { payload: { files: { a: 1, b: 2, c: 3 } } },
    { payload: { file_count: 51 }, params: { max_files: undefined } },
    ...['3', -1, 1.5, null, 1e300].map((file_count) => ({ payload: { file_count }, code: 'policy_error' })),
    { payload: { files: 'a,b' }, code: 'policy_error' }
  ]
})

testPolicy(git.requireBranchPrefix, {
  allows: [
    { payload: { branch: 'agent/x' } },
    { payload: { branch: 'refs/heads/agent/x' } },
    { payload: { branch: ' agent/x ' } },
    { payload: { branch: 'bot/fix-1' }, params: { prefix: 'bot/' } }
  ],
  denies: [
    { payload: {}, says: 'agent/', why: 'absence' },
    { payload: { branch: '' } },
    { payload: { branch: 'agent/' } },
    ...[
      'agent',
      'Agent/x',
      'AGENT/x',
      'main',
      'agentx/y',
      'x/agent/y',
      'refs/tags/agent/x',
      'refs/agent/x',
      'origin/agent/x',
      'ａgent/x',
      '/agent/x'
    ].map((branch) => ({ payload: { branch }, says: 'does not start with `agent/`' })),
    ...[
      'agent/../main',
      'agent/x:main',
      'agent/x y',
      'agent/x..',
      'agent/x.lock',
      'agent/~1',
      'agent//x',
      'agent/x@{1}',
      'agent/\u0000'
    ].map((branch) => ({ payload: { branch }, says: 'not a name' })),
    { payload: { branch: ['agent/x'] }, code: 'policy_error' }
  ]
})

testPolicy(git.dontDeleteBranch, {
  denies: [{ payload: { branch: 'agent/x' }, says: 'branch `agent/x`' }, { payload: {} }, { payload: { branch: 7 } }]
})

const pushes = (commands: readonly string[]) => commands.map((command) => ({ payload: { command } }))

testPolicy(git.dontForcePush, {
  allows: [
    { payload: {} },
    ...pushes([
      'git push',
      'git push origin agent/x',
      'git push -u origin agent/x',
      'git push --set-upstream origin HEAD',
      'git push --tags',
      'git push origin --delete agent/x',
      'git push --no-force origin x',
      'git push -o ci.skip origin agent/x',
      'git push --push-option=-f origin x',
      'git push -o force origin x',
      'git push --follow-tags',
      'git push --force-if-includes origin x',
      'git commit -m "git push --force"',
      "git commit -m 'never git push -f again'",
      'echo "git push --force"',
      'grep -rn "push --force" docs',
      'git log --grep="push -f"',
      'rm -f x && git push',
      'git fetch -f origin',
      'git fetch origin +refs/heads/*:refs/remotes/origin/*',
      '# git push --force',
      'git push origin x # --force',
      'git add -f build && git push origin x',
      'git branch -f x HEAD',
      'git tag -f v1',
      'git stash push -f',
      'git checkout -f && git push',
      'git status',
      'git push origin "$(git branch --show-current)"',
      'git push origin $(git rev-parse --abbrev-ref HEAD)',
      'B=agent/x; git push origin $B',
      'B=agent/x && git push origin "$B"',
      'git push origin "HEAD:$BRANCH"',
      'cat <<E > note.md\ngit push --force\nE',
      'npm install --force',
      'docker push -f',
      'git config user.name x',
      'git -c user.name=f push origin x',
      'eval "$(ssh-agent -s)"',
      'git',
      'git -C /srv/app push',
      'ls; git push',
      '$EDITOR notes.md',
      'python3 push -f',
      'trap cleanup EXIT',
      "alias gp='git push'",
      '$EDITOR $FILE',
      'su ada -c ls'
    ]),
    { payload: { args: ['push', 'origin', 'agent/x'] } },
    { payload: { command: 'git', args: ['push', 'origin', 'agent/x'] } },
    { payload: { command: 'grep', args: ['-f', 'patterns', 'push'] } },
    { payload: { command: 'docker', args: ['push', '-f'] } },
    { payload: { args: ['commit', '-m', 'push --force'] } }
  ],
  denies: [
    ...pushes([
      'git push --force',
      'git push -f',
      'git push -f origin main',
      'git push origin main -f',
      'git push --force-with-lease',
      'git push --force-with-lease=main:abc origin',
      'git push origin +main',
      'git push origin +HEAD:main',
      "git push origin '+refs/heads/*:refs/heads/*'",
      'git push --mirror',
      'git push --mirr backup',
      'git push --forc',
      'git push -uf origin x',
      'git push -fu origin x',
      'git push -vf',
      'git push --force=yes',
      'git push "--force"',
      "git push --fo''rce",
      'git push --fo\\rce',
      "git push $'\\x2d\\x2dforce'",
      'git push \\\n  --force',
      'git   push\t-f',
      'git -C /srv/app push -f',
      'git -c user.name=x push -f',
      'git --git-dir=/x/.git push --force',
      'git --git-dir /x/.git push --force',
      '/usr/bin/git push -f',
      './git push -f',
      'git.exe push -f',
      'GIT push -f',
      '/usr/lib/git-core/git-push -f',
      'git send-pack --force origin',
      'sudo git push -f',
      'sudo -u ada git push -f',
      'env X=1 git push -f',
      'X=1 git push -f',
      'env -i git push -f',
      "env -S 'git push -f'",
      'nohup git push -f &',
      'time git push -f',
      'timeout 10 git push -f',
      'timeout -k 5 10 git push -f',
      'command git push -f',
      'exec git push -f',
      'nice -n 5 git push -f',
      'xargs git push -f',
      'echo x | xargs -n 1 git push -f origin',
      'busybox sh -c "git push -f"',
      "bash -c 'git push -f'",
      'sh -ec "git push --force"',
      "bash -lc 'cd x && git push -f'",
      "eval 'git push -f'",
      'eval git push -f',
      "ssh host 'git push -f'",
      'ssh -p 22 host git push -f',
      'find . -maxdepth 0 -exec git push -f \\;',
      "bash <<< 'git push -f'",
      'bash <<E\ngit push -f\nE',
      "echo 'git push -f' | sh",
      "printf 'git push -f\\n' | bash",
      'cat <<E | bash\ngit push -f\nE',
      'bash -s <<E\ngit push -f\nE',
      'cd x && git push -f',
      'true || git push -f',
      'git add .; git push -f',
      '(git push -f)',
      '{ git push -f; }',
      'if true; then git push -f; fi',
      'for i in 1; do git push -f; done',
      'f() { git push -f; }; f',
      'echo $(git push -f)',
      'echo `git push -f`',
      'cat <(git push -f)',
      'git commit -m "$(git push -f)"',
      'git push origin x & git push -f',
      'while ! git push -f; do sleep 1; done',
      'case x in x) git push -f;; esac',
      '! git push -f',
      'F=--force; git push $F',
      'F=-f && git push origin x $F',
      'export F=--force; git push "$F"',
      'C="git push -f"; $C',
      'C="git push -f"; eval "$C"',
      'C="git push -f"; bash -c "$C"',
      'G=git; $G push -f',
      '$GIT push -f',
      "git -c alias.p='push --force' p",
      "git config alias.pf 'push --force'",
      'git -c remote.origin.push=+main push',
      'git -c remote.origin.mirror=true push',
      'git push -- origin +main',
      '$(which git) push -f',
      '"$(command -v git)" -C x push -f',
      "trap 'git push -f' EXIT",
      "alias gp='git push -f'; gp",
      "su ada -c 'git push -f'",
      'parallel git push -f ::: x'
    ]),
    { payload: { command: 'git push $FLAGS' }, says: 'cannot be seen' },
    { payload: { command: 'git push "$@"' }, says: 'cannot be seen' },
    { payload: { command: 'git push origin $BRANCH' }, says: 'cannot be seen' },
    { payload: { command: 'for f in --force; do git push $f; done' }, says: 'forced push' },
    { payload: { command: 'git {push,-f}' }, says: 'forced push' },
    { payload: { command: 'git push {--force,}' }, says: 'forced push' },
    { payload: { command: 'git $CMD' }, says: 'cannot be seen' },
    {
      payload: { command: 'GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=remote.origin.push GIT_CONFIG_VALUE_0=+main git push' },
      says: 'GIT_CONFIG'
    },
    { payload: { command: 'git push "' }, says: 'cannot be read' },
    { payload: { command: 'echo $(git push -f' }, says: 'cannot be read' },
    { payload: { command: 'x'.repeat(65_537) }, says: 'longer than' },
    { payload: { command: `${'$('.repeat(300)}x${')'.repeat(300)}` }, why: 'substitutions nested beyond all reason' },
    { payload: { args: ['push', '--force'] } },
    { payload: { args: ['-C', 'x', 'push', '-f'] } },
    { payload: { args: ['git', 'push', '-f'] } },
    { payload: { args: ['bash', '-c', 'git push -f'] } },
    { payload: { args: 'push --force origin main' } },
    { payload: { args: 'git push -f' } },
    { payload: { command: 'git', args: ['push', '-f'] } },
    { payload: { command: 'git push', args: ['origin', '+main'] } },
    { payload: { command: 'git push', args: '-f' } },
    { payload: { command: ['git', 'push', '-f'] } },
    { payload: { command: ['git'], args: ['push', '-f'] } },
    { payload: { command: 7 }, code: 'policy_error' },
    { payload: { args: [1] }, code: 'policy_error' },
    { payload: { args: { 0: 'push' } }, code: 'policy_error' }
  ]
})

testPolicy(git.requireMeaningfulCommitMessage, {
  allows: [
    'Add a retry to the mailer',
    'fix: null user in session',
    'Update the parser for CTEs',
    'Korrigiere den Zähler',
    '修复登录页面在移动端的显示问题',
    'test: cover leap seconds',
    'Merge branch agent/x'
  ].map((commit_message) => ({ payload: { commit_message } })),
  denies: [
    { payload: {}, says: 'no commit message', why: 'absence' },
    ...['', '   ', '\u200b\u200b\u200b'].map((commit_message) => ({ payload: { commit_message }, says: 'empty' })),
    ...['wip', 'fix bug', 'x        y', 'a\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b'].map((commit_message) => ({
      payload: { commit_message },
      says: 'at least 10'
    })),
    ...[
      'fixed some stuff',
      'Updates and fixes',
      'WIP: more changes',
      'misc. minor updates!!',
      '..........',
      '1234567890',
      'ｆｉｘｅｄ some things'
    ].map((commit_message) => ({ payload: { commit_message }, says: 'filler' })),
    { payload: { commit_message: ['Add a retry'] }, code: 'policy_error' }
  ]
})

const random = (length: number) => 'a1B2c3D4e5F6g7H8j9K0'.repeat(12).slice(0, length)
// Assembled, so that no scanner takes this file for a leak.
const KEY = ['AKIA', 'IOSFODNN7', 'EXAMPLQ'].join('')
const PEM = (kind: string) =>
  ['-----BEGIN ', kind, `PRIVATE KEY-----\n${random(64)}\n${random(64)}\n-----END `, kind, 'PRIVATE KEY-----'].join('')
const KEYS: Record<string, string> = {
  openai: ['sk', 'proj', random(48)].join('-'),
  'openai, older form': ['sk', random(48)].join('-'),
  anthropic: ['sk', 'ant', 'api03', random(93)].join('-'),
  github: ['ghp', random(36)].join('_'),
  'github, fine-grained': ['github', 'pat', random(22), random(59)].join('_'),
  'github, app': ['ghs', random(36)].join('_'),
  slack: ['xoxb', '123456789012', '1234567890123', random(24)].join('-'),
  'slack, app': ['xapp', '1', 'A0123ABCD', '1234567890123', random(64)].join('-'),
  aws: KEY,
  google: ['AIza', random(35)].join(''),
  stripe: ['sk', 'live', random(24)].join('_'),
  'stripe, restricted': ['rk', 'live', random(24)].join('_'),
  npm: ['npm', random(36)].join('_'),
  gitlab: ['glpat', random(20)].join('-'),
  sendgrid: ['SG', random(22), random(43)].join('.'),
  'private key': PEM(''),
  'private key, RSA': PEM('RSA '),
  'private key, OpenSSH': PEM('OPENSSH ')
}

testPolicy(git.dontCommitApiKeys, {
  allows: [
    { payload: {} },
    { payload: { content: 'const key = process.env.OPENAI_API_KEY', diff: '+x', commit_message: 'Read the key from the environment' } },
    { payload: { diff: `@@ -1 +1 @@\n-key = '${KEY}'\n+key = env('AWS_KEY')` }, why: 'a diff that takes a key out' },
    {
      payload: {
        files: [
          { path: 'logo.png', content: 'iVBORw0KGgo=', encoding: 'base64' },
          { path: 'gone.txt', delete: true }
        ]
      }
    },
    {
      payload: { content: 'AKIA is how AWS key ids begin, sk- those of OpenAI, and -----BEGIN PRIVATE KEY----- begins a PEM' },
      why: 'prose about keys'
    },
    { payload: { content: 'DATABASE_URL=postgres://postgres:postgres@localhost:5432/dev' }, why: 'the address of a local database' },
    {
      payload: { content: 'task-list-of-the-whole-project-with-a-long-name-1234567890, sk_learn_pipeline, ghp_' },
      why: 'names that begin like keys'
    },
    { payload: { content: '"integrity": "sha512-AKIAnotakeyjustahashwithalotofcharacters=="' } }
  ],
  denies: [
    ...Object.entries(KEYS).map(([name, key]) => ({
      payload: { content: `const key = '${key}'` },
      says: '`content`',
      why: `a key: ${name}`
    })),
    { payload: { content: `git clone https://x:${KEYS.github}@github.com/acme/app` }, why: 'a key as the password of an address' },
    { payload: { content: `Authorization: Bearer ${KEYS.anthropic}` }, why: 'a key in a header' },
    { payload: { commit_message: `use ${KEY}` }, says: '`commit_message`' },
    { payload: { diff: `@@ -1 +1 @@\n-old\n+key = '${KEY}'` }, says: '`diff`' },
    { payload: { diff: `-${KEY}` }, why: 'not a unified diff: a leading minus hides nothing' },
    { payload: { diff: `@@ -0,0 +1 @@\n+${PEM('RSA ').replaceAll('\n', '\n+')}` } },
    {
      payload: {
        files: [
          { path: 'a', content: 'x' },
          { path: 'b', content: KEY }
        ]
      },
      says: '`files.1.content`'
    },
    { payload: { files: { 'a.env': `K=${KEY}` } }, says: '`files.a.env`' },
    { payload: { files: [{ path: 'b', content: btoa(`key = ${KEY}`), encoding: 'base64' }] }, says: '`files.0.content`' },
    { payload: { content_base64: btoa(`key = ${KEY}`) }, says: '`content_base64`' },
    { payload: { content: 7 }, code: 'policy_error' }
  ]
})

describe('dont_commit_api_keys', () => {
  it('never repeats the secret in its reason', () => {
    expect(JSON.stringify(judge(git.dontCommitApiKeys, { payload: { content: KEY, commit_message: KEY } }))).not.toContain(KEY)
  })
})
