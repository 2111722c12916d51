// The embedded SDK: the same engine inside a Node program, with receipts in memory or in a folder.
import { memoryAgentSessions } from './adapters/agent_sessions/memory.ts'
import { memoryBudgets } from './adapters/budgets/memory.ts'
import { systemClock } from './adapters/clock/system.ts'
import { memoryFacts } from './adapters/facts/memory.ts'
import { nodeHash } from './adapters/hash/index.ts'
import { uuidIds } from './adapters/ids/uuid.ts'
import { memoryJournal } from './adapters/journal/memory.ts'
import { checkSecret, webcryptoKeys } from './adapters/keys/index.ts'
import { nodeParsers } from './adapters/parsers/node.ts'
import { memoryReceipts, receiptsPast } from './adapters/receipts/index.ts'
import { memorySealed } from './adapters/sealed/index.ts'
import { nativeTimer } from './adapters/timer/native.ts'
import { EnactEdge } from './client.ts'
import type { DecisionAnswer, DecisionWanted, Gate, OutcomeTold } from './client/decisions.ts'
import { CloudReceipts, type CloudState } from './client/cloud.ts'
import {
  admit,
  admitRollback,
  decide,
  execute,
  executeRollback,
  fault,
  install,
  isStopped,
  judge,
  parseInput,
  planRollback,
  reportOutcome,
  RunRequest,
  stopped,
  verifyReceipt,
  type Installation,
  type Json,
  type JsonObject,
  type Policy,
  type Ports,
  type Receipt,
  type ReceiptCheck,
  type RunEnding,
  type RunResult,
  type System,
  type Workflow
} from './engine/index.ts'

export { fileReceipts, memoryReceipts } from './adapters/receipts/index.ts'
export { memoryFacts } from './adapters/facts/memory.ts'
export type { CloudState } from './client/cloud.ts'
export * from './engine/index.ts'

// A program that is done should not be kept from ending for long by an installation that does not answer.
const CLOUD = { timeoutMs: 10_000, retries: 1 }

/** What an embedded client is made of. */
export interface EnactOptions {
  readonly systems?: Readonly<Record<string, System>>
  readonly policies: readonly Policy[]
  readonly workflows?: readonly Workflow[]
  /** Actions that may be run alone. */
  readonly actions?: readonly string[]
  /** 32 or more characters; every key derives from it. */
  readonly secret: string
  /** Accepts a short or well-known secret: for tests and demonstrations, since its receipts prove nothing. */
  readonly allowInsecureSecret?: boolean
  /** Where receipts go: `memoryReceipts()` (default) or `fileReceipts(folder)`. */
  readonly receipts?: ReturnType<typeof memoryReceipts>
  readonly team?: string
  readonly facts?: Readonly<Record<string, Json>>
  /** An installation that gets every receipt once it is stored here; `flush()` says how far that came. */
  readonly cloud?: { readonly url: string; readonly apiKey: string; readonly fetch?: typeof fetch }
  /** Replaces single ports: a clock in tests, a folder for sealed originals. */
  readonly ports?: Partial<Ports>
}

/** One request of an embedded program, which vouches for what it says of the user. */
export interface EmbeddedRequest {
  readonly workflow: string
  readonly user_email: string
  readonly payload: JsonObject
  readonly user_attributes?: JsonObject
  readonly session_id?: string
  readonly mode?: 'enforce' | 'shadow' | 'dry_run'
}

/** `result` for the program, `receipt` for the record. */
export interface EmbeddedResult {
  readonly result: {
    readonly success: boolean
    readonly workflow: string
    readonly decision: RunResult['decision']
    readonly outcome: RunResult['outcome']
    readonly output: RunResult['output']
  }
  readonly receipt: Receipt
}

/** The action firewall inside this process. Every `run` ends in a signed receipt, whatever happens. */
export class EnactClient implements Gate {
  readonly receipts: ReturnType<typeof memoryReceipts>
  readonly #installation: Installation
  readonly #ports: Ports
  readonly #team: string
  readonly #cloud: CloudReceipts | null
  readonly #sessions = memoryAgentSessions()

