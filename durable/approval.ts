// One approval in its own object: its state, the work that decisions make, and whoever waits for the end. The machine itself is the engine's.
import { DurableObject } from 'cloudflare:workers'
import {
  approvalAt,
  examineToken,
  Fault,
  messageOf,
  nextApprovalAlarm,
  openApproval,
  openingWorks,
  SEED_BYTES,
  sightOf,
  stepApproval,
  worksOf,
  type ApprovalAnswer,
  type ApprovalConsumed,
  type ApprovalEvent,
  type ApprovalOpening,
  type ApprovalSight,
  type ApprovalState,
  type ApprovalWork,
  type DecidingEvent,
  type JsonObject,
  type Ports,
  type SentMessage,
  type TokenSight,
  type Unseeded,
  type WorkDone
} from '../src/engine/index.ts'
import { consumedOf, openedOf, type ApprovalOpened } from './approval_answer.ts'
import { approvalStore, type ApprovalStore, type DueWork, type KnownApproval } from './approval_store.ts'

/** What an approval needs from its installation. */
export interface ApprovalHost {
  readonly ports: Pick<Ports, 'clock' | 'ids' | 'hash' | 'keys'>
  /**
   * Does one piece of work. `id` is the same on every attempt; `sent` are the messages that came before it.
   * Rejects where it should be tried again.
   */
  work(state: ApprovalState, work: ApprovalWork, id: string, origin: string, sent: readonly SentMessage[]): Promise<WorkDone>
  log(entry: JsonObject): void
}

/** Work that seems to be under way is looked after when this has passed. */
const LOOK_AFTER_MS = 30_000
/** Who decides waits so long for mail and receipts at most; they go on without. */
const WAIT_FOR_WORK_MS = 5_000
const RETRY_MS_MAX = 600_000
/** A message that nobody takes is given up; receipts never are. */
const NOTICE_ATTEMPTS_MAX = 15

