// THIS installation: which systems, which of their actions, which workflows, and the policies that judge them. Edit it; what is not here does not exist.
import { filesystem, type Bucket, github, mail, postgres, slack } from './src/connectors/index.ts'
import {
  defineConfig,
  TOOL_ACTIONS,
  toolSystem,
  type Bindings,
  type Env,
  type McpUpstream,
  type Policy,
  type System
} from './src/engine/index.ts'
import { codingAgentPack } from './src/packs/index.ts'
import * as policies from './src/policies/index.ts'
import * as workflows from './src/workflows/index.ts'

/** Policies that need to know nothing of the place they judge in. Their order does not matter: the strictest verdict wins. */
const everywhere: readonly Policy[] = [
  policies.dontPushToMain(),
  policies.requireBranchPrefix(),
  policies.maxFilesPerCommit(),
  policies.dontMergeToMain(),
  policies.dontCommitApiKeys(),
  policies.dontDeleteWithoutWhere(),
  policies.dontUpdateWithoutWhere(),
  policies.requireRowExists(),
  policies.limitRowsPerRun(),
  policies.contractorCannotWritePii(),
  policies.codeFreezeActive(),
  policies.noBulkChannelBlast(),
  policies.noDmExternalUsers(),
  policies.noBulkEmailBlast(),
  policies.noRepeatEmails()
]

/** Of files that agents change: what runs on every push, what git leaves out, secrets. */
const inFiles: readonly Policy[] = [
  policies.dontCopyApiKeys(),
  policies.dontReadEnv(),
  policies.dontTouchCiCd(undefined, { on: ['filesystem.write_file', 'filesystem.delete_file'] }),
  policies.dontEditGitignore(undefined, { on: ['filesystem.write_file', 'filesystem.delete_file'] })
]

/** Single actions that an agent may ask for without a workflow. */
const actions = [
  'postgres.select_rows',
  'postgres.insert_row',
  'postgres.update_row',
  'postgres.delete_row',
  'github.merge_pr',
  'github.close_pr',
  'github.create_issue',
  'github.close_issue',
  'slack.resolve_channel',
  'slack.post_message',
  'slack.update_message',
  'slack.delete_message',
  'filesystem.read_file',
  'filesystem.write_file',
  'filesystem.delete_file',
  'filesystem.list_dir'
] as const

// Every team gets the same. To tell them apart: `(env, team) => team === 'payments' ? { … } : null`, null being nothing at all.
export default defineConfig((env, team, bindings) => ({
  connectors: [gitHub(env), database(env, team), slackWorkspace(env), mailbox(env, bindings), files(team, bindings), toolSystem()],
  // What coding agents do with their own tools (hooks, MCP, framework adapters) is judged by the pack.
  policies: [...everywhere, ...inFiles, ...codingAgentPack(), ...mailRules(env), ...askBefore(env), ...budgets(env)],
  workflows: Object.values(workflows),
  actions: [...actions, ...TOOL_ACTIONS],
  mcp: mcpServers(env, team)
}))

/** `ENACT_ASK_BEFORE=delete_row,merge_pr:2`: one person approves a deletion first, two a merge. */
function askBefore(env: Env): Policy[] {
  return (listOf(env.ENACT_ASK_BEFORE) ?? []).map((item) => {
    const [action = '', needed = '1'] = item.split(':')
    return policies.requireApproval({ needed: Number(needed) }, { on: [action] })
  })
}

/** No agent that works deletes three times a second: one that runs away is stopped, and people are alerted. */
const LIMIT_RATE = 'delete_row:200/60s, delete_file:200/60s'

/**
 * `ENACT_LIMIT_RATE=delete_row:10/60s`: so many calls, by each key, in place of the limits above; `off` = none.
 * `ENACT_LIMIT_ROWS=delete_row:500/24h`: so many rows that were really deleted.
 */
function budgets(env: Env): Policy[] {
  const limits = (text: string | undefined) =>
    (text === 'off' ? [] : (listOf(text) ?? [])).map((item) => {
      const [action = '', max = '', window = ''] = item.split(/[:/]/)
      return { params: { max: Number(max), window }, on: [action] }
    })
  return [
    ...limits(env.ENACT_LIMIT_RATE ?? LIMIT_RATE).map(({ params, on }) => policies.limitRate(params, { on })),
    ...limits(env.ENACT_LIMIT_ROWS).map(({ params, on }) => policies.limitTotal({ ...params, output: 'affected' }, { on }))
  ]
}

function gitHub(env: Env): System {
  if (!env.GITHUB_TOKEN) return github.off('GITHUB_TOKEN')
  const repos = listOf(env.GITHUB_REPOS)
  return github({ token: env.GITHUB_TOKEN, ...(env.GITHUB_API_URL ? { api_url: env.GITHUB_API_URL } : {}), ...(repos ? { repos } : {}) })
}

/** The R2 bucket bound as `FILES`; each team has a folder of its own in it. */
function files(team: string, { FILES }: Bindings): System {
  return FILES === undefined ? filesystem.off('FILES') : filesystem({ bucket: FILES as Bucket, prefix: `${team}/` })
}

