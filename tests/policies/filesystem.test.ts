// The filesystem family, and the access policies over paths.
import { describe, expect, it } from 'vitest'
import { dontReadSensitivePaths, requireClearanceForPath } from '../../src/policies/access/index.ts'
import * as filesystem from '../../src/policies/filesystem/index.ts'
import { judge, testPolicy } from './test_policy.ts'

const paths = (list: readonly string[]) => list.map((path) => ({ payload: { path } }))
const wrongTypes = [1, null, true, ['a'], { path: 'a' }].map((path) => ({ payload: { path }, code: 'policy_error', says: '`path`' }))

testPolicy(filesystem.dontDeleteFile, {
  denies: [{ payload: { path: 'a.txt' }, says: '`a.txt`' }, { payload: {} }, { payload: { path: 7 } }]
})

testPolicy(filesystem.restrictPaths, {
  params: { allowed_dirs: ['/data', 'src/app'] },
  allows: [
    { payload: {}, why: 'a request without a path' },
    ...paths([
      '/data',
      '/data/x',
      '/data/',
      '/data/a/../b',
      '/data/./x',
      '//data//x',
      '/data/100%',
      '/data/a%20b',
      'src/app/x.ts',
      './src/app',
      'src/./app/../app/x',
      '/data/..x',
      '/data/...'
    ])
  ],
  denies: [
    ...paths([
      '/',
      '/etc/passwd',
      '/database',
      '/data-evil/x',
      '/dat',
      'data/x',
      '/src/app/x',
      'src',
      'src/application',
      '',
      '.',
      '..',
      '/data/..',
      '/data/../etc/passwd',
      '/data/x/../../etc',
      'src/app/../../etc',
      '../src/app',
      '/../data/../x',
      '/data/%2e%2e/etc',
      '/data/%2E./etc',
      '/data/%252e%252e/etc',
      '/data/%25252e%25252e/etc',
      '/data/..%2fetc',
      '/data/%2e%2e%2fetc',
      '/data/..%5cetc',
      '/data\\..\\..\\etc',
      '/data/..\\etc',
      '\\etc',
      '/data/%c0%ae%c0%ae/etc',
      '/data/..%c0%afetc',
      '/data%2f..%2f..%2fetc',
      '/data/a/%2e%2e/%2e%2e/etc',
      '~/x',
      '~',
      '$HOME/x',
      '${HOME}',
      '~ada/x',
      'C:\\Windows',
      'c:/data',
      '\\\\?\\C:\\x',
      'file:///etc/passwd',
      'file://localhost/etc/passwd',
      ' /etc',
      '/DATA/x',
      '/Data',
      'ｓrc/app',
      '/data\u0000/x',
      '/data/x\u0000/../../etc',
      '/data/%00',
      '\n/etc'
    ]),
    ...paths(['/data/x', 'src/app/x']).map((row) => ({ ...row, params: { allowed_dirs: [] }, says: 'no folder is allowed' })),
    ...wrongTypes
  ]
})

testPolicy(filesystem.restrictPaths, {
  params: { allowed_dirs: ['.'] },
  allows: paths(['a', './a/b', 'a/../b', '.', 'a..b', 'file:x']),
  denies: paths(['/a', '../a', 'a/../../b', '~/a', 'C:/a', '%2e%2e/a', '..\\a'])
})

testPolicy(filesystem.blockExtensions, {
  params: { extensions: ['.exe', 'PEM', '.env', '.bashrc', '.tar.gz'] },
  allows: [
    { payload: {} },
    ...paths([
      'a.txt',
      'exe',
      'a.exe.txt',
      'a.exe/b',
      'pem',
      'pem.txt',
      'environment',
      'a.envoy',
      '.envoy',
      'env',
      'a.gz',
      'bashrc',
      'README',
      'a.',
      '.gitignore',
      'a.pem.pub'
    ])
  ],
  denies: [
    ...paths([
      'a.exe',
      'A.EXE',
      'x/a.Exe',
      'a.exe.',
      'a.exe ',
      'a.exe. .',
      'a.exe::$DATA',
      'a.ｅxe',
      'a.ex\u200be',
      'a%2eexe',
      'a.pem',
      'key.PEM',
      'b/../a.pem',
      'a\\b.pem',
      'a.pem~',
      '.exe',
      '.env',
      '.ENV',
      'x/.env',
      '.env.local',
      '.env.production',
      '.env~',
      'prod.env',
      '.env.',
      '.bashrc',
      'a.tar.gz',
      'a.exe\u0000.txt'
    ]),
    ...wrongTypes
  ]
})