/** Makes the Durable Object class; `make` is called once in every instance. */
export function approvalObject<Env>(make: (env: Env) => ApprovalHost) {
  return class ApprovalObject extends DurableObject<Env> {
    readonly #host: ApprovalHost
    readonly #store: ApprovalStore
    #turn: Promise<unknown> = Promise.resolve()
    #working: Promise<void> | null = null
    #ended = Promise.withResolvers<void>()

    constructor(state: DurableObjectState, env: Env) {
      super(state, env)
      this.#host = make(env)
      this.#store = approvalStore(state.storage, this.#host.ports.keys, this.#host.ports.hash)
    }

    /** Asks; for the same id again it says what was asked first. */
    async open(opening: ApprovalOpening, asked: string, origin: string): Promise<ApprovalOpened> {
      const opened = await this.#inTurn(async (): Promise<ApprovalOpened> => {
        const before = this.#store.known()
        if (before !== null) return openedOf(before, await this.#store.state(before))
        const { team_id, hitl_id } = opening.request
        const known = { team_id, hitl_id, asked, origin }
        const { ids, hash } = this.#host.ports
        try {
          const { state, effects } = openApproval(opening, ids.random(SEED_BYTES), hash)
          await this.#write(known, state, openingWorks(effects))
          return openedOf(known, state)
        } catch (error) {
          if (error instanceof Fault) return { ok: false, code: error.code, detail: error.detail }
          throw error
        }
      })
      await this.#workOn()
      return opened
    }

    /** One decision; null where nothing was asked. */
    async decide(event: DecidingEvent): Promise<ApprovalAnswer | null> {
      const answer = await this.#step(event)
      await this.#workOn()
      return answer
    }

    /** Uses it up for this run; null where nothing was asked. */
    async consume(run_id: string, request_digest: string): Promise<ApprovalConsumed | null> {
      const known = this.#store.known()
      const answer = await this.#step({ type: 'consume', run_id, request_digest })
      if (known === null || answer === null) return null
      await this.#workOn()
      return consumedOf(answer, await this.#store.state(known))
    }

    /** Its receipt was erased: nothing of it is kept. */
    async forget(): Promise<void> {
      await this.#inTurn(async () => {
        await this.ctx.storage.deleteAlarm()
        await this.ctx.storage.deleteAll()
      })
    }

    /** What may be shown; waits for the end, but not longer than `waitMs`. */
    async look(waitMs: number): Promise<ApprovalSight | null> {
      const known = this.#store.known()
      if (known === null) return null
      const before = await this.#store.state(known)
      const left = before.request.expiresAtMs - this.#now()
      if (before.status === 'PENDING' && waitMs > 0 && left > 0) await endOrTime(this.#ended.promise, Math.min(waitMs, left + 1))
      return sightOf(await this.#settled(known))
    }

    /** Whose a token is, and what it is about. */
    async examine(token: string): Promise<TokenSight | null> {
      const known = this.#store.known()
      if (known === null) return null
      const state = await this.#settled(known)
      return { found: examineToken(state, token, this.#now(), this.#host.ports.hash), sight: sightOf(state) }
    }

    /** The run that used it up; null where none has. */
    async consumedBy(): Promise<string | null> {
      const known = this.#store.known()
      return known === null ? null : ((await this.#store.state(known)).consumed?.run_id ?? null)
    }

    /** The payload that an approved edit made. */
    async editedPayload(): Promise<JsonObject | null> {
      const known = this.#store.known()
      const state = known === null ? null : await this.#store.state(known)
      return state !== null && state.status === 'APPROVED' && sightOf(state).is_edited ? state.subject.payload : null
    }

    /** INVARIANT: never throws, and re-arms before it works. */
    override async alarm(): Promise<void> {
      try {
        if (this.#store.known() === null) return
        await this.ctx.storage.setAlarm(this.#now() + LOOK_AFTER_MS)
        await this.#step({ type: 'alarm' })
        await this.#work()
      } catch (error) {
        this.#host.log({ level: 'error', event: 'approval_alarm_failed', error: messageOf(error) })
      }
    }

    /** The state as it is now. Who looks at one whose time is over sees to its receipt, though no alarm has come. */
    async #settled(known: KnownApproval): Promise<ApprovalState> {
      const state = await this.#store.state(known)
      const now = this.#now()
      if (state.status !== 'PENDING' || now < state.request.expiresAtMs) {
        // Who only looks does not wait for work that got stuck, but sets it going.
        const due = this.#store.nextDue()
        if (due !== null && due <= now) this.#work().catch(() => undefined)
        return approvalAt(state, now)
      }
      await this.#step({ type: 'alarm' })
      await this.#workOn()
      return this.#store.state(known)
    }

    #step(event: Unseeded<ApprovalEvent>): Promise<ApprovalAnswer | null> {
      return this.#inTurn(async () => {
        const known = this.#store.known()
        if (known === null) return null
        const { ids, hash } = this.#host.ports
        const before = await this.#store.state(known)
        const step = stepApproval(before, { ...event, seed: ids.random(SEED_BYTES) } as ApprovalEvent, this.#now(), hash)
        const works = worksOf(step.effects, before.request.run_id)
        if (step.state !== before || works.length > 0) await this.#write(known, step.state, works)
        return step.answer
      })
    }

    async #write(known: KnownApproval, state: ApprovalState, works: readonly ApprovalWork[]): Promise<void> {
      // Armed first: if this is the last thing that this object does, somebody looks after the work.
      if (works.length > 0) await this.ctx.storage.setAlarm(this.#now() + LOOK_AFTER_MS)
      await this.#store.write(known, state, works, this.#now())
      if (works.length === 0 && this.#working === null) await this.#arm(state)
      if (state.status !== 'PENDING') this.#ended.resolve()
    }

    /** INVARIANT: one step at a time. Reading, deciding and writing are three awaits, and two votes must not meet between them. */
    #inTurn<T>(step: () => Promise<T>): Promise<T> {
      const mine = this.#turn.then(step, step)
      this.#turn = mine.catch(() => undefined)
      return mine
    }

    /** Does what is due, and lets nobody wait too long for it. */
    async #workOn(): Promise<void> {
      // Twice: work that was written while a round was ending is not in that round.
      for (let round = 0; round < 2; round++) {
        const next = this.#store.known() === null ? null : this.#store.nextDue()
        if (next === null || next > this.#now()) return
        await endOrTime(this.#work(), WAIT_FOR_WORK_MS)
      }
    }

    #work(): Promise<void> {
      this.#working ??= this.#workAll().finally(() => (this.#working = null))
      return this.#working
    }

    async #workAll(): Promise<void> {
      const known = this.#store.known()!
      for (;;) {
        const due = await this.#store.due(known, this.#now())
        if (due.length === 0) break
        // Messages are changed after those that are being sent: else the last one would keep its buttons.
        const isChange = ({ work }: DueWork) => work.kind === 'close' || work.kind === 'withdraw'
        await Promise.all(due.filter((one) => !isChange(one)).map((one) => this.#do(known, one)))
        for (const one of due.filter(isChange)) await this.#do(known, one)
      }
      await this.#arm(await this.#store.state(known))
    }

    async #do(known: KnownApproval, { number, attempts, work }: DueWork): Promise<void> {
      try {
        const state = await this.#store.state(known)
        const sent = work.kind === 'close' || work.kind === 'withdraw' ? await this.#store.sentBefore(known, number) : []
        const id = `${known.hitl_id}:${number}`
        const done = await this.#host.work(
          state,
          work,
          id,
          known.origin,
          sent.map(({ message }) => message)
        )
        for (const one of sent)
          if (work.kind !== 'withdraw' || work.person_ids.includes(one.message.person_id)) this.#store.forget(one.number)
        if (done.judged !== undefined) await this.#step({ type: 'judged', ...done.judged })
        await this.#store.done(known, number, done.sent)
      } catch (error) {
        const { team_id, hitl_id } = known
        this.#host.log({
          level: 'error',
          event: 'approval_work_failed',
          team_id,
          hitl_id,
          work: work.kind,
          attempts,
          error: messageOf(error)
        })
        if (work.kind === 'notify' && attempts + 1 >= NOTICE_ATTEMPTS_MAX) await this.#store.done(known, number, undefined)
        else this.#store.later(number, this.#now() + Math.min(RETRY_MS_MAX, 1_000 * 2 ** attempts))
      }
    }

    async #arm(state: ApprovalState): Promise<void> {
      const times = [nextApprovalAlarm(state), this.#store.nextDue()].filter((at) => at !== null)
      if (times.length === 0) await this.ctx.storage.deleteAlarm()
      else await this.ctx.storage.setAlarm(Math.max(Math.min(...times), this.#now() + 1))
    }

    #now(): number {
      return this.#host.ports.clock.now()
    }
  }
}

/** The timer goes with the wait: a pending one would keep the object in memory. */
async function endOrTime(end: Promise<unknown>, waitMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)))
  await Promise.race([
    end.then(
      () => undefined,
      () => undefined
    ),
    late
  ])
  clearTimeout(timer)
}

/** What others may call. */
export type ApprovalCalls = Pick<
  InstanceType<ReturnType<typeof approvalObject>>,
  'open' | 'decide' | 'consume' | 'consumedBy' | 'look' | 'examine' | 'editedPayload' | 'forget'
>
