// The client for agents: asks an installation for runs, approvals and locks over HTTP. Runs wherever there is `fetch`: Node, Workers, browsers.
import type { JsonObject, listedBudget, LockView, Progress, Receipt, RunRequest, RunResult, viewApproval } from './engine/index.ts'
import { EnactError } from './client/errors.ts'
import type { DecisionAnswer, DecisionWanted, Gate, OutcomeTold } from './client/decisions.ts'
import { LockCalls } from './client/locks.ts'
import { pages } from './client/pages.ts'
import { patience, poll } from './client/polling.ts'
import { ReceiptCalls } from './client/receipts.ts'
import { hostTime, type Time } from './client/time.ts'
import { freshKey, transport, type CallOptions, type Fetch, type Transport } from './client/transport.ts'

export { EnactError, type ClientCode } from './client/errors.ts'
export type { DecisionAnswer, DecisionWanted, Gate, OutcomeTold } from './client/decisions.ts'
export type { Holding, ListedLock, LockWanted } from './client/locks.ts'
export type { ReceiptsWanted } from './client/receipts.ts'
export type { Time } from './client/time.ts'
export type { CallOptions, Fetch } from './client/transport.ts'
export type { JsonObject, LockView, Progress, Receipt, RunRequest }

export interface EnactEdgeOptions {
  /** Where the installation is, for example `https://enact.example.workers.dev`. */
  readonly url: string
  readonly apiKey: string
  /** Instead of the platform's own. */
  readonly fetch?: Fetch
  /** Of one attempt, beyond what the installation was asked to wait; 35 s unless told. */
  readonly timeoutMs?: number
  /** How often a request is tried again that may be; 3 unless told. */
  readonly retries?: number
  /** A clock for tests. */
  readonly time?: Time
}

/** A request that changes something. Under the same key it is made once, however often it is sent; without one it gets a fresh key. */
export interface MutatingOptions extends CallOptions {
  readonly idempotencyKey?: string
}

/** `waitMs`: how long to wait for a run that goes on or waits for a person; 0 = take the first answer. `Infinity` = until it is over. */
export interface RunOptions extends MutatingOptions {
  readonly waitMs?: number
}

/** A run that is over. `output` is missing where the run was waited for: its receipt says what was done. */
export type RunDone = Omit<RunResult, 'output'> & { readonly output?: RunResult['output'] }
export interface RunGoingOn {
  readonly run_id: string
  readonly status: 'RUNNING' | 'PENDING'
  /** Set while a person is asked. */
  readonly hitl_id?: string
  readonly expires_at?: string
  /** How far it has come, where its workflow tells. */
  readonly progress?: Progress
}
export type RunAnswer = RunDone | RunGoingOn

export interface ApprovalWanted {
  readonly workflow: string
  readonly payload: JsonObject
  readonly notify_email: string
  readonly expires_in_seconds?: number
  readonly callback_url?: string
}
export interface ApprovalAsked {
  readonly hitl_id: string
  readonly status: 'PENDING'
  readonly expires_at: string
}
export type ListedBudget = ReturnType<typeof listedBudget>
export type ApprovalAnswer = ReturnType<typeof viewApproval>
export type ApprovalDecision = ApprovalAnswer & { readonly status: 'APPROVED' | 'DENIED' | 'EXPIRED' }

const TIMEOUT_MS = 35_000
const RETRIES = 3

/** An installation, as an agent sees it. Whatever goes wrong is an `EnactError`; a BLOCK is an answer. */
export class EnactEdge implements Gate {
  readonly locks: LockCalls
  readonly receipts: ReceiptCalls
  readonly #send: Transport
  readonly #time: Time
  readonly #timeoutMs: number

