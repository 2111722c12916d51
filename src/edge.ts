// The edge: env becomes adapters, adapters become the host of the HTTP door and what the objects and jobs need. Nothing else reads env.
import config from '../enact.config.ts'
import { systemClock } from './adapters/clock/system.ts'
import { cloudflareAccess } from './adapters/edge/access.ts'
import { edgeActivity } from './adapters/edge/activity.ts'
import { edgeAgentSessions } from './adapters/edge/agent_sessions.ts'
import { BUILT_IN_ALERTS } from './alerts/index.ts'
import { edgeAlerts, receiptSignals } from './adapters/edge/alerts.ts'
import { approvalDesk } from './adapters/edge/approval_desk.ts'
import { d1Badges } from './adapters/edge/badges.ts'
import { edgeBudgets } from './adapters/edge/budgets.ts'
import { d1Changes } from './adapters/edge/changes.ts'
import { d1Directory } from './adapters/edge/directory.ts'
import { edgeErasure } from './adapters/edge/erasure.ts'
import { edgeExports } from './adapters/edge/exports.ts'
import { d1Facts } from './adapters/edge/facts.ts'
import { installations } from './adapters/edge/installations.ts'
import { edgeLedger } from './adapters/edge/ledger.ts'
import { edgeLocks } from './adapters/edge/locks.ts'
import { d1McpPins } from './adapters/edge/mcp_pins.ts'
import { edgePast } from './adapters/edge/past.ts'
import { d1People } from './adapters/edge/people.ts'
import { d1BlockLog } from './adapters/edge/policy_blocks.ts'
import { edgeRateLimit } from './adapters/edge/rate_limit.ts'
import { d1Receipts } from './adapters/edge/receipts.ts'
import { edgeRuns } from './adapters/edge/runs.ts'
import { d1Sealed } from './adapters/edge/sealed.ts'
import { d1Sessions } from './adapters/edge/sessions.ts'
import { d1Settings } from './adapters/edge/settings.ts'
import { edgeSetup } from './adapters/edge/setup.ts'
import { d1Shares } from './adapters/edge/shares.ts'
import { d1UnfinishedRuns } from './adapters/edge/unfinished_runs.ts'
import { postWebhook } from './adapters/edge/webhook_post.ts'
import { edgeWebhooks } from './adapters/edge/webhooks.ts'
import { nodeHash } from './adapters/hash/index.ts'
import { d1Outbox, outboxEmail } from './adapters/notices/index.ts'
import { uuidIds } from './adapters/ids/uuid.ts'
import { checkSecret, previousSecretsOf, webcryptoKeys } from './adapters/keys/index.ts'
import { webhookCrypto } from './adapters/keys/webhook_crypto.ts'
import { mcpOverHttp } from './adapters/mcp/upstreams.ts'
import { edgeParsers } from './adapters/parsers/edge.ts'
import { nativeTimer } from './adapters/timer/native.ts'
import {
  ENGINE_VERSION,
  equalBytes,
  issueAndAppend,
  lockBrokenDraft,
  WEBHOOK_TIMEOUT_MS,
  type BrokenLock,
  type Installation,
  type JsonObject,
  type Ports,
  type Receipt
} from './engine/index.ts'
import { createApp, type App } from './http/app.ts'
import { actorOfBinding } from './http/auth.ts'
import type { Host } from './http/host.ts'
import { originsOf } from './http/origin.ts'
import { boundGates } from './integrations/binding.ts'
import { alertToApprovals } from './jobs/alert_approvals.ts'
import { reconcile } from './jobs/reconcile.ts'
import { recordChanges } from './jobs/record_changes.ts'
import { retain } from './jobs/retain.ts'
import { sweepExports } from './jobs/sweep_exports.ts'
import { sweepAlerts } from './jobs/sweep_alerts.ts'
import { sweepApprovals } from './jobs/sweep_approvals.ts'
import { sweepSessions } from './jobs/sweep_sessions.ts'
import { sweepRuns } from './jobs/sweep_runs.ts'
import { deliver, deliverWebhooks, reportDeadWebhooks, sweepWebhooks, type OrderMessage, type WebhookParts } from './jobs/webhooks.ts'

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])
/** The address in what a binding is told where nothing says what it is. */
const NOWHERE = 'https://enact.invalid'
/** Where this isolate was last reached: for the links in messages, where ENACT_URL does not say it. */
let origin: string | null = null
const built = new WeakMap<Env, ReturnType<typeof build>>()

/** Once per isolate and env: keys, installations and key look-ups are shared by all requests. */
export function edge(env: Env): ReturnType<typeof build> {
  const known = built.get(env) ?? build(env)
  built.set(env, known)
  return known
}