  /** Throws fault `misconfigured` for a weak secret, an empty policy list, or anything that would be disarmed in silence. */
  constructor(options: EnactOptions) {
    const refused = options.allowInsecureSecret === true && options.secret ? null : checkSecret(options.secret)
    if (refused !== null) throw fault('misconfigured', `\`secret\`: ${refused}`)
    const { systems = {}, policies, workflows = [], actions = [] } = options
    for (const [name, system] of Object.entries(systems)) {
      if (name !== system.id)
        throw fault('misconfigured', `system \`${name}\`: connector \`${system.id}\` must be given under its own name`)
    }
    this.#team = options.team ?? 'local'
    this.#cloud = options.cloud === undefined ? null : new CloudReceipts(new EnactEdge({ ...options.cloud, ...CLOUD }))
    this.receipts = options.receipts ?? memoryReceipts()
    this.#installation = install({ connectors: Object.values(systems), policies, workflows, actions }, nodeHash)
    this.#ports = {
      clock: systemClock,
      ids: uuidIds,
      hash: nodeHash,
      keys: webcryptoKeys({ secret: options.secret }),
      facts: memoryFacts(options.facts, process.env),
      timer: nativeTimer,
      parsers: nodeParsers(),
      ledger: this.receipts,
      past: receiptsPast(this.receipts),
      sealed: memorySealed(),
      locks: null,
      approvals: null,
      budgets: memoryBudgets(options.ports?.clock ?? systemClock),
      ...options.ports
    }
  }

  /** Judges and, where every policy allows it, executes. Throws only for a request that is not valid; a BLOCK is a result. */
  async run(request: EmbeddedRequest): Promise<EmbeddedResult> {
    const { user_attributes = {}, session_id = null, ...asked } = request
    const { mode: run_mode = 'enforce', ...checked } = parseInput(RunRequest, asked)
    const admitted = admit(this.#installation, { ...this.#frame(user_attributes, session_id), ...checked, run_mode })
    const judged = await judge(this.#installation, admitted, this.#ports)
    return this.#sent(
      isStopped(judged) ? await stopped(judged, this.#ports) : await execute(this.#installation, judged, this.#ports, memoryJournal())
    )
  }

  /** Takes a whole run back. Asked again after success it returns the first rollback's receipt. */
  async rollback(
    runId: string,
    options: { readonly dry_run?: boolean; readonly user_email?: string; readonly user_attributes?: JsonObject } = {}
  ): Promise<EmbeddedResult> {
    const plan = await planRollback(this.#team, runId, this.#ports)
    if (plan.kind === 'done')
      return shown({
        run_id: plan.receipt.run_id,
        status: 'DONE',
        decision: plan.receipt.decision,
        outcome: plan.receipt.outcome,
        output: {},
        receipt: plan.receipt
      })
    const asked = {
      ...this.#frame(options.user_attributes ?? {}, null),
      user_email: options.user_email ?? plan.original.user_email,
      run_mode: options.dry_run ? ('dry_run' as const) : ('enforce' as const)
    }
    const judged = await judge(this.#installation, admitRollback(plan.original, asked), this.#ports)
    return this.#sent(
      judged.decision === 'BLOCK'
        ? await stopped(judged, this.#ports)
        : await executeRollback(this.#installation, judged, this.#ports, memoryJournal())
    )
  }

  /** Judges an action that the program carries out itself; there are no approvals here, so that what policies ask about is blocked. */
  async decide(request: DecisionWanted & { readonly user_attributes?: JsonObject }): Promise<DecisionAnswer> {
    const { session_id = null, tool_use_id = null, user_attributes = {}, action, input, user_email } = request
    const run_id = this.#ports.ids.runId()
    const { team_id, actor } = this.#frame(user_attributes, session_id)
    const asked = { run_id, team_id, user_email, user_attributes, actor, action, input, tool_use_id }
    const { decision, policy_results, receipt } = await decide(this.#installation, asked, { ...this.#ports, agentSessions: this.#sessions })
    if (receipt !== null) this.#cloud?.push(receipt)
    return { run_id, decision, policy_results }
  }

  /** Puts what became of such an action into its receipt. Throws `not_found`, `receipt_conflict`. */
  async reportOutcome(runId: string, told: OutcomeTold): Promise<void> {
    const latest = await this.receipts.get(this.#team, runId)
    if (latest === null) throw fault('not_found', `there is no decision \`${runId}\``)
    const { success, output = {}, error, rollback_data = null } = told
    await reportOutcome(latest, { success, output, error: error ?? null, rollback_data }, this.#ports)
  }

  /** Checks a receipt against this client's keys. */
  async verify(receipt: unknown): Promise<ReceiptCheck> {
    return verifyReceipt(receipt, await this.#ports.keys.team(this.#team), nodeHash)
  }

  /** Tries to deliver the receipts that `cloud` does not have yet. Never throws; without `cloud` there are none. */
  async flush(): Promise<CloudState> {
    return this.#cloud === null ? { delivered: 0, waiting: 0, dropped: 0, refused: [], problem: null } : this.#cloud.flush()
  }

  /** INVARIANT: what happens on the way to the cloud neither fails a run nor holds it up. */
  #sent(ending: RunEnding): EmbeddedResult {
    const result = shown(ending)
    this.#cloud?.push(result.receipt)
    return result
  }

  #frame(user_attributes: JsonObject, session_id: string | null) {
    return {
      run_id: this.#ports.ids.runId(),
      team_id: this.#team,
      mode: 'embedded' as const,
      user_attributes,
      actor: { api_key_id: null, session_id },
      links: {}
    }
  }
}

function shown(ending: RunEnding): EmbeddedResult {
  // Without approvals no run ever waits for a person: an ask is a deny.
  if (ending.status === 'PENDING') throw fault('internal', 'an embedded run waits for a person')
  const { decision, outcome, output, receipt } = ending
  return {
    result: { success: decision === 'PASS' && outcome === 'SUCCEEDED', workflow: receipt.workflow, decision, outcome, output },
    receipt
  }
}
