// The Worker: env becomes adapters, adapters become the host of the HTTP door and the insides of the objects. Nothing else reads env.
import config from '../enact.config.ts'
import { ledgerObject } from '../durable/ledger.ts'
import { runObject } from '../durable/run.ts'
import { systemClock } from './adapters/clock/system.ts'
import { d1Directory } from './adapters/edge/directory.ts'
import { d1Facts } from './adapters/edge/facts.ts'
import { edgeLedger } from './adapters/edge/ledger.ts'
import { edgeRateLimit } from './adapters/edge/rate_limit.ts'
import { d1Receipts } from './adapters/edge/receipts.ts'
import { edgeRuns } from './adapters/edge/runs.ts'
import { d1Sealed } from './adapters/edge/sealed.ts'
import { nodeHash } from './adapters/hash/index.ts'
import { uuidIds } from './adapters/ids/uuid.ts'
import { checkSecret, previousSecretsOf, webcryptoKeys } from './adapters/keys/index.ts'
import { edgeParsers } from './adapters/parsers/edge.ts'
import { nativeTimer } from './adapters/timer/native.ts'
import { digestOf, ENGINE_VERSION, equalBytes, install, type Installation, type JsonObject, type Ports } from './engine/index.ts'
import { createApp, type App } from './http/app.ts'
import type { Host } from './http/host.ts'
import { reconcile } from './jobs/reconcile.ts'

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])
const built = new WeakMap<Env, ReturnType<typeof build>>()

/** Once per isolate and env: keys, installations and key look-ups are shared by all requests. */
function edge(env: Env): ReturnType<typeof build> {
  const known = built.get(env) ?? build(env)
  built.set(env, known)
  return known
}

/** The insides of a team's ledger. */
export class LedgerObject extends ledgerObject<Env>((env) => ({ ...edge(env).ports, project: edge(env).receipts.put, log })) {}
/** The insides of a run. */
export class RunObject extends runObject<Env>((env) => ({ ports: edge(env).runPorts, installation: edge(env).installation, log })) {}

export default {
  fetch: (request, env) => edge(env).appFor(request).fetch(request) as Promise<Response>,
  scheduled: (_event, env) => edge(env).reconcile()
} satisfies ExportedHandler<Env>

function build(env: Env) {
  const strings = stringsOf(env)
  const refusal = checkSecret(strings.ENACT_SECRET)
  if (refusal !== null) log({ level: 'error', event: 'misconfigured', detail: refusal })
  // One request may carry another's append only where the runtime brings the answer back into the other's own context.
  const together = Cloudflare.compatibilityFlags.handle_cross_request_promise_resolution === true
  const ledger = edgeLedger(env.LEDGER, together ? 'together' : 'alone')
  const receipts = d1Receipts(env.DB, nodeHash, ledger.latest)
  const directory = d1Directory(env.DB, systemClock)
  const ports: Ports = {
    clock: systemClock,
    ids: uuidIds,
    hash: nodeHash,
    // INVARIANT: without a good secret no key is ever derived: the door and the objects refuse before they sign.
    keys:
      refusal === null
        ? webcryptoKeys({ secret: strings.ENACT_SECRET!, previousSecrets: previousSecretsOf(strings.ENACT_SECRET_PREVIOUS) })
        : noKeys(refusal),
    facts: d1Facts(env.DB, systemClock),
    timer: nativeTimer,
    parsers: edgeParsers(),
    ledger,
    sealed: d1Sealed(env.DB),
    locks: null,
    approvals: null
  }
  const installation = installations(strings)
  const host: Host = {
    version: ENGINE_VERSION,
    refusal,
    ports,
    installation,
    directory,
    receipts,
    ledger,
    runs: edgeRuns(env.RUNS),
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
  return {
    ports,
    runPorts: { ...ports, ledger: edgeLedger(env.LEDGER, 'alone') },
    receipts,
    installation,
    appFor: (request: Request): App => (offApp === app || LOOPBACK.has(new URL(request.url).hostname) ? app : offApp),
    reconcile: () => (refusal === null ? reconcile({ directory, ledger, index: receipts, clock: systemClock, log }) : Promise.resolve())
  }
}

/** What a team may use, checked once. A configuration that does not hold throws every time it is asked for. */
function installations(strings: Record<string, string | undefined>): (teamId: string) => Installation {
  const known = new Map<string, Installation>()
  return (teamId) => {
    const team = known.has(teamId) ? null : config(strings, teamId)
    const installation = known.get(teamId) ?? (team === null ? NOTHING : install(team, nodeHash))
    known.set(teamId, installation)
    return installation
  }
}

/** For a team that the configuration does not name: whatever it asks for is not listed, which is a BLOCK with a receipt. */
const NOTHING: Installation = {
  systems: new Map(),
  policies: [],
  workflows: new Map(),
  actions: new Map(),
  target: () => null,
  requestPolicies: () => [],
  callPolicies: () => [],
  digest: digestOf(null, nodeHash)
}

function stringsOf(env: Env): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

function noKeys(refusal: string): Ports['keys'] {
  return { team: () => Promise.reject(new Error(refusal)) }
}

function digest(text: string): Uint8Array {
  return nodeHash.sha256(nodeHash.utf8(text))
}

function log(entry: JsonObject): void {
  console.log(JSON.stringify(entry))
}