  /** Throws `TypeError` for an address or a key with which no request could be made. */
  constructor({ url, apiKey, fetch, timeoutMs = TIMEOUT_MS, retries = RETRIES, time = hostTime }: EnactEdgeOptions) {
    // Called as a method of something else, the platform's own fetch refuses in workerd and in browsers.
    this.#send = transport({ url, apiKey, fetch: fetch ?? ((input, init) => globalThis.fetch(input, init)), timeoutMs, retries, time })
    this.#time = time
    this.#timeoutMs = timeoutMs
    this.locks = new LockCalls(this.#send, time, timeoutMs)
    this.receipts = new ReceiptCalls(this.#send, time)
  }

  /** Asks for a run. PASS or BLOCK stands in the answer. */
  async run(request: RunRequest, options: RunOptions = {}): Promise<RunAnswer> {
    return this.#start('/runs', request, options)
  }

  /** Where a run stands; with `waitSeconds` (at most 55) the answer comes as soon as it is over. */
  async getRun(runId: string, { waitSeconds = 0, ...options }: CallOptions & { readonly waitSeconds?: number } = {}): Promise<RunAnswer> {
    return (await this.#read(`/runs/${encodeURIComponent(runId)}`, waitSeconds, options)) as RunAnswer
  }

  /** Takes a run back; with `dry_run` it says what that would do. Throws code `nothing_to_undo` where no call had an effect. */
  async rollback(runId: string, { dry_run, ...options }: RunOptions & { readonly dry_run?: boolean } = {}): Promise<RunAnswer> {
    return this.#start(`/runs/${encodeURIComponent(runId)}/rollback`, dry_run === undefined ? {} : { dry_run }, options)
  }

  /**
   * Asks whether an action may be done, which the caller then does itself. With `waitMs` a `HOLD` waits for the people who are asked and
   * then asks once more; what is still held after that is held.
   */
  async decide(request: DecisionWanted, { waitMs = 0, idempotencyKey = freshKey(), ...options }: RunOptions = {}): Promise<DecisionAnswer> {
    const ask = async () =>
      (await this.#send({ method: 'POST', path: '/decisions', body: request, idempotencyKey, ...options })).body as DecisionAnswer
    const first = await ask()
    if (first.decision !== 'HOLD' || first.hitl_id === undefined || waitMs <= 0) return first
    const answer = await this.waitForDecision(first.hitl_id, { ...options, waitMs }).catch((error: unknown) => {
      if (error instanceof EnactError && error.code === 'wait_timeout') return null
      throw error
    })
    return answer === null ? first : ask()
  }

  /** Says what became of an action that was decided on. Telling the same twice is telling it once. Throws code `receipt_conflict`. */
  async reportOutcome(runId: string, outcome: OutcomeTold, options: CallOptions = {}): Promise<void> {
    const path = `/decisions/${encodeURIComponent(runId)}/outcome`
    await this.#send({ method: 'POST', path, body: outcome, idempotencyKey: runId, ...options })
  }

  /** Asks a registered approver about exactly this workflow and payload. Throws code `approver_unknown` for anybody else. */
  async requestApproval(wanted: ApprovalWanted, { idempotencyKey = freshKey(), ...options }: MutatingOptions = {}): Promise<ApprovalAsked> {
    const asked = { method: 'POST', path: '/hitl/request', body: wanted, idempotencyKey, ...options } as const
    return (await this.#send(asked)).body as ApprovalAsked
  }

  /** Where an approval stands. */
  async getApproval(
    hitlId: string,
    { waitSeconds = 0, ...options }: CallOptions & { readonly waitSeconds?: number } = {}
  ): Promise<ApprovalAnswer> {
    return (await this.#read(`/hitl/${encodeURIComponent(hitlId)}`, waitSeconds, options)) as ApprovalAnswer
  }

  /** Waits until a person has decided or the time for it is over. Throws code `wait_timeout` after `waitMs`: it can be waited for again. */
  async waitForDecision(
    hitlId: string,
    { waitMs = Infinity, ...options }: CallOptions & { readonly waitMs?: number } = {}
  ): Promise<ApprovalDecision> {
    const answer = await poll({
      ask: (waitSeconds) => this.getApproval(hitlId, { ...options, waitSeconds }),
      isFinal: ({ status }) => status !== 'PENDING',
      waitMs,
      time: this.#time,
      signal: options.signal
    })
    if (answer.status === 'PENDING') throw new EnactError('wait_timeout', `nobody has decided within ${waitMs} ms`, { retryable: true })
    return answer as ApprovalDecision
  }

  /** Asks for an approval, waits for it, and runs exactly what was approved. `run` is null where it was denied or nobody answered in time. */
  async runWithHitl(
    request: ApprovalWanted & Pick<RunRequest, 'user_email' | 'mode'>,
    { idempotencyKey = freshKey(), waitMs = Infinity, ...options }: RunOptions = {}
  ): Promise<{ readonly approval: ApprovalDecision; readonly run: RunAnswer | null }> {
    const { user_email, mode, ...wanted } = request
    const { workflow, payload, callback_url } = wanted
    const { hitl_id } = await this.requestApproval(wanted, { ...options, idempotencyKey: `${idempotencyKey}.approval` })
    const approval = await this.waitForDecision(hitl_id, { ...options, waitMs })
    if (approval.status !== 'APPROVED') return { approval, run: null }
    const asked = {
      workflow,
      user_email,
      payload,
      hitl_id,
      ...(mode === undefined ? {} : { mode }),
      ...(callback_url === undefined ? {} : { callback_url })
    }
    return { approval, run: await this.run(asked, { ...options, idempotencyKey: `${idempotencyKey}.run`, waitMs }) }
  }

  /** Hands a receipt of an embedded client to the installation; true when it was there already. Throws code `receipt_conflict`. */
  async pushReceipt(receipt: Receipt, options: CallOptions = {}): Promise<boolean> {
    const { run_id, workflow, decision } = receipt
    // The same again is no second receipt, so this may be repeated under any key.
    const asked = {
      method: 'POST',
      path: '/receipts',
      body: { run_id, workflow, decision, receipt },
      idempotencyKey: run_id,
      ...options
    } as const
    return ((await this.#send(asked)).body as { already_stored: boolean }).already_stored
  }

  /** What is used of the team's budgets now, by whom it is counted. */
  budgets(options: CallOptions = {}): AsyncGenerator<ListedBudget, void, void> {
    return pages<ListedBudget>(this.#send, '/budgets', {}, options)
  }

  async #start(path: string, body: unknown, { waitMs = 0, idempotencyKey = freshKey(), ...options }: RunOptions): Promise<RunAnswer> {
    const until = this.#time.now() + waitMs
    const first = (await this.#send({ method: 'POST', path, body, idempotencyKey, ...options })).body as RunAnswer
    const leftMs = until - this.#time.now()
    if (first.status === 'DONE' || leftMs <= 0) return first
    return poll<RunAnswer>({
      ask: (waitSeconds) => this.getRun(first.run_id, { ...options, waitSeconds }),
      isFinal: ({ status }) => status === 'DONE',
      waitMs: leftMs,
      time: this.#time,
      signal: options.signal
    })
  }

  async #read(path: string, waitSeconds: number, options: CallOptions): Promise<unknown> {
    const timeoutMs = options.timeoutMs ?? patience(waitSeconds, this.#timeoutMs)
    const query = waitSeconds > 0 ? { wait: waitSeconds } : {}
    return (await this.#send({ method: 'GET', path, query, ...options, timeoutMs })).body
  }
}
