// Alerts as a pure machine: sightings and people's acts in, changed alerts and what is to be told out. Telling it the same twice changes nothing.
import { SEVERITIES, type Seen, type Severity } from './alert.ts'

export type AlertStatus = 'OPEN' | 'ACKNOWLEDGED' | 'RESOLVED'

/** An alert. Times are in milliseconds. */
export interface Alert {
  readonly alert_id: string
  readonly rule: string
  readonly title: string
  readonly severity: Severity
  readonly status: AlertStatus
  readonly subject: string
  readonly message: string
  readonly first_at: number
  readonly last_at: number
  readonly count: number
  /** The first ones and the newest. */
  readonly run_ids: readonly string[]
  readonly acknowledged_by: string | null
  readonly acknowledged_at: number | null
  readonly note: string | null
  readonly resolved_at: number | null
  /** When it was last told to anybody. */
  readonly notified_at: number | null
}

/** What is remembered of a rule and a subject: which sightings were counted, and the newest alert about it. */
export interface AlertTrack {
  readonly rule: string
  /** Key and time, the oldest first. */
  readonly recent: readonly (readonly [string, number])[]
  readonly alert_id: string | null
  readonly last_at: number
}

/** What an admin has set of a rule. */
export interface AlertSetting {
  readonly muted_until: number | null
  readonly severity: Severity | null
}

/** What a team's alerts are now, as far as some sightings concern them. */
export interface AlertBook {
  readonly tracks: ReadonlyMap<string, AlertTrack>
  readonly alerts: ReadonlyMap<string, Alert>
  /** By rule: how many alerts it opened within the last hour. */
  readonly opened: ReadonlyMap<string, number>
  readonly settings: ReadonlyMap<string, AlertSetting>
}

export type AlertEventType = 'alert.fired' | 'alert.acknowledged' | 'alert.resolved'

/** Something to be told: the alert as it was then. */
export interface AlertNotice {
  readonly type: AlertEventType
  readonly alert: Alert
}

/** What changed, to be stored as one, and what is to be told then. */
export interface AlertStep {
  readonly tracks: ReadonlyMap<string, AlertTrack>
  readonly alerts: ReadonlyMap<string, Alert>
  readonly notices: readonly AlertNotice[]
}

/** Sightings remembered per subject: more than the ledger tells at once, and than any burst counts. */
export const RECENT_MAX = 256
const RUNS_MAX = 10
const HOUR_MS = 3_600_000
/** What is open and goes on is told again so long after it was last told. */
export const REMIND_MS = HOUR_MS
/** What somebody has acknowledged stays that alert for so long after its last sighting. */
export const ACKNOWLEDGED_MS = 24 * HOUR_MS
/** What nobody has seen again for so long is over, unless it is critical: that a person has to say. */
export const IDLE_MS = 7 * 24 * HOUR_MS
/** Alerts that one rule opens within an hour, before its others go into one: whoever can make up subjects cannot flood people. */
export const FLOOD_ALERTS = 20
export const FLOOD_MS = HOUR_MS

/** Takes sightings in, in their order. `newId` gives alerts their ids. */
export function noteSightings(book: AlertBook, sightings: readonly Seen[], now: number, newId: () => string): AlertStep {
  const page = new Page(book, now, newId)
  for (const seen of sightings) page.note(seen)
  return page
}

/** Somebody has seen it. What is acknowledged or over already stays as it is. */
export function acknowledge(alert: Alert, by: string, note: string | null, now: number): AlertStep {
  if (alert.status !== 'OPEN') return NOTHING
  return told({ ...alert, status: 'ACKNOWLEDGED', acknowledged_by: by, acknowledged_at: now, note }, 'alert.acknowledged')
}

/** It is over. */
export function resolveAlert(alert: Alert, now: number): AlertStep {
  if (alert.status === 'RESOLVED') return NOTHING
  return told({ ...alert, status: 'RESOLVED', resolved_at: now }, 'alert.resolved')
}

const NOTHING: AlertStep = { tracks: new Map(), alerts: new Map(), notices: [] }

/** What was never told needs no end. */
function told(alert: Alert, type: AlertEventType): AlertStep {
  return { ...NOTHING, alerts: new Map([[alert.alert_id, alert]]), notices: alert.notified_at === null ? [] : [{ type, alert }] }
}

class Page implements AlertStep {
  readonly tracks = new Map<string, AlertTrack>()
  readonly alerts = new Map<string, Alert>()
  readonly notices: AlertNotice[] = []
  readonly #opened: Map<string, number>
  readonly #book: AlertBook
  readonly #now: number
  readonly #newId: () => string

  constructor(book: AlertBook, now: number, newId: () => string) {
    this.#book = book
    this.#now = now
    this.#newId = newId
    this.#opened = new Map(book.opened)
  }

