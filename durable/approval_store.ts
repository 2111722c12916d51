// An approval's memory: its state, the work that is still to be done, the messages that can still be changed. Everything at rest is sealed.
import type { ApprovalState, ApprovalWork, Hash, Keyring, Keys, SentMessage } from '../src/engine/index.ts'
import { pieces } from './long_text.ts'

const TABLES = `
  CREATE TABLE IF NOT EXISTS approval (id INTEGER PRIMARY KEY CHECK (id = 1), team_id TEXT NOT NULL, hitl_id TEXT NOT NULL, asked TEXT NOT NULL, origin TEXT NOT NULL, next INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS work (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS texts (kind TEXT NOT NULL, number INTEGER NOT NULL, part INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (kind, number, part)) WITHOUT ROWID;`

type Kind = 'state' | 'work' | 'sent'

/** What an approval is known by; `asked` is the digest of what was asked for under this id. */
export interface KnownApproval {
  readonly team_id: string
  readonly hitl_id: string
  readonly asked: string
  readonly origin: string
}

/** Work that is due. */
export interface DueWork {
  readonly number: number
  readonly attempts: number
  readonly work: ApprovalWork
}

/** The store of one approval's object. */
export type ApprovalStore = ReturnType<typeof approvalStore>

/** INVARIANT: state and the work that it makes are written together or not at all, and neither is readable without the team's key. */
export function approvalStore(storage: DurableObjectStorage, keys: Keys, hash: Hash) {
  const { sql } = storage
  const context = ({ team_id, hitl_id }: KnownApproval, kind: Kind) => `enact/approval/${team_id}/${hitl_id}/${kind}`
  const keyring = (known: KnownApproval): Promise<Keyring> => keys.team(known.team_id)
  const seal = async (known: KnownApproval, kind: Kind, value: unknown) =>
    (await keyring(known)).seal(hash.utf8(JSON.stringify(value)), context(known, kind))
  const put = (kind: Kind, number: number, sealed: string) => {
    sql.exec('DELETE FROM texts WHERE kind = ? AND number = ?', kind, number)
    pieces(sealed).forEach((part, i) => sql.exec('INSERT INTO texts VALUES (?, ?, ?, ?)', kind, number, i, part))
  }
  const read = async <T>(known: KnownApproval, kind: Kind, number: number): Promise<T> => {
    const parts = sql.exec<{ text: string }>('SELECT text FROM texts WHERE kind = ? AND number = ? ORDER BY part', kind, number).toArray()
    const opened = await (await keyring(known)).open(parts.map(({ text }) => text).join(''), context(known, kind))
    return JSON.parse(hash.text(opened)) as T
  }
  return {
    /** Null where nothing was asked: looking leaves nothing behind. */
    known(): KnownApproval | null {
      if (sql.exec(`SELECT 1 FROM sqlite_master WHERE name = 'approval'`).toArray().length === 0) return null
      return (sql.exec('SELECT team_id, hitl_id, asked, origin FROM approval').toArray()[0] ?? null) as KnownApproval | null
    },
    state: (known: KnownApproval): Promise<ApprovalState> => read(known, 'state', 0),
    async write(known: KnownApproval, state: ApprovalState, works: readonly ApprovalWork[], now: number): Promise<void> {
      const sealedState = await seal(known, 'state', state)
      const sealedWorks = await Promise.all(works.map((work) => seal(known, 'work', work)))
      storage.transactionSync(() => {
        sql.exec(TABLES)
        const { team_id, hitl_id, asked, origin } = known
        sql.exec('INSERT INTO approval VALUES (1, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING', team_id, hitl_id, asked, origin)
        put('state', 0, sealedState)
        const { next } = sql.exec<{ next: number }>('SELECT next FROM approval').one()
        sealedWorks.forEach((sealed, i) => {
          sql.exec('INSERT INTO work VALUES (?, ?, 0, ?)', next + i, works[i]!.kind, now)
          put('work', next + i, sealed)
        })
        // INVARIANT: numbers only grow: a provider that has seen one takes the next for a repetition of nothing.
        sql.exec('UPDATE approval SET next = ?', next + sealedWorks.length)
      })
    },
    async due(known: KnownApproval, now: number): Promise<DueWork[]> {
      const rows = sql.exec<{ number: number; attempts: number }>(
        'SELECT number, attempts FROM work WHERE due_at <= ? ORDER BY number',
        now
      )
      return Promise.all(rows.toArray().map(async (row) => ({ ...row, work: await read<ApprovalWork>(known, 'work', row.number) })))
    },
    /** When work is due next; null without any. */
    nextDue(): number | null {
      return sql.exec<{ at: number | null }>('SELECT min(due_at) AS at FROM work').one().at
    },
    async done(known: KnownApproval, number: number, sent: SentMessage | undefined): Promise<void> {
      const sealed = sent === undefined ? null : await seal(known, 'sent', sent)
      storage.transactionSync(() => {
        sql.exec('DELETE FROM work WHERE number = ?', number)
        sql.exec(`DELETE FROM texts WHERE kind = 'work' AND number = ?`, number)
        if (sealed !== null) put('sent', number, sealed)
      })
    },
    later(number: number, dueAt: number): void {
      sql.exec('UPDATE work SET attempts = attempts + 1, due_at = ? WHERE number = ?', dueAt, number)
    },
    /** Messages that were sent by work before this. */
    async sentBefore(known: KnownApproval, number: number): Promise<{ number: number; message: SentMessage }[]> {
      const rows = sql.exec<{ number: number }>(
        `SELECT DISTINCT number FROM texts WHERE kind = 'sent' AND number < ? ORDER BY number`,
        number
      )
      return Promise.all(
        rows.toArray().map(async (row) => ({ number: row.number, message: await read<SentMessage>(known, 'sent', row.number) }))
      )
    },
    forget(number: number): void {
      sql.exec(`DELETE FROM texts WHERE kind = 'sent' AND number = ?`, number)
    }
  }
}
