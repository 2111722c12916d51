// A Worker around the real objects of runs, ledgers and locks, which stops at every boundary until the effect server lets it go on.
import { budgetObject } from '../../../durable/budget.ts'
import { ledgerObject } from '../../../durable/ledger.ts'
import { locksObject } from '../../../durable/locks.ts'
import { runObject, type RunCalls } from '../../../durable/run.ts'
import { systemClock } from '../../../src/adapters/clock/system.ts'
import { edgeBudgets } from '../../../src/adapters/edge/budgets.ts'
import { d1Facts } from '../../../src/adapters/edge/facts.ts'
import { edgeLedger } from '../../../src/adapters/edge/ledger.ts'
import { edgeLocks } from '../../../src/adapters/edge/locks.ts'
import { edgeRuns } from '../../../src/adapters/edge/runs.ts'
import { d1Sealed } from '../../../src/adapters/edge/sealed.ts'
import { d1UnfinishedRuns } from '../../../src/adapters/edge/unfinished_runs.ts'
import { nodeHash } from '../../../src/adapters/hash/index.ts'
import { uuidIds } from '../../../src/adapters/ids/uuid.ts'
import { webcryptoKeys } from '../../../src/adapters/keys/index.ts'
import { nativeTimer } from '../../../src/adapters/timer/native.ts'
import {
  admitRollback,
  digestOf,
  judge,
  type Admitted,
  type JsonObject,
  type Keyring,
  type Parsers,
  type Ports
} from '../../../src/engine/index.ts'
import { sweepRuns } from '../../../src/jobs/sweep_runs.ts'
import { boundary, crashInstallation, WRITES } from './systems.ts'

interface Env {
  readonly DB: D1Database
  readonly RUNS: DurableObjectNamespace
  readonly LEDGER: DurableObjectNamespace
  readonly LOCKS: DurableObjectNamespace
  readonly BUDGETS: DurableObjectNamespace
  readonly ENACT_SECRET: string
  readonly EFFECTS_URL: string
}

/** Time enough to be killed before the first alarm, and little enough to wait for it. */
const LOOK_AFTER_MS = 1_500
const refuse = () => ({ ok: false, error: 'nothing is parsed here' }) as const
const parsers: Parsers = { load: () => undefined, sql: refuse, shell: refuse, url: refuse }
const log = (entry: JsonObject) => console.log(JSON.stringify(entry))

function portsOf(env: Env): Ports {
  return {
    clock: systemClock,
    ids: uuidIds,
    hash: nodeHash,
    keys: webcryptoKeys({ secret: env.ENACT_SECRET }),
    facts: d1Facts(env.DB, systemClock),
    timer: nativeTimer,
    parsers,
    ledger: edgeLedger(env.LEDGER, 'alone'),
    sealed: d1Sealed(env.DB),
    locks: edgeLocks(env.LOCKS),
    approvals: null,
    budgets: edgeBudgets(env.BUDGETS)
  }
}

/** The ports of a run, each of which says where the run is. Whatever a run writes down is sealed first. */
function watched(ports: Ports, at: (team: string, name: string) => Promise<void>): Ports {
  return {
    ...ports,
    keys: {
      async team(team) {
        const keyring = await ports.keys.team(team)
        const seal: Keyring['seal'] = async (plain, context) => {
          await at(team, 'sealing')
          return keyring.seal(plain, context)
        }
        return { ...keyring, seal }
      }
    },
    facts: {
      async read(team, name) {
        if (name === 'kill_switch') await at(team, 'write_cleared')
        return ports.facts.read(team, name)
      }
    },
    ledger: {
      latest: (team, runId) => ports.ledger.latest(team, runId),
      async append(team, receipt) {
        await at(team, 'finished')
        const place = await ports.ledger.append(team, receipt)
        await at(team, 'appended')
        return place
      }
    }
  }
}