  note(seen: Seen): void {
    const { rule, key, at, track: place } = seen
    const before = this.#track(place)
    if (before?.recent.some(([known]) => known === key)) return
    const live = this.#live(before, at)
    if (seen.over === true) {
      if (live !== null) this.#keep(resolveAlert(live, this.#now))
      return
    }
    const recent = [...(before?.recent ?? []), [key, at] as const].slice(-RECENT_MAX)
    const last_at = Math.max(at, before?.last_at ?? at)
    const track: AlertTrack = { rule: rule.id, recent, alert_id: before?.alert_id ?? null, last_at }
    this.tracks.set(place, track)
    const { burst } = rule
    const since = burst === undefined ? at : at - burst.within_seconds * 1000
    const count = burst === undefined ? 1 : recent.filter(([, time]) => time > since && time <= at).length
    if (burst !== undefined && count < burst.count) return
    if (live !== null) return this.#again(live, seen)
    if (rule.first === true && before !== null) return
    if ((this.#opened.get(rule.id) ?? 0) >= FLOOD_ALERTS) return this.#overflow(seen)
    this.tracks.set(place, { ...track, alert_id: this.#open(seen, count) })
    this.#opened.set(rule.id, (this.#opened.get(rule.id) ?? 0) + 1)
  }

  /** One alert takes in all that would be too many. */
  #overflow(seen: Seen): void {
    const before = this.#track(seen.overflow)
    const live = this.#live(before, seen.at)
    const others = {
      ...seen,
      subject: 'many others',
      message: `more than ${FLOOD_ALERTS} alerts within an hour; the newest: ${seen.message}`
    }
    const alert_id = live?.alert_id ?? this.#open(others, 1)
    if (live !== null) this.#again(live, seen)
    this.tracks.set(seen.overflow, { rule: seen.rule.id, recent: before?.recent ?? [], alert_id, last_at: seen.at })
  }

  #open(seen: Seen, count: number): string {
    const alert_id = this.#newId()
    const { rule, subject, message, at, run_id } = seen
    const alert: Alert = {
      alert_id,
      rule: rule.id,
      title: rule.title,
      severity: this.#severityOf(seen),
      status: 'OPEN',
      subject,
      message,
      first_at: at,
      last_at: at,
      count,
      run_ids: run_id === undefined ? [] : [run_id],
      acknowledged_by: null,
      acknowledged_at: null,
      note: null,
      resolved_at: null,
      notified_at: null
    }
    this.#tell(alert)
    return alert_id
  }

  /** The same once more: counted; told again only where it has become worse, is urged, or goes on with nobody having looked. */
  #again(live: Alert, seen: Seen): void {
    const severity = this.#severityOf(seen)
    const isWorse = SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(live.severity)
    const run_ids = withRun(live.run_ids, seen.run_id)
    const counted: Alert = { ...live, count: live.count + 1, last_at: Math.max(live.last_at, seen.at), run_ids }
    const isDue = live.status === 'OPEN' && seen.rule.first !== true && (live.notified_at ?? 0) <= this.#now - REMIND_MS
    const isNews = isWorse || seen.urges === true
    if (!isNews && !isDue) this.alerts.set(live.alert_id, counted)
    // What became worse has not been seen by whoever acknowledged it.
    else if (isWorse) this.#tell({ ...counted, severity, status: 'OPEN', message: seen.message })
    else this.#tell(isNews ? { ...counted, message: seen.message } : counted)
  }

  #tell(alert: Alert): void {
    const { muted_until = null } = this.#book.settings.get(alert.rule) ?? {}
    const isMuted = muted_until !== null && muted_until > this.#now
    const kept = isMuted ? alert : { ...alert, notified_at: this.#now }
    this.alerts.set(alert.alert_id, kept)
    if (!isMuted) this.notices.push({ type: 'alert.fired', alert: kept })
  }

  #keep({ alerts, notices }: AlertStep): void {
    for (const [id, alert] of alerts) this.alerts.set(id, alert)
    this.notices.push(...notices)
  }

  /** The alert that a sighting belongs to: the newest about this subject, unless it is over or was acknowledged long ago. */
  #live(track: AlertTrack | null, at: number): Alert | null {
    const id = track?.alert_id ?? null
    const alert = id === null ? null : (this.alerts.get(id) ?? this.#book.alerts.get(id) ?? null)
    if (alert === null || alert.status === 'RESOLVED') return null
    return alert.status === 'OPEN' || at - alert.last_at < ACKNOWLEDGED_MS ? alert : null
  }

  #track(place: string): AlertTrack | null {
    return this.tracks.get(place) ?? this.#book.tracks.get(place) ?? null
  }

  #severityOf({ rule, severity }: Seen): Severity {
    return this.#book.settings.get(rule.id)?.severity ?? severity
  }
}

function withRun(runs: readonly string[], run: string | undefined): readonly string[] {
  if (run === undefined || runs.includes(run)) return runs
  return runs.length < RUNS_MAX ? [...runs, run] : [...runs.slice(0, -1), run]
}