/** Remembers the address at which the Worker was reached. */
export function seenAt(address: string): void {
  origin = address
}

function build(env: Env) {
  const strings = stringsOf(env)
  const isDev = strings.ENACT_DEV === '1'
  const bindings = bindingsOf(env, isDev && strings.ENACT_EMAIL_DRY_RUN === '1')
  const refusal = checkSecret(strings.ENACT_SECRET)
  if (refusal !== null) log({ level: 'error', event: 'misconfigured', detail: refusal })
  // One request may carry another's append only where the runtime brings the answer back into the other's own context.
  const together = Cloudflare.compatibilityFlags.handle_cross_request_promise_resolution === true
  const ledger = edgeLedger(env.LEDGER, together ? 'together' : 'alone')
  const receipts = d1Receipts(env.DB, nodeHash, ledger.present, systemClock)
  const locks = edgeLocks(env.LOCKS)
  const budgets = edgeBudgets(env.BUDGETS)
  const directory = d1Directory(env.DB, systemClock)
  const facts = d1Facts(env.DB, systemClock)
  const changes = d1Changes(env.DB)
  const settings = d1Settings(env.DB)
  const exports = edgeExports(env.DB, env.EXPORTS)
  const sessions = d1Sessions(env.DB)
  const origins = originsOf(strings.ENACT_UI_ORIGINS)
  for (const one of origins.wrong) log({ level: 'error', event: 'misconfigured', detail: `ENACT_UI_ORIGINS: \`${one}\` is no origin` })
  const unasked: Ports = {
    clock: systemClock,
    ids: uuidIds,
    hash: nodeHash,
    // INVARIANT: without a good secret no key is ever derived: the door and the objects refuse before they sign.
    keys:
      refusal === null
        ? webcryptoKeys({ secret: strings.ENACT_SECRET!, previousSecrets: previousSecretsOf(strings.ENACT_SECRET_PREVIOUS) })
        : noKeys(refusal),
    facts,
    timer: nativeTimer,
    parsers: edgeParsers(),
    ledger,
    past: edgePast(env.DB, ledger),
    sealed: d1Sealed(env.DB),
    locks: null,
    approvals: null,
    budgets: null
  }
  const runs = edgeRuns(env.RUNS)
  const webhooks = edgeWebhooks({ db: env.DB, queue: env.WEBHOOKS, ports: unasked, isDev, log })
  const installation = installations((team) => config(strings, team, bindings))
  const people = d1People(env.DB, systemClock)
  const objectPorts = { ...unasked, ledger: edgeLedger(env.LEDGER, 'alone') }
  const approvals = approvalDesk({
    db: env.DB,
    namespace: env.APPROVALS,
    ports: objectPorts,
    people,
    events: webhooks.outbox,
    wake: runs,
    installation,
    isDev,
    origin: () => origin,
    strings,
    email: (env as { EMAIL?: SendEmail }).EMAIL
  })
  const ports: Ports = { ...unasked, locks, budgets, approvals: approvals.door }
  const activity = edgeActivity({
    namespace: env.ACTIVITY,
    fullName: (team, id) => fullActionName(installation(team), id),
    log
  })
  const alerts = edgeAlerts({
    db: env.DB,
    outbox: webhooks.outbox,
    ports,
    rulesOf: (team) => installation(team).alerts,
    builtIn: BUILT_IN_ALERTS,
    strings,
    mailer: approvals.mailer,
    hasMail: approvals.hasMail,
    origin: () => strings.ENACT_URL ?? origin,
    attempt: (order) => deliver(webhookParts, order),
    log
  })
  const host: Host = {
    version: ENGINE_VERSION,
    refusal,
    ports,
    installation,
    directory,
    facts,
    settings,
    exports,
    people,
    sessions,
    access: cloudflareAccess({ strings, clock: systemClock, log }),
    setup: edgeSetup(env.DB, strings, (env as { EMAIL?: SendEmail }).EMAIL !== undefined),
    blockLog: d1BlockLog(env.DB),
    badges: d1Badges(env.DB),
    uiOrigins: origins.allowed,
    changes,
    receipts,
    ledger,
    shares: d1Shares(env.DB),
    runs,
    locks,
    budgets,
    agentSessions: edgeAgentSessions(env.AGENT_SESSIONS),
    mcpPins: d1McpPins(env.DB),
    mcpUpstreams: mcpOverHttp(),
    webhooks: webhooks.door,
    alerts: alerts.door,
    alertRules: alerts.rules,
    alertChannels: alerts.channels,
    alarm: alerts.report,
    approvals: approvals.door,
    approvalList: approvals.list,
    approver: approvals.approver,
    slack: approvals.slack,
    outbox: approvals.outbox,
    rateLimit: edgeRateLimit(env.RATE_LIMIT, systemClock, Number(strings.ENACT_RATE_SCALE) || 1),
    isSecret: (text) => refusal === null && equalBytes(digest(text), digest(strings.ENACT_SECRET!)),
    healthy: () =>
      env.DB.prepare('SELECT 1')
        .first()
        .then(
          () => true,
          () => false
        ),
    log
  }
  const app = createApp(host)
  const offApp =
    strings.ENACT_DEV === '1'
      ? createApp({ ...host, refusal: 'ENACT_DEV is set, which is for this machine alone: take it away and deploy again' })
      : app
  const webhookParts: WebhookParts = {
    ...ports,
    deliveries: webhooks.outbox,
    crypto: webhookCrypto,
    isDev,
    post: (url, headers, body) => postWebhook(url, headers, body, WEBHOOK_TIMEOUT_MS),
    sendAlert: alerts.send,
    endpointSeen: (team, endpoint) => alerts.consider(team, [{ kind: 'endpoint', endpoint }]),
    log
  }
  const unfinished = d1UnfinishedRuns(env.DB)
  const chores = async (isMinute: boolean) => {
    await sweepRuns({ unfinished, runs, clock: systemClock, log })
    await sweepWebhooks(webhookParts)
    await alertToApprovals({ alerts, clock: systemClock, log })
    if (isMinute) return
    await sweepApprovals({ ...approvals, clock: systemClock, log })
    await sweepSessions({ sessions, clock: systemClock, log })
    await recordChanges({ changes, ports, clock: systemClock, log })
    await sweepAlerts({ alerts, clock: systemClock, log })
    await sweepExports({ exports, clock: systemClock, log })
    await retain({ settings, ledger, installation, ids: uuidIds, clock: systemClock, log })
    await reconcile({ directory, ledger, index: receipts, alarm: alerts.report, clock: systemClock, log })
  }
  return {
    ports,
    runPorts: { ...objectPorts, locks, budgets, approvals: approvals.door },
    approvals,
    lockReceipt: (broken: BrokenLock) => issueAndAppend(lockBrokenDraft(broken), objectPorts),
    receipts,
    exports,
    copies: edgeErasure(env.DB, env.RUNS, env.APPROVALS),
    webhooks: webhooks.outbox,
    /** What was appended, for anomalies and alerts. */
    watch: async (team: string, receipts: readonly Receipt[]): Promise<void> => {
      const unusual = (await activity.observe(team, receipts)).map((finding) => ({ kind: 'anomaly' as const, finding }))
      await alerts.consider(team, [...receiptSignals(receipts), ...unusual])
    },
    deliver: async (queue: string, messages: readonly OrderMessage[]) =>
      queue.endsWith('-dead') ? reportDeadWebhooks(webhookParts, messages) : deliverWebhooks(webhookParts, messages),
    installation,
    appFor: (request: Request): App => (offApp === app || LOOPBACK.has(new URL(request.url).hostname) ? app : offApp),
    boundTo: boundGates(
      (props) => createApp(host, actorOfBinding(props)),
      () => strings.ENACT_URL ?? origin ?? NOWHERE
    ),
    unfinished,
    chores: (isMinute: boolean) => (refusal === null ? chores(isMinute) : Promise.resolve())
  }
}

/** `delete_row` → `postgres.delete_row`. */
function fullActionName({ actions }: Installation, id: string): string {
  const target = actions.get(id)
  return target === undefined ? id : `${target.system.id}.${target.name}`
}

function stringsOf(env: Env): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** What is bound beside strings, for the connectors that speak to it. In development mail may be the outbox. */
function bindingsOf(env: Env, isMailDry: boolean): Readonly<Record<string, unknown>> {
  const bound = Object.fromEntries(Object.entries(env).filter(([, value]) => typeof value !== 'string'))
  return isMailDry ? { ...bound, EMAIL: outboxEmail(d1Outbox(env.DB, systemClock).mailer, () => uuidIds.runId()) } : bound
}

function noKeys(refusal: string): Ports['keys'] {
  return { team: () => Promise.reject(new Error(refusal)) }
}

function digest(text: string): Uint8Array {
  return nodeHash.sha256(nodeHash.utf8(text))
}

/** One line of JSON for whoever runs the installation. */
export function log(entry: JsonObject): void {
  console.log(JSON.stringify(entry))
}
