// What a team's agents do, in rolling windows: rows around the engine's profiles. It decides nothing, so a lost write here is no hole; what stops an agent is elsewhere.
import { createDurable } from 'itty-durable/itty-durable.js'
import {
  observeActivity,
  usualOf,
  type ActivityBook,
  type AnomalyFinding,
  type AnomalyRules,
  type Clock,
  type Hash,
  type KnownActivity,
  type Observation,
  type Profile,
  type ProfileKey
} from '../src/engine/index.ts'

/** What a team's activity needs from its installation. */
export interface ActivityPorts {
  readonly clock: Clock
  readonly hash: Hash
  rules(teamId: string): AnomalyRules
}

/** Acts of one receipt, as they travel: `[action, second, count, blocked]`. */
export interface ToldActs extends Pick<Observation, 'agent' | 'key' | 'run_id' | 'seq'> {
  readonly acts: readonly (readonly [action: string, at: number, count: number, blocked: number])[]
}

/** Receipts with places from `from` to `to` that count as something. */
export interface Telling {
  readonly team_id: string
  readonly from: number
  readonly to: number
  readonly told: readonly ToldActs[]
}

/** What others may call, through itty's proxy. Texts are JSON in ASCII: the proxy sends arguments in a header. */
export interface ActivityCalls {
  /** Idempotent: told again, it answers the same findings and counts nothing. */
  observe(telling: string): Promise<AnomalyFinding[]>
  profile(question: string): Promise<KnownActivity[]>
}

const FINDINGS_KEPT = 500
const DAY_SECONDS = 86_400
/** What was not seen for so long is forgotten: history reaches no further back. */
const KEPT_SECONDS = 57 * DAY_SECONDS
const SHOWN_MAX = 200

const TABLES = `
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS profiles (agent TEXT NOT NULL, action TEXT NOT NULL, crowd TEXT NOT NULL, firm INTEGER NOT NULL,
    seen INTEGER NOT NULL, profile TEXT NOT NULL, UNIQUE (agent, action));
  CREATE INDEX IF NOT EXISTS profiles_crowd ON profiles (crowd, firm, seen);
  CREATE INDEX IF NOT EXISTS profiles_seen ON profiles (seen);
  CREATE TABLE IF NOT EXISTS findings (seq INTEGER NOT NULL, id TEXT NOT NULL, finding TEXT NOT NULL, PRIMARY KEY (seq, id)) WITHOUT ROWID;`

/** The slice of itty's class in use, which has no types of its own. */
type IttyClass = new (
  state: DurableObjectState,
  env: unknown
) => { readonly state: DurableObjectState; fetch(request: Request): Promise<Response> }