/** `DATABASE_TEAMS`: the teams that have the database; all unless given. */
function database(env: Env, team: string): System {
  if (!env.DATABASE_URL) return postgres.off('DATABASE_URL')
  if (listOf(env.DATABASE_TEAMS)?.includes(team) === false) return postgres.off('DATABASE_TEAMS')
  return postgres({
    database_url: env.DATABASE_URL,
    tables: listOf(env.DATABASE_TABLES) ?? ['*'],
    fencing_scope: team,
    ...(env.NEON_LOCAL_URL ? { neon_local_url: env.NEON_LOCAL_URL } : {})
  })
}

function slackWorkspace(env: Env): System {
  if (!env.SLACK_BOT_TOKEN) return slack.off('SLACK_BOT_TOKEN')
  const channels = listOf(env.SLACK_CHANNELS)
  return slack({
    token: env.SLACK_BOT_TOKEN,
    ...(env.SLACK_API_URL ? { api_url: env.SLACK_API_URL } : {}),
    ...(channels ? { channels } : {})
  })
}

/**
 * By Resend, by the binding `EMAIL`, or over SMTP (`SMTP_URL=smtps://user:password@mail.example.com:465`; `smtp://` begins in the clear and goes on
 * only under STARTTLS, but for a server on this machine). `ENACT_MAIL_RECIPIENTS`: the domains and addresses that may be written to at all.
 * `ENACT_EMAIL_DRY_RUN=1` is for development: there, `EMAIL` is the outbox.
 */
function mailbox(env: Env, bindings: Bindings): System {
  const recipients = listOf(env.ENACT_MAIL_RECIPIENTS)
  const isDry = env.ENACT_EMAIL_DRY_RUN === '1'
  const common = { from: env.ENACT_MAIL_FROM ?? 'agent@enact.invalid', ...(recipients ? { recipients } : {}) }
  const byBinding = () => mail({ via: 'send_email', binding: bindings.EMAIL as never, ...common })
  if (isDry)
    return env.ENACT_DEV === '1' && bindings.EMAIL ? byBinding() : mail.off('ENACT_EMAIL_DRY_RUN to nothing: it is for development')
  if (env.ENACT_MAIL_FROM && env.SMTP_URL) return mail({ ...smtpOptions(env.SMTP_URL), ...common })
  if (env.ENACT_MAIL_FROM && bindings.EMAIL) return byBinding()
  if (!env.RESEND_API_KEY) return mail.off(env.SMTP_URL || bindings.EMAIL ? 'ENACT_MAIL_FROM' : 'RESEND_API_KEY, EMAIL or SMTP_URL')
  return mail({
    via: 'resend',
    api_key: env.RESEND_API_KEY,
    ...(env.RESEND_API_URL ? { api_url: env.RESEND_API_URL } : {}),
    ...common,
    // Resend's own sender for trying it out: it reaches the account's owner alone.
    from: env.ENACT_MAIL_FROM ?? 'onboarding@resend.dev'
  })
}

function smtpOptions(address: string) {
  const { protocol, hostname, port, username, password } = new URL(address)
  const isSecure = protocol === 'smtps:'
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+)$/.test(hostname)
  return {
    via: 'smtp' as const,
    host: hostname,
    port: Number(port || (isSecure ? 465 : 587)),
    tls: isSecure ? ('implicit' as const) : isHere ? ('none' as const) : ('starttls' as const),
    ...(username === '' ? {} : { username: decodeURIComponent(username), password: decodeURIComponent(password) })
  }
}

/** `ENACT_MAIL_DOMAINS=acme.com`: no mail to anybody else. `ENACT_MAIL_ROLES=support`: only agents whose key has this role write mail. */
function mailRules(env: Env): Policy[] {
  const domains = listOf(env.ENACT_MAIL_DOMAINS)
  const allowed_roles = listOf(env.ENACT_MAIL_ROLES)
  return [
    ...(domains ? [policies.noEmailExternalDomains({ domains })] : []),
    ...(allowed_roles ? [policies.requireActorRole({ allowed_roles }, { on: ['send_email'] })] : [])
  ]
}

/**
 * `ENACT_MCP="docs=https://docs.example.com/mcp"`: MCP servers behind the gateway. `ENACT_MCP_DOCS_TOKEN` is the server's credential, which
 * no agent sees; `…_ALLOW` the tools that exist for agents (all unless given), `…_RESOURCES` and `…_PROMPTS` what they may read (none unless
 * given), `…_TEAMS` the teams that have it (all unless given).
 */
function mcpServers(env: Env, team: string): McpUpstream[] {
  return (listOf(env.ENACT_MCP) ?? []).flatMap((item) => {
    const [id = '', url = ''] = item.split(/=(.*)/s)
    const set = (what: string) => env[`ENACT_MCP_${id.toUpperCase().replaceAll('-', '_')}_${what}`]
    if (listOf(set('TEAMS'))?.includes(team) === false) return []
    return [
      {
        id,
        url,
        ...(set('TOKEN') ? { headers: { authorization: `Bearer ${set('TOKEN')}` } } : {}),
        allow: listOf(set('ALLOW')) ?? ['*'],
        resources: listOf(set('RESOURCES')) ?? [],
        prompts: listOf(set('PROMPTS')) ?? [],
        timeout_ms: Number(set('TIMEOUT_MS') ?? 30_000)
      }
    ]
  })
}

/** `a, b` as a list; null where nothing is set. */
function listOf(text: string | undefined): string[] | null {
  const items = (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  return items.length === 0 ? null : items
}