testPolicy(filesystem.dontEditGitignore, {
  allows: [
    { payload: {} },
    ...paths(['gitignore', '.gitignore/x', '.gitignore.md', 'docs/gitignore.md', '.git/config', 'my.gitignore', '.dockerignore'])
  ],
  denies: [
    ...paths([
      '.gitignore',
      'a/.gitignore',
      '.GitIgnore',
      './x/../.gitignore',
      '.gitignore.',
      '.gitignore ',
      '.gitignore/',
      '.gitignore::$DATA',
      '%2egitignore',
      '%252egitignore',
      'a\\.gitignore',
      '.git\u200bignore',
      '.gitignore/.',
      '.ｇitignore',
      '\u0000.gitignore'
    ]),
    ...wrongTypes
  ]
})

testPolicy(filesystem.dontReadEnv, {
  allows: [
    { payload: {} },
    ...paths([
      'env',
      'environment.ts',
      '.env.example',
      '.env.sample',
      '.env.template',
      '.env.dist',
      'src/env.ts',
      '.environment',
      'docs/env.md',
      '.envoy.yaml',
      '.env/readme',
      'envrc'
    ])
  ],
  denies: [
    ...paths([
      '.env',
      'a/.env',
      '.ENV',
      '.env.local',
      '.env.production',
      '.env.production.local',
      '.env~',
      '.env.bak',
      '.env_old',
      '.env-prod',
      '.envrc',
      'prod.env',
      '.env.',
      '.env/',
      './x/../.env',
      '.env::$DATA',
      '%2eenv',
      '%252eenv',
      '..%2f.env',
      'a\\.env',
      '.e\u200bnv',
      '.ｅnv',
      '/proc/self/cwd/.env',
      '.env.example.local',
      '\u0000'
    ]),
    ...wrongTypes
  ]
})

testPolicy(filesystem.dontTouchCiCd, {
  allows: [
    { payload: {} },
    ...paths([
      '.github/CODEOWNERS',
      '.github/ISSUE_TEMPLATE/bug.md',
      'workflows/a.yml',
      'src/github/workflows/x.ts',
      'docs/ci.md',
      'jenkins.md',
      'travis.yml',
      'ci/readme.md',
      'azure.yml',
      'Dockerfile',
      '.github'
    ])
  ],
  denies: [
    ...paths([
      '.github/workflows/ci.yml',
      '.GitHub/Workflows/x.yaml',
      './.github/./workflows/x',
      '.github/workflows',
      'x/.github/workflows/y',
      '.github/x/../workflows/y',
      '.github%2fworkflows%2fx',
      '.github\\workflows\\x',
      '.github/actions/a/action.yml',
      '.gitlab-ci.yml',
      '.gitlab-ci.yaml',
      '.circleci/config.yml',
      'Jenkinsfile',
      'x/jenkinsfile.prod',
      'azure-pipelines.yml',
      'azure-pipelines-prod.yml',
      'bitbucket-pipelines.yml',
      '.travis.yml',
      '.drone.yml',
      '.buildkite/pipeline.yml',
      'cloudbuild.yaml',
      'appveyor.yml',
      '.cirrus.yml',
      '.ci/run',
      '.gitea/workflows/x',
      '\u0000'
    ]),
    ...wrongTypes
  ]
})

testPolicy(filesystem.dontAccessHomeDir, {
  allows: [
    { payload: {} },
    ...paths([
      'src/x',
      './home.ts',
      'home/x',
      '/srv/home/x',
      '/etc/passwd',
      'users/ada.ts',
      '/app/root/x',
      'root/x',
      '/var/rooted',
      'a/~/b',
      'x~',
      '/homes/x',
      'C:/data/x'
    ])
  ],
  denies: [
    ...paths([
      '~',
      '~/',
      '~/x',
      '~ada/x',
      '$HOME',
      '$HOME/.ssh',
      '${HOME}/x',
      '%USERPROFILE%\\x',
      '/home',
      '/home/ada',
      '/home/ada/x',
      '/HOME/ada',
      '//home//ada',
      '/srv/../home/ada',
      '/root',
      '/root/.bashrc',
      '/Users/ada',
      '/users/ada/x',
      '/var/root/x',
      'C:\\Users\\ada\\x',
      'c:/users/ada',
      '\\\\?\\C:\\Users\\ada',
      'file:///home/ada/x',
      '%2fhome%2fada',
      '/%68ome/ada',
      '/ｈome/ada',
      '../../home/ada',
      '/proc/self/root/home/ada',
      '/proc/1/root/root/x',
      '/home./ada',
      '\u0000'
    ]),
    ...wrongTypes
  ]
})

