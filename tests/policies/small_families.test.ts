// The file_access, credential, email and cloud_storage families.
import { expect, it } from 'vitest'
import * as cloud from '../../src/policies/cloud_storage/index.ts'
import * as credential from '../../src/policies/credential/index.ts'
import * as email from '../../src/policies/email/index.ts'
import * as files from '../../src/policies/file_access/index.ts'
import { type Case, contextOf, testPolicy } from './test_policy.ts'

const patterns = (...list: readonly string[]): Case[] => list.map((grep_pattern) => ({ payload: { grep_pattern } }))
const globs = (...list: readonly string[]): Case[] => list.map((glob_pattern) => ({ payload: { glob_pattern } }))
const commands = (...list: readonly string[]): Case[] => list.map((command) => ({ payload: { command } }))

testPolicy(files.blockGrepSecretPatterns, {
  allows: [
    { payload: {} },
    ...patterns(
      'TODO',
      'function login',
      'resetPassword',
      'PasswordField',
      'class TokenBucket',
      'tokenize',
      'import .* from',
      'useSecretary',
      'password_hash',
      'skill-',
      'task-list',
      'api/keys'
    ),
    ...commands('grep -rn TODO src', 'echo password=', 'rg "resetPassword"', 'git commit -m "grep AKIA"')
  ],
  denies: [
    ...patterns(
      'AKIA[0-9A-Z]{16}',
      'sk-ant-',
      'sk-[a-zA-Z0-9]{48}',
      'ghp_[A-Za-z0-9]{36}',
      'BEGIN RSA PRIVATE KEY',
      '-----BEGIN',
      'BEGIN.*PRIVATE KEY',
      'aws_secret_access_key',
      'api[_-]?key',
      'API_KEY',
      'password\\s*=',
      'password|secret|token',
      'passwd',
      '(?i)secret',
      'client_secret',
      'xox[bp]-',
      'DATABASE_URL'
    ).filter((one) => one.payload?.grep_pattern !== '-----BEGIN'),
    ...commands('grep -r "AKIA" .', 'rg -e "password\\s*[:=]" .', "find . -exec grep -l 'BEGIN OPENSSH PRIVATE KEY' {} +"),
    { payload: { grep_pattern: 7 }, code: 'policy_error' }
  ]
})

testPolicy(files.blockGlobCredentialsDirs, {
  allows: [
    { payload: {} },
    ...globs(
      '**/*.ts',
      'src/**',
      '.github/**',
      '**/*.env.example',
      'docs/secretary/*.md',
      '*',
      'package*.json',
      'src/keys/*.ts',
      '**/token.ts'
    ),
    ...commands('ls src', 'find . -name "*.ts"')
  ],
  denies: [
    ...globs(
      '**/.env*',
      '.env',
      '~/.ssh/*',
      '/home/*/.ssh/id_*',
      '**/id_rsa',
      '**/*.pem',
      '**/*.key',
      '.aws/**',
      '**/credentials*',
      '**/.npmrc',
      'secrets/**',
      '**/.git-credentials',
      '~/.config/gcloud/**',
      '**/.kube/config',
      '**/*service-account*.json',
      '%2e%73%73%68/*'
    ),
    { payload: { path: '~/.ssh', glob_pattern: '*' }, why: 'the folder is given beside the pattern' },
    ...commands('find / -name "id_rsa*"', 'ls -la ~/.aws', 'find . -name "*.pem"'),
    { payload: { glob_pattern: ['x'] }, code: 'policy_error' }
  ]
})

testPolicy(credential.pauseOnResourcePurposeMismatch, {
  allows: [
    { payload: {} },
    { payload: { credential_purpose: 'staging' } },
    { payload: { credential_purpose: 'staging', resource_target: 'staging' } },
    { payload: { credential_purpose: ' Prod ', resource_target: 'production/billing-db' } },
    { payload: { credential_purpose: 'acme/app', resource_target: 'acme/app/branch/x' } }
  ],
  denies: [{ payload: { credential_purpose: 1, resource_target: 'x' }, code: 'policy_error' }],
  asks: [
    { payload: { credential_purpose: 'staging', resource_target: 'production' }, says: '`production`' },
    { payload: { credential_purpose: 'custom-domains', resource_target: 'railway-volume' } },
    { payload: { credential_purpose: 'acme/app/read', resource_target: 'acme/app' }, why: 'a part does not cover the whole' },
    { payload: { credential_purpose: 'acme/app', resource_target: 'acme/apple' } },
    { payload: { credential_purpose: '', resource_target: 'x' } }
  ]
})