/** A team's ledger, as it is. */
export class LedgerObject extends ledgerObject<Env>((env) => ({
  ...portsOf(env),
  project: () => Promise.resolve(),
  publish: () => Promise.resolve(),
  watch: () => Promise.resolve(),
  issue: () => Promise.reject(new Error('nobody erases here')),
  copies: { busy: () => Promise.resolve([]), forget: () => Promise.resolve() },
  log
})) {}
/** A team's locks, as they are. */
export class LocksObject extends locksObject<Env>(() => ({
  clock: systemClock,
  receipt: () => Promise.reject(new Error('nobody breaks a lock here')),
  log
})) {}

/** A team's budgets, as they are. */
export class BudgetObject extends budgetObject<Env>(() => ({ clock: systemClock })) {}

/** A run that counts its alarms, and can be made to die. */
export class RunObject extends runObject<Env>((env) => ({
  ports: watched(portsOf(env), (team, name) => boundary(env.EFFECTS_URL, team, name)),
  installation: (team) => crashInstallation(env.EFFECTS_URL, team, nodeHash),
  unfinished: d1UnfinishedRuns(env.DB),
  lookAfterMs: LOOK_AFTER_MS,
  log
})) {
  override async alarm(): Promise<void> {
    await this.ctx.storage.put('alarms', (await this.alarms()) + 1)
    await super.alarm()
  }
  async alarms(): Promise<number> {
    return (await this.ctx.storage.get<number>('alarms')) ?? 0
  }
  async alarmAt(): Promise<number | null> {
    return this.ctx.storage.getAlarm()
  }
  async die(losesAlarm: boolean): Promise<void> {
    if (losesAlarm) await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.sync()
    this.ctx.abort('the test wants it so')
  }
}

type TestCalls = RunCalls & Pick<RunObject, 'alarms' | 'alarmAt' | 'die'>

/** One order of a test. */
interface Order {
  readonly does: 'run' | 'roll_back' | 'look' | 'die' | 'sweep'
  readonly team: string
  readonly run_id: string
  readonly workflow?: string
  readonly original?: string
  readonly loses_alarm?: boolean
  readonly now?: number
}

export default {
  async fetch(request, env) {
    const order: Order = await request.json()
    return Response.json((await carryOut(order, env)) ?? null)
  }
} satisfies ExportedHandler<Env>

async function carryOut({ does, team, run_id, ...more }: Order, env: Env): Promise<unknown> {
  const ports = portsOf(env)
  const runs = edgeRuns(env.RUNS)
  const stub = env.RUNS.get(env.RUNS.idFromName(`${team}/${run_id}`)) as unknown as TestCalls
  if (does === 'die') return stub.die(more.loses_alarm ?? false).catch(() => 'dead')
  if (does === 'sweep') {
    const unfinished = d1UnfinishedRuns(env.DB)
    await sweepRuns({ unfinished, runs, clock: { now: () => more.now! }, log })
    return { due: await unfinished.due(Number.MAX_SAFE_INTEGER, 1_000) }
  }
  if (does === 'look') {
    const state = await runs.status(team, run_id, 0)
    const digests = await edgeLedger(env.LEDGER, 'alone').digests(team, 0, 100)
    const receipts = await Promise.all([...new Set(digests.map((digest) => digest.run_id))].map((id) => ports.ledger.latest(team, id)))
    const locks = await edgeLocks(env.LOCKS).list(team, null, 100)
    const budgets = await edgeBudgets(env.BUDGETS).list(team, [WRITES.id], null, 10)
    return { state, receipts, locks, budgets, alarms: await stub.alarms(), alarm_at: await stub.alarmAt() }
  }
  const installation = crashInstallation(env.EFFECTS_URL, team, nodeHash)
  const asked: Omit<Admitted, 'workflow' | 'payload'> = {
    run_id,
    team_id: team,
    mode: 'mediated',
    run_mode: 'enforce',
    user_email: 'agent@company.com',
    user_attributes: {},
    actor: { api_key_id: 'k1', session_id: null },
    links: {}
  }
  const admitted =
    does === 'run'
      ? { ...asked, workflow: more.workflow!, payload: {} }
      : admitRollback((await ports.ledger.latest(team, more.original!))!, asked)
  return runs.start(await judge(installation, admitted, ports), digestOf(run_id, nodeHash), 0)
}
