// One compliance export in its own object: storage and alarms around the engine's steps. It goes on where it was, whatever stopped it, and deletes itself when its time is over.
import { DurableObject } from 'cloudflare:workers'
import {
  exportProgress,
  failExport,
  messageOf,
  nextAsk,
  openExport,
  stepExport,
  zipEnd,
  zipHeader,
  type Clock,
  type ExportAnswer,
  type ExportAsk,
  type ExportOrder,
  type ExportProgress,
  type ExportState,
  type Hash,
  type JsonObject
} from '../src/engine/index.ts'
import { pieces } from './long_text.ts'

/** What an export needs from its installation. */
export interface ExportPorts {
  readonly clock: Clock
  readonly hash: Hash
  /** Answers what the engine asks, but for digests, whose bytes are here. */
  answer(teamId: string, ask: Exclude<ExportAsk, { about: 'digest' }>): Promise<ExportAnswer>
  /** SHA-256 in hex of bytes that come in pieces. */
  digest(parts: Iterable<Uint8Array>): string
  /** Tells the list how far it is; false = the list does not have it any more. */
  tell(order: ExportOrder, progress: ExportProgress): Promise<boolean>
  /** Takes it off the list. */
  remove(order: ExportOrder): Promise<void>
  log(entry: JsonObject): void
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS state (part INTEGER PRIMARY KEY, text TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS bytes (file TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (file, part));
  CREATE TABLE IF NOT EXISTS tries (id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL);`

/** One alarm works so long before it makes room for others. */
const WORK_MS = 5_000
const RETRY_AFTER_MS = 15_000
const TRIES_MAX = 40
/** A row takes 2 MB. */
const ROW_BYTES_MAX = 1_500_000

/** Makes the Durable Object class; `make` is called once in every instance. */
export function exportObject<Env>(make: (env: Env) => ExportPorts) {
  return class ExportObject extends DurableObject<Env> {
    readonly #ports: ExportPorts
    readonly #sql: SqlStorage
    #working: Promise<void> | null = null

    constructor(state: DurableObjectState, env: Env) {
      super(state, env)
      this.#ports = make(env)
      this.#sql = state.storage.sql
    }

    /** Begins it; once it has begun, makes sure that it goes on. */
    async start(order: ExportOrder): Promise<ExportProgress> {
      if (this.#state() === null) {
        this.#sql.exec(TABLES)
        this.#keep(openExport(order))
        await this.ctx.storage.setAlarm(this.#ports.clock.now())
      } else if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(this.#ports.clock.now())
      return exportProgress(this.#state()!)
    }

    /** How far it is; null where there is none. */
    async progress(): Promise<ExportProgress | null> {
      const state = this.#state()
      return state === null ? null : exportProgress(state)
    }

    /** The file, a piece at a time; null unless it is done. */
    async file(): Promise<ReadableStream<Uint8Array> | null> {
      const state = this.#state()
      if (state?.stage !== 'done') return null
      const parts = this.#zip(state)
      return new ReadableStream({
        type: 'bytes',
        pull: (controller) => {
          const next = parts.next()
          if (next.done === true) controller.close()
          else controller.enqueue(next.value)
          // A stream of bytes that is closed still owes an answer to whoever reads into a buffer of its own.
          if (next.done === true) controller.byobRequest?.respond(0)
        },
        cancel: () => void parts.return(undefined)
      })
    }

    /** Nothing of it is left. */
    async remove(): Promise<void> {
      await this.ctx.storage.deleteAlarm()
      await this.ctx.storage.deleteAll()
    }

    /** INVARIANT: never throws and re-arms before it works, or the platform would forget the alarm after six failures. */
    override async alarm(): Promise<void> {
      await this.ctx.storage.setAlarm(this.#ports.clock.now() + RETRY_AFTER_MS)
      try {
        const state = this.#state()
        if (state === null) return await this.remove()
        if (this.#ports.clock.now() >= state.order.expires_at) return await this.#expire(state.order)
        this.#working ??= this.#work(this.#ports.clock.now() + WORK_MS).finally(() => (this.#working = null))
        await this.#working
      } catch (error) {
        await this.#failed(error).catch(() => undefined)
      }
    }

    async #work(until: number): Promise<void> {
      for (;;) {
        const state = this.#state()
        if (state === null) return
        const ask = nextAsk(state, this.#ports.hash)
        if (ask === null || this.#ports.clock.now() >= until) {
          if (!(await this.#ports.tell(state.order, exportProgress(state)))) return await this.remove()
          await this.ctx.storage.setAlarm(ask === null ? state.order.expires_at : this.#ports.clock.now())
          return
        }
        const answer = await this.#answer(state.order.team_id, ask)
        // Somebody deleted it meanwhile.
        if (this.#state() === null) return
        this.#write(stepExport(state, answer, this.#ports.hash))
      }
    }

    #answer(teamId: string, ask: ExportAsk): Promise<ExportAnswer> {
      if (ask.about !== 'digest') return this.#ports.answer(teamId, ask)
      return Promise.resolve({ about: 'digest', answer: this.#ports.digest(this.#bytesOf(ask.file)) })
    }

    /** INVARIANT: what a step wrote and that it was made are one write: stopped anywhere, no receipt is left out or in it twice. */
    #write({ state, writes }: ReturnType<typeof stepExport>): void {
      this.ctx.storage.transactionSync(() => {
        for (const { file, bytes } of writes) {
          let part = this.#sql
            .exec<{ next: number }>('SELECT coalesce(max(part) + 1, 0) AS next FROM bytes WHERE file = ?', file)
            .one().next
          for (let at = 0; at < bytes.length; at += ROW_BYTES_MAX)
            this.#sql.exec('INSERT INTO bytes VALUES (?, ?, ?)', file, part++, bytes.slice(at, at + ROW_BYTES_MAX).buffer)
        }
        if (state.stage === 'failed') this.#sql.exec('DELETE FROM bytes')
        this.#sql.exec('DELETE FROM tries')
        this.#keep(state)
      })
    }

    *#zip({ files }: ExportState): Generator<Uint8Array, undefined> {
      for (const file of files) {
        yield zipHeader(file, this.#ports.hash)
        yield* this.#bytesOf(file.name)
      }
      yield zipEnd(files, this.#ports.hash)
      return undefined
    }

    *#bytesOf(file: string): Generator<Uint8Array> {
      for (let part = 0; ; part++) {
        const [row] = this.#sql.exec<{ bytes: ArrayBuffer }>('SELECT bytes FROM bytes WHERE file = ? AND part = ?', file, part).toArray()
        if (row === undefined) return
        yield new Uint8Array(row.bytes)
      }
    }

    async #expire(order: ExportOrder): Promise<void> {
      await this.#ports.remove(order)
      await this.remove()
    }

    /** What fails again and again ends as failed, so that somebody hears of it. */
    async #failed(error: unknown): Promise<void> {
      const state = this.#state()
      const { team_id = null, export_id = null } = state?.order ?? {}
      this.#ports.log({ level: 'error', event: 'export_step_failed', team_id, export_id, error: messageOf(error) })
      if (state === null || state.stage === 'done' || state.stage === 'failed') return
      this.#sql.exec('INSERT INTO tries VALUES (1, 1) ON CONFLICT DO UPDATE SET count = count + 1')
      const { count } = this.#sql.exec<{ count: number }>('SELECT count FROM tries').one()
      if (count >= TRIES_MAX) this.#write({ state: failExport(state, 'it could not be finished; the log says why'), writes: [] })
    }

    #state(): ExportState | null {
      if (this.#sql.exec(`SELECT 1 FROM sqlite_master WHERE name = 'state'`).toArray().length === 0) return null
      const parts = this.#sql.exec<{ text: string }>('SELECT text FROM state ORDER BY part').toArray()
      return parts.length === 0 ? null : (JSON.parse(parts.map(({ text }) => text).join('')) as ExportState)
    }

    #keep(state: ExportState): void {
      this.#sql.exec('DELETE FROM state')
      pieces(JSON.stringify(state)).forEach((text, part) => this.#sql.exec('INSERT INTO state VALUES (?, ?)', part, text))
    }
  }
}

/** What others may call. */
export type ExportCalls = Pick<InstanceType<ReturnType<typeof exportObject>>, 'start' | 'progress' | 'file' | 'remove'>