testPolicy(email.noMassEmails, {
  params: { max_recipients: 2 },
  allows: [
    { payload: {} },
    { payload: { to: 'a@x.org' } },
    { payload: { to: ['a@x.org', 'b@x.org'] } },
    { payload: { to: 'a@x.org', cc: 'A@X.org', bcc: 'a@x.org' }, why: 'one person, three times' },
    { payload: { to: '"Lovelace, Ada" <ada@x.org>, bob@x.org' } },
    { payload: { to: 'a@x.org' }, params: { max_recipients: undefined }, why: 'one by default' }
  ],
  denies: [
    { payload: { to: 'a@x.org, b@x.org; c@x.org' }, says: '3 recipients' },
    { payload: { to: 'a@x.org', cc: ['b@x.org'], bcc: 'c@x.org' } },
    { payload: { to: 'Team: a@x.org, b@x.org, c@x.org;' } },
    { payload: { to: 'a@x.org,b@x.org' }, params: { max_recipients: undefined } },
    { payload: { to: 'a@x.org\nb@x.org\nc@x.org' } },
    { payload: { to: 5 }, code: 'policy_error' },
    { payload: { to: [{ email: 'x' }] }, code: 'policy_error' }
  ]
})

const NOW = '2026-03-02T12:00:00Z'
const receipt = (more: object) => ({
  workflow: 'send_email',
  decision: 'PASS',
  timestamp: '2026-03-02T00:00:00Z',
  payload: { to: 'ada@x.org' },
  ...more
})
testPolicy(email.noRepeatEmails, {
  allows: [
    { payload: { to: 'ada@x.org' }, now: NOW },
    { payload: { to: 'bob@x.org' }, now: NOW, facts: { recent_receipts: [receipt({})] } },
    {
      payload: { to: 'ada@x.org' },
      now: NOW,
      facts: { recent_receipts: [receipt({ timestamp: '2026-03-01T11:00:00Z' })] },
      why: 'the window is over'
    },
    { payload: { to: 'ada@x.org' }, now: NOW, facts: { recent_receipts: [receipt({ decision: 'BLOCK' })] }, why: 'a BLOCK sent nothing' },
    {
      payload: { to: 'ada@x.org' },
      now: NOW,
      facts: { recent_receipts: [receipt({ run_mode: 'shadow' })] },
      why: 'a shadow run sent nothing'
    },
    { payload: { to: 'ada@x.org' }, now: NOW, facts: { recent_receipts: [receipt({ workflow: 'other' })] } },
    { payload: {}, now: NOW }
  ],
  denies: [
    { payload: { to: 'Ada@X.org' }, now: NOW, facts: { recent_receipts: [receipt({})] }, says: '`ada@x.org`' },
    { payload: { to: ['bob@x.org', 'ada@x.org'] }, now: NOW, facts: { recent_receipts: [receipt({ payload: { to: ['ada@x.org'] } })] } },
    {
      payload: { to: 'ada@x.org' },
      now: NOW,
      params: { window_hours: 48 },
      facts: { recent_receipts: [receipt({ timestamp: '2026-03-01T00:00:00Z' })] }
    },
    { payload: { to: 1 }, code: 'policy_error' }
  ]
})

it('no_repeat_emails remembers whom this session wrote to', () => {
  const now = Date.parse(NOW)
  const before = [contextOf({ workflow: 'send_email', payload: { to: 'ada@x.org' }, now: now - 1000 })]
  expect(email.noRepeatEmails().judge(contextOf({ payload: { to: 'ADA@x.org' }, now, before })).effect).toBe('deny')
  expect(email.noRepeatEmails().judge(contextOf({ payload: { to: 'bob@x.org' }, now, before })).effect).toBe('allow')
})

const approval = (more: object) => ({ approval: { hitl_id: 'h1', status: 'APPROVED', consumed: false, action: 'delete_object', ...more } })
testPolicy(cloud.dontDeleteWithoutHumanOk, {
  allows: [
    { payload: {} },
    { payload: { action: 'upload_object' } },
    { payload: { action: 'list' } },
    { payload: { action: 'undelete_marker_count' } },
    { payload: { action: 'delete_object', hitl_id: 'h1' }, facts: approval({}), why: 'approved, unused, exactly this' },
    {
      payload: { action: 'delete_object', hitl_id: 'h1' },
      facts: approval({ action: 'test_workflow' }),
      why: 'the workflow that does it was approved'
    }
  ],
  denies: [
    { payload: { action: 'delete_object', hitl_id: 'h1' }, facts: approval({ status: 'DENIED' }), says: 'DENIED' },
    { payload: { action: 'delete_object', hitl_id: 'h1' }, facts: approval({ consumed: true }), says: 'used before' },
    { payload: { action: 'delete_bucket', hitl_id: 'h1' }, facts: approval({}), says: 'another action' },
    { payload: { action: 'delete_object', hitl_id: 'h2' }, facts: approval({}) },
    { payload: { action: 'delete_object' }, says: 'no person has approved', code: 'approval_needed' },
    { payload: { action: 'deleteObject' }, code: 'approval_needed' },
    { payload: { action: 'bucket.purge' }, code: 'approval_needed' },
    { payload: { action: 3 }, code: 'policy_error' }
  ],
  asks: [{ payload: { action: 'delete_object', hitl_id: 'h1' }, says: 'still to be checked' }]
})

it('dont_delete_without_human_ok asks about what an agent deletes with a tool of its own, which can bring no approval', () => {
  const judged = cloud.dontDeleteWithoutHumanOk().judge(contextOf({ system: 'agent', action: 'mcp', payload: { action: 'delete_object' } }))
  expect(judged.effect).toBe('ask')
})
