// One run in its own object: its journal, and execution that goes on when nobody waits for it any more. The run itself is the engine's.
import { DurableObject } from 'cloudflare:workers'
import {
  execute,
  executeProgram,
  executeRollback,
  isStopped,
  messageOf,
  type Installation,
  type Journal,
  type JournalEntry,
  type JsonObject,
  type Judged,
  type Keyring,
  type Ports,
  type Program,
  type Progress,
  type RunEnding,
  type RunPending,
  type RunResult,
  type RunState,
  type UnfinishedRuns
} from '../src/engine/index.ts'
import { pieces } from './long_text.ts'

/** What a run needs from its installation. */
export interface RunPorts {
  readonly ports: Ports
  /** What a team may use, be it nothing. */
  installation(teamId: string): Installation
  /** Told of every claim and every end, so that a run is found whose alarm was lost. */
  readonly unfinished: Pick<UnfinishedRuns, 'put' | 'remove'>
  /** A run that nobody seems to execute is looked after when this has passed, again and again until it is over. */
  readonly lookAfterMs?: number
  log(entry: JsonObject): void
}

const LOOK_AFTER_MS = 30_000
/** The alarm comes first; the sweep, which asks who is due, only where it did not. */
const SWEEP_AFTER_MS = 2 * LOOK_AFTER_MS

const TABLES = `
  CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY CHECK (id = 1), team_id TEXT NOT NULL, run_id TEXT NOT NULL, request_digest TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS texts (kind TEXT NOT NULL, number INTEGER NOT NULL, part INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (kind, number, part)) WITHOUT ROWID;`

type Kind = 'journal' | 'pending' | 'result' | 'erased'

interface Known {
  readonly team_id: string
  readonly run_id: string
  readonly request_digest: string
}