/** Makes the Durable Object class; `make` is called once in every instance. */
export function activityObject<Env>(make: (env: Env) => ActivityPorts) {
  // Nothing is a property of the object: itty would take it for state, and a cold alarm would miss it.
  return class ActivityObject extends (createDurable({ autoPersist: false, autoReturn: false }) as unknown as IttyClass) {
    readonly #ports: ActivityPorts

    constructor(state: DurableObjectState, env: Env) {
      super(state, env)
      this.#ports = make(env)
      state.storage.sql.exec(TABLES)
    }

    async observe(text: string): Promise<AnomalyFinding[]> {
      const { team_id, from, to, told } = JSON.parse(text) as Telling
      const { hash, rules } = this.#ports
      const { storage } = this.state
      const observations = told.flatMap(({ acts, ...who }) =>
        acts.map(([action, at, count, blocked]) => ({ ...who, action, at, count, blocked }))
      )
      const findings = storage.transactionSync(() => {
        const book = sqlBook(storage.sql)
        const found = observeActivity(book, observations, rules(team_id), hash)
        book.flush()
        keepFindings(storage.sql, found, new Map(told.map(({ run_id, seq }) => [run_id, seq])))
        this.#forgetOld(Math.max(0, ...observations.map(({ at }) => at)))
        return storage.sql
          .exec<{ finding: string }>('SELECT finding FROM findings WHERE seq >= ? AND seq <= ? ORDER BY seq, id', from, to)
          .toArray()
          .map(({ finding }) => JSON.parse(finding) as AnomalyFinding)
      })
      await this.#keepAwhile()
      return findings
    }

    async profile(text: string): Promise<KnownActivity[]> {
      const { team_id, agent } = JSON.parse(text) as { team_id: string; agent: string | null }
      const { clock, rules } = this.#ports
      return this.state.storage.sql
        .exec<{ agent: string; action: string; profile: string }>(
          'SELECT agent, action, profile FROM profiles WHERE ? IS NULL OR agent = ? ORDER BY seen DESC, action LIMIT ?',
          agent,
          agent,
          SHOWN_MAX
        )
        .toArray()
        .map((row) => ({ ...row, ...usualOf(JSON.parse(row.profile) as Profile, Math.floor(clock.now() / 1000), rules(team_id)) }))
        .map(({ profile: _profile, ...known }) => known)
    }

    /** Of a team of which nothing was heard for longer than history reaches, nothing is kept. */
    async alarm(): Promise<void> {
      await this.state.storage.deleteAll()
      this.state.storage.sql.exec(TABLES)
    }

    /** Once a day, by the receipts' time; a receipt from the future forgets nothing. */
    #forgetOld(newest: number): void {
      const { sql } = this.state.storage
      const now = Math.min(newest, Math.floor(this.#ports.clock.now() / 1000))
      const day = Math.floor(now / DAY_SECONDS)
      if (day <= numberOf(sql, 'swept')) return
      keepNumber(sql, 'swept', day)
      sql.exec('DELETE FROM profiles WHERE seen < ?', now - KEPT_SECONDS)
    }

    async #keepAwhile(): Promise<void> {
      const { storage } = this.state
      const day = Math.floor(this.#ports.clock.now() / 1000 / DAY_SECONDS)
      if (day <= numberOf(storage.sql, 'armed')) return
      keepNumber(storage.sql, 'armed', day)
      await storage.setAlarm(this.#ports.clock.now() + KEPT_SECONDS * 1000)
    }
  }
}

/** Profiles as rows: each is read once and written once in a telling. */
function sqlBook(sql: SqlStorage): ActivityBook & { flush(): void } {
  const open = new Map<string, { key: ProfileKey; profile: Profile; crowd: string; firm: boolean }>()
  const idOf = ({ agent, action }: ProfileKey) => JSON.stringify([agent, action])
  const write = (id: string) => {
    const one = open.get(id)
    if (one === undefined) return
    const { key, profile, crowd, firm } = one
    sql.exec(
      `INSERT INTO profiles VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (agent, action) DO UPDATE SET firm = excluded.firm, seen = excluded.seen, profile = excluded.profile`,
      key.agent,
      key.action,
      crowd,
      Number(firm),
      profile.seen,
      JSON.stringify(profile)
    )
  }
  const flush = () => {
    for (const id of open.keys()) write(id)
  }
  return {
    flush,
    told: () => numberOf(sql, 'told'),
    keepTold: (seq) => keepNumber(sql, 'told', seq),
    load(key) {
      const known = open.get(idOf(key))
      if (known !== undefined) return known.profile
      const [row] = sql
        .exec<{ profile: string }>('SELECT profile FROM profiles WHERE agent = ? AND action = ?', key.agent, key.action)
        .toArray()
      return row === undefined ? null : (JSON.parse(row.profile) as Profile)
    },
    save(key, profile, crowd, firm) {
      const id = idOf(key)
      const isNew = !open.has(id)
      open.set(id, { key, profile, crowd, firm })
      // A new row counts for its crowd at once.
      if (isNew) write(id)
    },
    countOf: (crowd) => sql.exec<{ count: number }>('SELECT count(*) AS count FROM profiles WHERE crowd = ?', crowd).one().count,
    dropStalest(crowd) {
      flush()
      const [stalest] = sql
        .exec<{ agent: string; action: string }>(
          'SELECT agent, action FROM profiles WHERE crowd = ? AND firm = 0 ORDER BY seen LIMIT 1',
          crowd
        )
        .toArray()
      if (stalest === undefined) return false
      open.delete(idOf(stalest))
      sql.exec('DELETE FROM profiles WHERE agent = ? AND action = ?', stalest.agent, stalest.action)
      return true
    }
  }
}

function keepFindings(sql: SqlStorage, found: readonly AnomalyFinding[], seqs: ReadonlyMap<string, number>): void {
  for (const finding of found)
    sql.exec('INSERT OR IGNORE INTO findings VALUES (?, ?, ?)', seqs.get(finding.run_id) ?? 0, finding.id, JSON.stringify(finding))
  if (found.length > 0)
    sql.exec('DELETE FROM findings WHERE seq < (SELECT seq FROM findings ORDER BY seq DESC LIMIT 1 OFFSET ?)', FINDINGS_KEPT)
}

function numberOf(sql: SqlStorage, name: string): number {
  return sql.exec<{ value: number }>('SELECT value FROM facts WHERE name = ?', name).toArray()[0]?.value ?? -1
}

function keepNumber(sql: SqlStorage, name: string, value: number): void {
  sql.exec('INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value', name, value)
}
