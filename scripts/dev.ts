// `npm run dev`: the whole edge on this machine, with two seeded teams; `-- --watch` rebuilds on changes. ENACT_DEV is set here and nowhere else.
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import config from '../enact.config.ts'
import { ROOT, startEdge } from '../src/cli/local/edge.ts'

/** What may be given on the command line and reaches the Worker. */
const PASSED = [
  'ENACT_SECRET',
  'ENACT_SECRET_PREVIOUS',
  'ENACT_RATE_SCALE',
  'ENACT_ASK_BEFORE',
  'ENACT_LIMIT_RATE',
  'ENACT_LIMIT_ROWS',
  'ENACT_EMAIL_DRY_RUN',
  'ENACT_MAIL_FROM',
  'ENACT_MAIL_RECIPIENTS',
  'ENACT_MAIL_DOMAINS',
  'ENACT_MAIL_ROLES',
  'SMTP_URL',
  'ENACT_URL',
  'ENACT_UI_ORIGINS',
  'ACCESS_TEAM_DOMAIN',
  'ACCESS_AUD',
  'ACCESS_TEAM',
  'ACCESS_ADMINS',
  'GITHUB_TOKEN',
  'GITHUB_API_URL',
  'GITHUB_REPOS',
  'DATABASE_URL',
  'DATABASE_TABLES',
  'DATABASE_TEAMS',
  'NEON_LOCAL_URL',
  'SLACK_BOT_TOKEN',
  'SLACK_API_URL',
  'SLACK_CHANNELS',
  'SLACK_SIGNING_SECRET',
  'RESEND_API_KEY',
  'RESEND_API_URL',
  'PAGERDUTY_API_URL',
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'TWILIO_FROM',
  'TWILIO_API_URL'
] as const

const SEED_TEAM = `INSERT INTO teams (team_id, name, created_by, created_at) VALUES (?1, ?2, 'dev', ?3) ON CONFLICT DO NOTHING`
const SEED_KEY = `INSERT INTO api_keys (id, team_id, hash, scopes, label, attributes, created_at) VALUES (?1, ?2, ?3, '["admin"]', 'npm run dev', '{}', ?4)
  ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, revoked_at = NULL`

/** What the dev server remembers between its starts, so that keys stay the same and old receipts still verify. */
interface Remembered {
  readonly secret: string
  readonly keys: Readonly<Record<'dev' | 'other', string>>
}

async function main(): Promise<void> {
  const port = Number(process.env.PORT ?? 8787)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`PORT \`${process.env.PORT}\` is not a port`)
  const remembered = remember()
  const keys = { ...remembered.keys, ...(process.env.ENACT_DEV_API_KEY ? { dev: process.env.ENACT_DEV_API_KEY } : {}) }
  const given = Object.fromEntries(PASSED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
  const now = new Date().toISOString()
  // A second server on another port gets a state of its own: two on one would corrupt it.
  const state = `${ROOT}.wrangler/state${port === 8787 ? '' : `-${port}`}`
  const worker = await startEdge({
    port,
    state,
    // Where `npm run dev` in pages/ looks for its binding.
    registry: `${state}/registry`,
    variables: { ENACT_SECRET: remembered.secret, ...given, ENACT_DEV: '1' },
    devVars: true,
    seed: Object.entries(keys).flatMap(([team, key]) => [
      { sql: SEED_TEAM, values: [team, team, now] },
      { sql: SEED_KEY, values: [`seed-${team}`, team, createHash('sha256').update(key).digest('hex'), now] }
    ]),
    // A rebuild ends the requests that are under way: only who asked for it gets it.
    watch: process.argv.includes('--watch'),
    onLog: (line) => console.log(line)
  })
  console.log(banner(worker.url, keys))
  let stopping: Promise<void> | null = null
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // wrangler's own handlers end the process at once, and leave workerd to itself.
    process.removeAllListeners(signal)
    process.on(signal, () => void (stopping ??= worker.stop().finally(() => process.exit(0))))
  }
}

function banner(url: string, keys: Remembered['keys']): string {
  const teams = Object.entries(keys).map(([team, key]) => `  team ${team.padEnd(6)} ${key}`)
  return [
    '',
    `Enact on ${url}`,
    '',
    ...teams,
    '',
    `  receipts  ${url}/app/ (sign in with a key from above)`,
    `  systems   ${systemsOn()}`,
    `  reference ${url}/docs`,
    ''
  ].join('\n')
}

/** What is on and what is missing, by the same configuration that the Worker reads. */
function systemsOn(): string {
  const unasked = () => Promise.reject(new Error('only looked at, never asked'))
  // The bucket is always there on this machine, the outbox where mail is not to leave it.
  const FILES = { head: unasked, get: unasked, put: unasked, delete: unasked, list: unasked }
  const bound = { FILES, ...(process.env.ENACT_EMAIL_DRY_RUN === '1' ? { EMAIL: { send: unasked } } : {}) }
  try {
    const systems = config({ ...process.env, ENACT_DEV: '1' }, 'dev', bound)?.connectors ?? []
    const named = systems.filter(({ isObserved }) => isObserved !== true)
    return named.map(({ id, missing }) => (missing === null ? id : `${id} off (set ${missing})`)).join(', ')
  } catch (error) {
    return `none: ${error instanceof Error ? error.message : String(error)}`
  }
}

function remember(): Remembered {
  const file = `${ROOT}.enact/dev.json`
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Remembered
  } catch {
    const key = (): string => `enact_live_${randomBytes(8).toString('hex')}_${randomBytes(32).toString('hex')}`
    const fresh: Remembered = { secret: randomBytes(32).toString('base64'), keys: { dev: key(), other: key() } }
    mkdirSync(`${ROOT}.enact`, { recursive: true })
    writeFileSync(file, JSON.stringify(fresh), { mode: 0o600 })
    return fresh
  }
}

main().catch((error: unknown) => {
  console.error(`the dev server did not start: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
})