/** Makes the Durable Object class; `make` is called once in every instance. */
export function runObject<Env>(make: (env: Env) => RunPorts) {
  return class RunObject extends DurableObject<Env> {
    readonly #host: RunPorts
    readonly #sql: SqlStorage
    #going: Promise<RunEnding> | null = null
    #isWoken = false
    #progress: Progress | null = null
    /** Who waits for a run that waits for a person. */
    readonly #watching = new Set<() => void>()
    #reported: Promise<void> = Promise.resolve()

    constructor(state: DurableObjectState, env: Env) {
      super(state, env)
      this.#host = make(env)
      this.#sql = state.storage.sql
    }

    /** Starts the run, or joins it: whoever comes second gets the first one's result. Waits for the end, but not longer than `waitMs`. */
    async start(judged: Judged, requestDigest: string, waitMs: number): Promise<RunState & { first: boolean }> {
      const known = this.#known()
      // INVARIANT: nothing is awaited between the question and the claim, so that of two callers one is first.
      const first = known === null || (this.#going === null && !this.#has('result') && !this.#has('journal') && !this.#has('erased'))
      if (first) {
        this.#claim(judged, requestDigest)
        const armed = this.#arm()
        const { team_id, run_id, links } = judged.admitted
        this.#report(() => this.#host.unfinished.put(team_id, run_id, Date.now() + SWEEP_AFTER_MS, links.rollback_of))
        this.#going = this.#execute(judged)
        // It is logged where it fails; whoever waits sees a run that goes on, and the alarm makes that true.
        this.#going.catch(() => undefined)
        await armed
      }
      const state = await this.#state(waitMs)
      return { ...state!, first }
    }

    /** Where the run stands; null where none was started. Waits as `start` does. */
    async status(waitMs: number): Promise<RunState | null> {
      return this.#state(waitMs)
    }

    /** INVARIANT: never throws, and re-arms before it works. */
    override async alarm(): Promise<void> {
      await this.#goOn()
    }

    /** Somebody has decided: the run goes on at once. Lost or doubled, it changes nothing but the time: the alarm does the same. */
    async wake(): Promise<void> {
      const known = this.#known()
      if (known === null || this.#has('result')) return
      // Decided before the run had even settled down to wait: it must look again as soon as it has.
      if (this.#going !== null) this.#isWoken = true
      else await this.ctx.storage.setAlarm(Date.now())
    }

    /** Looks after a run whose alarm was lost. Null = there is nothing left to do; else when its alarm comes. */
    async poke(): Promise<number | null> {
      if (!this.#isUnfinished()) return null
      const alarmAt = await this.ctx.storage.getAlarm()
      if (alarmAt !== null && alarmAt > Date.now()) return alarmAt
      // None, or one that is late: in the first case nobody comes, in the second this changes nothing.
      const now = Date.now()
      await this.ctx.storage.setAlarm(this.#going === null ? now : now + LOOK_AFTER_MS)
      return now
    }

    /** Nothing is kept of a run whose receipt was erased but that it was: it must not begin anew. What is not over stays. */
    async forget(): Promise<void> {
      if (this.#known() === null || this.#isUnfinished()) return
      this.ctx.storage.transactionSync(() => {
        this.#sql.exec('DELETE FROM texts')
        this.#sql.exec(`UPDATE run SET request_digest = ''`)
        this.#sql.exec(`INSERT INTO texts VALUES ('erased', 0, 0, '')`)
      })
    }

    async #goOn(): Promise<void> {
      const known = this.#known()
      if (known === null || !this.#isUnfinished()) return
      await this.#arm()
      this.#going ??= this.#resume(known)
      await this.#going.catch(() => undefined)
      for (const tell of this.#watching) tell()
    }

    async #resume(known: Known): Promise<RunEnding> {
      const started = (await this.#journal(known).read())[0]
      if (started?.type !== 'started') throw new Error('the run was claimed, but nothing of it was written down')
      return this.#execute(started.run as unknown as Judged)
    }

    async #execute(judged: Judged): Promise<RunEnding> {
      const { team_id, run_id } = judged.admitted
      try {
        const known = this.#known()!
        const ending = await carryOut(this.#host.installation(team_id), judged, this.#host.ports, this.#journal(known))
        if (ending.status === 'PENDING') {
          await this.#write('pending', 0, JSON.stringify(ending), known)
          // Where nobody answers, the run finds that out by itself, right after the deadline.
          await this.ctx.storage.setAlarm(this.#isWoken ? Date.now() : Date.parse(ending.expires_at) + 1)
          this.#isWoken = false
          return ending
        }
        await this.#write('result', 0, JSON.stringify(ending), known)
        this.#sql.exec(`DELETE FROM texts WHERE kind <> 'result'`)
        await this.ctx.storage.deleteAlarm()
        this.#report(() => this.#host.unfinished.remove(team_id, run_id))
        return ending
      } catch (error) {
        this.#host.log({ level: 'error', event: 'run_interrupted', team_id, run_id, error: messageOf(error) })
        throw error
      } finally {
        this.#going = null
      }
    }

    #arm(): Promise<void> {
      return this.ctx.storage.setAlarm(Date.now() + (this.#host.lookAfterMs ?? LOOK_AFTER_MS))
    }

    /** In order, and nothing waits for it: a row that is missing costs the sweep's help, one left over is removed by the sweep. */
    #report(change: () => Promise<void>): void {
      const log = (error: unknown) => this.#host.log({ level: 'error', event: 'unfinished_run_not_reported', error: messageOf(error) })
      this.#reported = this.#reported.then(change).catch(log)
    }

    /** A claim of which nothing was written down had no effect and no answer: whoever asks again begins anew. */
    #isUnfinished(): boolean {
      return this.#known() !== null && !this.#has('result') && (this.#going !== null || this.#has('journal'))
    }

    async #state(waitMs: number): Promise<RunState | null> {
      const known = this.#known()
      if (known === null) return null
      if (waitMs > 0 && !this.#has('result') && !this.#has('erased')) await this.#settled(waitMs)
      const result = this.#has('result') ? (JSON.parse(await this.#read('result', 0, known)) as RunResult) : null
      if (this.#has('erased')) return { request_digest: known.request_digest, result, pending: null, erased: true }
      if (result === null && this.#going === null && !this.#has('journal')) return null
      const waits = result === null && this.#going === null && this.#has('pending')
      const pending = waits ? (JSON.parse(await this.#read('pending', 0, known)) as RunPending) : null
      const progress = result === null && pending === null ? this.#progress : null
      return { request_digest: known.request_digest, result, pending, ...(progress === null ? {} : { progress }) }
    }

    /** Resolves when the run is over or begins to wait for a person; where it does already, when that person has decided. At the latest after `waitMs`. */
    async #settled(waitMs: number): Promise<void> {
      let tell = (): void => undefined
      const told = new Promise<void>((resolve) => (tell = resolve))
      this.#watching.add(tell)
      await endOrTime(this.#going ?? told, waitMs)
      this.#watching.delete(tell)
    }

    /** INVARIANT: everything of a run is at rest sealed: payloads and outputs are here as they were, not redacted. */
    #journal(known: Known): Journal {
      return {
        read: async () => {
          const numbers = this.#sql
            .exec<{ number: number }>(`SELECT DISTINCT number FROM texts WHERE kind = 'journal' ORDER BY number`)
            .toArray()
          return Promise.all(numbers.map(async ({ number }) => JSON.parse(await this.#read('journal', number, known)) as JournalEntry))
        },
        append: async (entry) => {
          await this.#write('journal', null, JSON.stringify(entry), known)
          // What the world is told next must find this on disk. Everything else leaves through the output gate, which waits by itself.
          if (entry.type === 'intent' || entry.type === 'note') await this.ctx.storage.sync()
        },
        progress: (now) => void (this.#progress = now)
      }
    }

    async #write(kind: Kind, at: number | null, text: string, known: Known): Promise<void> {
      const keyring = await this.#keyring(known)
      const sealed = await keyring.seal(this.#host.ports.hash.utf8(text), sealContext(known))
      const number =
        at ?? this.#sql.exec<{ next: number }>('SELECT coalesce(max(number) + 1, 0) AS next FROM texts WHERE kind = ?', kind).one().next
      this.#sql.exec('DELETE FROM texts WHERE kind = ? AND number = ?', kind, number)
      pieces(sealed).forEach((part, i) => this.#sql.exec('INSERT INTO texts VALUES (?, ?, ?, ?)', kind, number, i, part))
    }

    async #read(kind: Kind, number: number, known: Known): Promise<string> {
      const parts = this.#sql
        .exec<{ text: string }>('SELECT text FROM texts WHERE kind = ? AND number = ? ORDER BY part', kind, number)
        .toArray()
      const keyring = await this.#keyring(known)
      return this.#host.ports.hash.text(await keyring.open(parts.map(({ text }) => text).join(''), sealContext(known)))
    }

    #keyring({ team_id }: Known): Promise<Keyring> {
      return this.#host.ports.keys.team(team_id)
    }

    #claim(judged: Judged, requestDigest: string): void {
      const { team_id, run_id } = judged.admitted
      this.#sql.exec(TABLES)
      this.#sql.exec('INSERT OR REPLACE INTO run VALUES (1, ?, ?, ?)', team_id, run_id, requestDigest)
    }

    /** Tables are made with the first claim: asking about a run that never was leaves nothing behind. */
    #known(): Known | null {
      if (this.#sql.exec(`SELECT 1 FROM sqlite_master WHERE name = 'run'`).toArray().length === 0) return null
      return (this.#sql.exec('SELECT * FROM run').toArray()[0] ?? null) as Known | null
    }

    #has(kind: Kind): boolean {
      return this.#sql.exec('SELECT 1 FROM texts WHERE kind = ? LIMIT 1', kind).toArray().length > 0
    }
  }
}

const NOTHING: Program = { resources: () => Promise.resolve([]), run: () => Promise.resolve() }

/** Executes a judged run, or gives one that is stopped its receipt; over the same journal twice it ends in the same receipt. */
function carryOut(installation: Installation, judged: Judged, ports: Ports, journal: Journal): Promise<RunEnding> {
  const isRollback = judged.admitted.workflow.startsWith('rollback:')
  if (isRollback ? judged.decision === 'BLOCK' : isStopped(judged)) return executeProgram(installation, judged, ports, journal, NOTHING)
  return isRollback ? executeRollback(installation, judged, ports, journal) : execute(installation, judged, ports, journal)
}

/** Resolves when the run ends, however it ends, or the time is over. The timer goes with it: a pending one would keep the object in memory. */
async function endOrTime(going: Promise<unknown>, waitMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)))
  await Promise.race([
    going.then(
      () => undefined,
      () => undefined
    ),
    late
  ])
  clearTimeout(timer)
}

function sealContext({ team_id, run_id }: Known): string {
  return `enact/run/${team_id}/${run_id}`
}

/** What others may call. */
export type RunCalls = Pick<InstanceType<ReturnType<typeof runObject>>, 'start' | 'status' | 'wake' | 'poke' | 'forget'>