const KEY = ['AKIA', 'IOSFODNN7', 'EXAMPLQ'].join('')
const wide = (text: string) => btoa([...text].map((letter) => `${letter}\0`).join(''))
testPolicy(filesystem.dontCopyApiKeys, {
  allows: [
    { payload: {} },
    { payload: { content: '' } },
    { payload: { content: 'AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID}' } },
    { payload: { content_base64: '' } },
    { payload: { content_base64: 'iVBORw0KGgo=' } },
    { payload: { content_base64: wide('plain text in UTF-16') } },
    { payload: { content: 'see http://localhost:\nada@example.com' }, why: 'an address and a mail address on two lines' },
    { payload: { content: 'task-\nlist\nsk-\nghp_\nAKIA\n' }, why: 'a list of words' }
  ],
  denies: [
    { payload: { content: `key=${KEY}\n` }, says: '`content`' },
    { payload: { content_base64: btoa(`key=${KEY}\n`) }, says: '`content_base64`' },
    { payload: { content_base64: wide(`key=${KEY}`) }, why: 'a key in UTF-16, little end first' },
    { payload: { content_base64: btoa([...KEY].map((letter) => `\0${letter}`).join('')) }, why: 'a key in UTF-16, big end first' },
    { payload: { content_base64: btoa(`\xff\xfe\x00${KEY}\x80`) }, why: 'a key among bytes that are no text' },
    { payload: { content: [...KEY].join('\0') }, why: 'a key with NULs between its letters' },
    { payload: { content: `${KEY.slice(0, 12)}\r\n${KEY.slice(12)}` }, why: 'a key broken over two lines' },
    { payload: { content: `x = "${KEY.slice(0, 10)}\\\n    ${KEY.slice(10)}"` }, why: 'a key continued on the next line' },
    {
      payload: { content_base64: `${btoa(KEY).slice(0, 8)}\r\n${btoa(KEY).slice(8)}` },
      says: 'not base64',
      why: 'base64 that is broken over lines'
    },
    { payload: { content_base64: '[redacted:key]' }, why: 'what nobody can read' },
    { payload: { content: { a: 1 } }, code: 'policy_error' },
    { payload: { content_base64: 7 }, code: 'policy_error' }
  ]
})

const SENSITIVE = ['/etc', '~/.ssh', 'secrets', 'C:\\Windows']
testPolicy(dontReadSensitivePaths, {
  params: { paths: SENSITIVE },
  allows: [
    { payload: {} },
    ...paths([
      '/etcetera',
      'etc/x',
      'src/x',
      '/srv/x',
      'secrets.md',
      'mysecrets/x',
      'app/secrets/x',
      '.ssh/x',
      '~/x',
      'D:/Windows',
      '/home/ada/x'
    ]),
    { payload: { path: '/etc/passwd' }, params: { paths: [] } }
  ],
  denies: [
    ...paths([
      '/etc',
      '/etc/',
      '/etc/passwd',
      '/ETC/passwd',
      '//etc/passwd',
      '/srv/../etc/passwd',
      '/srv/%2e%2e/etc/passwd',
      '\\etc\\passwd',
      '../../etc/passwd',
      '/proc/self/root/etc/shadow',
      '~/.ssh/id_rsa',
      '$HOME/.ssh',
      '/home/ada/.ssh/id_rsa',
      '/root/.ssh',
      '/Users/ada/.SSH./x',
      'secrets',
      'secrets/x',
      './secrets',
      'SECRETS/x',
      'a/../secrets/x',
      '/app/secrets/x',
      'c:/windows/x',
      '\u0000'
    ]),
    ...wrongTypes
  ]
})

testPolicy(requireClearanceForPath, {
  params: { paths: ['/vault'], min_clearance: 3 },
  allows: [
    { payload: {} },
    { payload: { path: '/srv/x' } },
    { payload: { path: '/vault/x' }, attributes: { clearance_level: 3 } },
    { payload: { path: '/vault' }, attributes: { clearance_level: 5 } }
  ],
  denies: [
    { payload: { path: '/vault/x' }, says: 'yours is 0' },
    { payload: { path: '/vault/x' }, attributes: { clearance_level: 2 }, says: 'clearance 3' },
    { payload: { path: '/Vault/../vault/x' }, attributes: { clearance_level: 2.9 } },
    { payload: { path: '/vault/x', clearance_level: 9 }, why: 'a clearance claimed in the payload' },
    { payload: { path: '/vault/x' }, attributes: { clearance_level: '9' }, code: 'policy_error' },
    { payload: { path: '/vault/x' }, attributes: { clearance_level: null }, code: 'policy_error' },
    ...wrongTypes
  ]
})

describe('restrict_paths', () => {
  it('names the folders that would be allowed', () => {
    expect(judge(filesystem.restrictPaths, { payload: { path: '/x' }, params: { allowed_dirs: ['/data'] } }).remedy).toContain('/data')
  })
})
