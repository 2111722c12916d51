// Rules and the machine of alerts: what counts, what is told, and that nothing counts or is told twice.
import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import {
  ACKNOWLEDGED_MS,
  acknowledge,
  alertOn,
  checkAlerts,
  considerSignal,
  defineAlert,
  FLOOD_ALERTS,
  noteSightings,
  REMIND_MS,
  resolveAlert,
  type Alert,
  type AlertBook,
  type AlertRule,
  type AlertSetting,
  type AlertStep,
  type AlertTrack,
  type Receipt,
  type Seen,
  type Sighting
} from '../../src/engine/index.ts'
import { receiptOf } from '../ui/samples.ts'
import { seeded } from './seeded.ts'

const NOW = Date.UTC(2026, 10, 28, 12)
const MINUTE = 60_000
const fail = (_rule: string, error: unknown) => {
  throw error
}

/** A team's alerts in memory, as a store keeps them. */
class World {
  tracks = new Map<string, AlertTrack>()
  alerts = new Map<string, Alert>()
  settings = new Map<string, AlertSetting>()
  told: string[] = []
  #ids = 0

  take(step: AlertStep): AlertStep {
    for (const [key, track] of step.tracks) this.tracks.set(key, track)
    for (const [id, alert] of step.alerts) this.alerts.set(id, alert)
    for (const { type, alert } of step.notices)
      this.told.push(`${type.slice(6)} ${alert.rule} ${alert.subject} ${alert.severity} ${alert.count}`)
    return step
  }

  see(now: number, ...seen: Seen[]): AlertStep {
    return this.take(noteSightings(this.book(now), seen, now, () => `alert-${++this.#ids}`))
  }

  book(now: number): AlertBook {
    const opened = new Map<string, number>()
    for (const { rule, first_at } of this.alerts.values()) if (first_at > now - 3_600_000) opened.set(rule, (opened.get(rule) ?? 0) + 1)
    return { tracks: this.tracks, alerts: this.alerts, settings: this.settings, opened }
  }

  get all(): Alert[] {
    return [...this.alerts.values()]
  }
}

/** A rule that sees what it is given. */
function ruleOf(more: Partial<AlertRule> = {}): AlertRule {
  return defineAlert({ id: 'r', title: 'Rule', description: 'A rule.', severity: 'warning', see: () => [], ...more })
}

function seenOf(sighting: Partial<Sighting>, at: number, rule = ruleOf()): Seen {
  const given = { key: 'k', subject: 's', message: 'm', ...sighting }
  const signal = { kind: 'receipt', receipt: receiptOf({ timestamp: new Date(at).toISOString() }) } as const
  return considerSignal([{ ...rule, see: () => [given] }], signal, nodeHash, fail)[0]!
}

describe('an alert', () => {
  test('is told once, and counts what comes after it', () => {
    const world = new World()
    world.see(NOW, seenOf({ key: '1', run_id: 'run-1' }, NOW))
    world.see(NOW + MINUTE, seenOf({ key: '2', run_id: 'run-2' }, NOW + MINUTE), seenOf({ key: '3' }, NOW + MINUTE))
    expect(world.told).toEqual(['fired r s warning 1'])
    expect(world.all).toMatchObject([
      { status: 'OPEN', count: 3, first_at: NOW, last_at: NOW + MINUTE, run_ids: ['run-1', 'run-2'], notified_at: NOW }
    ])
  })

  test('of another subject is another', () => {
    const world = new World()
    world.see(NOW, seenOf({}, NOW), seenOf({ subject: 'other' }, NOW))
    expect(world.told).toEqual(['fired r s warning 1', 'fired r other warning 1'])
  })

  test('told again as the same changes nothing at all', () => {
    const world = new World()
    const seen = [seenOf({ key: '1' }, NOW), seenOf({ key: '2' }, NOW)]
    world.see(NOW, ...seen)
    const again = world.see(NOW + 1, ...seen)
    expect([again.tracks.size, again.alerts.size, again.notices.length]).toEqual([0, 0, 0])
  })

  test('that becomes worse is told again, and open again', () => {
    const world = new World()
    world.see(NOW, seenOf({ key: '1' }, NOW))
    world.take(acknowledge(world.all[0]!, 'ann', null, NOW))
    world.see(NOW, seenOf({ key: '2', severity: 'info' }, NOW), seenOf({ key: '3', severity: 'critical', message: 'worse' }, NOW))
    expect(world.told).toEqual(['fired r s warning 1', 'acknowledged r s warning 1', 'fired r s critical 3'])
    expect(world.all).toMatchObject([{ status: 'OPEN', severity: 'critical', message: 'worse' }])
  })

  test('that is urged is told again', () => {
    const world = new World()
    world.see(NOW, seenOf({ key: '1' }, NOW), seenOf({ key: '2', urges: true, message: 'soon' }, NOW))
    expect(world.told).toEqual(['fired r s warning 1', 'fired r s warning 2'])
  })

  test('that goes on is told again after an hour while nobody has acknowledged it', () => {
    const world = new World()
    world.see(NOW, seenOf({ key: '0' }, NOW))
    for (let i = 1; i <= 130; i++) world.see(NOW + i * MINUTE, seenOf({ key: String(i) }, NOW + i * MINUTE))
    expect(world.told).toEqual(['fired r s warning 1', 'fired r s warning 61', 'fired r s warning 121'])
    world.take(acknowledge(world.all[0]!, 'ann', 'on it', NOW))
    const later = NOW + 130 * MINUTE + 2 * REMIND_MS
    world.see(later, seenOf({ key: 'later' }, later))
    expect(world.told.at(-1)).toBe('acknowledged r s warning 131')
    expect(world.all).toMatchObject([{ status: 'ACKNOWLEDGED', acknowledged_by: 'ann', note: 'on it', count: 132 }])
  })

  test('that was acknowledged long ago, or is resolved, does not take in what comes now', () => {
    const world = new World()
    world.see(NOW, seenOf({ key: '1' }, NOW))
    world.take(acknowledge(world.all[0]!, 'ann', null, NOW))
    const later = NOW + ACKNOWLEDGED_MS
    world.see(later, seenOf({ key: '2' }, later))
    expect(world.all).toHaveLength(2)
    world.take(resolveAlert(world.all[1]!, later))
    world.see(later, seenOf({ key: '3' }, later))
    expect(world.all.map(({ status }) => status)).toEqual(['ACKNOWLEDGED', 'RESOLVED', 'OPEN'])
  })

  test('ends when what it was about is over, and what was never there does not', () => {
    const world = new World()
    world.see(NOW, seenOf({ key: 'x', over: true }, NOW))
    expect([world.all.length, world.tracks.size]).toEqual([0, 0])
    world.see(NOW, seenOf({ key: '1' }, NOW), seenOf({ key: '2', over: true }, NOW))
    expect(world.told).toEqual(['fired r s warning 1', 'resolved r s warning 1'])
    expect(world.all[0]!.resolved_at).toBe(NOW)
  })

  test('is acknowledged and resolved once; the first who did stays', () => {
    const world = new World()
    world.see(NOW, seenOf({}, NOW))
    world.take(acknowledge(world.all[0]!, 'ann', 'a', NOW))
    world.take(acknowledge(world.all[0]!, 'bob', 'b', NOW + 1))
    world.take(resolveAlert(world.all[0]!, NOW + 2))
    world.take(resolveAlert(world.all[0]!, NOW + 3))
    world.take(acknowledge(world.all[0]!, 'eve', null, NOW + 4))
    expect(world.all).toMatchObject([{ status: 'RESOLVED', acknowledged_by: 'ann', note: 'a', resolved_at: NOW + 2 }])
    expect(world.told).toEqual(['fired r s warning 1', 'acknowledged r s warning 1', 'resolved r s warning 1'])
  })

  test('of a muted rule is kept and told to nobody, until the mute is over and it still goes on', () => {
    const world = new World()
    world.settings.set('r', { muted_until: NOW + 10 * MINUTE, severity: null })
    world.see(NOW, seenOf({ key: '1' }, NOW), seenOf({ key: '2', urges: true }, NOW))
    expect([world.told, world.all.map(({ notified_at, count }) => [notified_at, count])]).toEqual([[], [[null, 2]]])
    expect(resolveAlert(world.all[0]!, NOW).notices).toEqual([])
    world.see(NOW + 11 * MINUTE, seenOf({ key: '3' }, NOW + 11 * MINUTE))
    expect(world.told).toEqual(['fired r s warning 3'])
  })

  test('is as grave as an admin says', () => {
    const world = new World()
    world.settings.set('r', { muted_until: null, severity: 'info' })
    world.see(NOW, seenOf({ severity: 'critical' }, NOW))
    expect(world.told).toEqual(['fired r s info 1'])
  })
})

describe('a rule', () => {
  test('of first sightings fires once for a subject, whatever became of its alert', () => {
    const rule = ruleOf({ first: true })
    const world = new World()
    world.see(NOW, seenOf({ key: '1' }, NOW, rule), seenOf({ key: '2' }, NOW, rule))
    world.take(resolveAlert(world.all[0]!, NOW))
    const later = NOW + 48 * REMIND_MS
    world.see(later, seenOf({ key: '3' }, later, rule), seenOf({ key: '4', subject: 'other' }, later, rule))
    expect(world.told).toEqual(['fired r s warning 1', 'resolved r s warning 2', 'fired r other warning 1'])
  })

  test('of bursts fires when so many came within the time, and counts on only while they do', () => {
    const rule = ruleOf({ burst: { count: 3, within_seconds: 60 } })
    const world = new World()
    const at = (second: number, key: string) => world.see(NOW + second * 1000, seenOf({ key }, NOW + second * 1000, rule))
    for (const [second, key] of [
      [0, 'a'],
      [40, 'b'],
      [61, 'c'],
      [99, 'd']
    ] as const)
      at(second, key)
    expect(world.told).toEqual(['fired r s warning 3'])
    at(4_000, 'e')
    expect(world.all).toMatchObject([{ count: 3 }])
    at(4_001, 'f')
    at(4_002, 'g')
    expect(world.told).toEqual(['fired r s warning 3', 'fired r s warning 4'])
  })

  test('cannot be made to flood people by whoever makes up subjects', () => {
    const world = new World()
    const rule = ruleOf({ first: true })
    for (let i = 0; i < 500; i++) world.see(NOW + i, seenOf({ key: `${i}`, subject: `agent-${i}` }, NOW + i, rule))
    expect(world.all).toHaveLength(FLOOD_ALERTS + 1)
    expect(world.all.at(-1)).toMatchObject({ subject: 'many others', count: 500 - FLOOD_ALERTS })
    expect(world.told).toHaveLength(FLOOD_ALERTS + 1)
  })

  test('that throws stops no other', () => {
    const broken = ruleOf({
      id: 'broken',
      see: () => {
        throw new Error('oops')
      }
    })
    const good = ruleOf({ see: () => [{ key: 'k', subject: 's', message: 'm' }] })
    const failed: string[] = []
    const seen = considerSignal([broken, good], { kind: 'receipt', receipt: receiptOf() }, nodeHash, (rule) => failed.push(rule))
    expect([failed, seen.map(({ rule }) => rule.id)]).toEqual([['broken'], ['r']])
  })

  test.each([
    ['an id with a space', { id: 'a b' }, 'lower snake_case'],
    ['no count', { burst: { count: 0, within_seconds: 60 } }, '`count` is 1 to 200'],
    ['more than is remembered', { burst: { count: 201, within_seconds: 60 } }, '`count` is 1 to 200'],
    ['a week', { burst: { count: 2, within_seconds: 604_800 } }, '`within_seconds` is 1 to 86400']
  ] as const)('with %s is refused', (_what, more, detail) => {
    expect(() => ruleOf(more)).toThrow(detail)
  })

  test('is there once', () => {
    expect(() => checkAlerts([ruleOf(), ruleOf()])).toThrow('alert rule `r` is configured twice')
  })
})

describe('alertOn', () => {
  const blocked = { decision: 'BLOCK', workflow: 'agent_pr_workflow' } as const
  const subjects = (rule: AlertRule, changes: Partial<Receipt>) =>
    considerSignal([rule], { kind: 'receipt', receipt: receiptOf(changes) }, nodeHash, fail).map(({ subject }) => subject)
  const search = (text: string, more: object = {}) => alertOn({ id: 'x', title: 'X', search: text, severity: 'info', ...more })
  test.each([
    ['decision:block workflow:agent_pr*', blocked, {}, ['agent@company.com']],
    ['decision:block workflow:agent_pr*', { ...blocked, workflow: 'other' }, {}, []],
    ['decision:block', { ...blocked, run_mode: 'shadow' }, {}, []],
    ['decision:block mode:shadow', { ...blocked, run_mode: 'shadow' }, {}, ['agent@company.com']],
    ['decision:block', { ...blocked, mode: 'imported' }, {}, []],
    ['', {}, { by: 'workflow' }, ['delete_row']],
    ['', {}, { by: 'team' }, ['']],
    ['-agent:agent@company.com', {}, {}, []]
  ] as const)('%j over %j is about %j', (text, changes, more, expected) => {
    expect(subjects(search(text, more), changes)).toEqual(expected)
  })
  test('refuses at start what is no search', () => {
    expect(() => search('verdict:block')).toThrow('alert rule `x`: `verdict:block` at character 1 has no known qualifier')
  })
  test('needs as many as it says', () => {
    expect(search('', { count: 5, within_seconds: 30 }).burst).toEqual({ count: 5, within_seconds: 30 })
  })
})

describe('what is shown', () => {
  test('has no secret, nothing hidden and no second line', () => {
    const text = seenOf({ subject: 'a\u202Eb\nc', message: `key sk-ant-api03-${'x'.repeat(80)}` }, NOW)
    expect(text.subject).toBe('a⟨U+202E⟩b⟨U+000A⟩c')
    expect(text.message).not.toMatch(/sk-ant-api03/)
    expect(text.message).toContain('[redacted:')
  })
  test('is short, and whole characters', () => {
    const { subject, message } = seenOf({ subject: '😀'.repeat(500), message: 'x'.repeat(5_000) }, NOW)
    expect([subject.length <= 120, message.length, subject.isWellFormed()]).toEqual([true, 400, true])
  })
})

test('a thousand histories: told in any order and any number of times, nothing counts twice, and every opening and worsening is told once', () => {
  for (let seed = 0; seed < 1_000; seed++) {
    const dice = seeded(seed)
    const rule = ruleOf(dice.chance(0.3) ? { burst: { count: 1 + dice.upTo(3), within_seconds: 60 } } : {})
    const all = Array.from({ length: 20 }, (_, i) =>
      seenOf({ key: String(i), subject: dice.oneOf(['a', 'b']), severity: dice.oneOf(['info', 'warning']) }, NOW + i * 1_000, rule)
    )
    const once = new World()
    for (const seen of all) once.see(seen.at, seen)
    const often = new World()
    // The pump: batches in order, each told again some times, whole or in part.
    for (let from = 0; from < all.length;) {
      const to = Math.min(all.length, from + 1 + dice.upTo(6))
      const batch = all.slice(from, to)
      often.see(batch.at(-1)!.at, ...batch)
      while (dice.chance(0.5)) often.see(batch.at(-1)!.at + 1, ...all.slice(dice.upTo(from + 1), to))
      from = to
    }
    const shown = (world: World) =>
      world.all.map(({ subject, count, severity, first_at, last_at }) => ({ subject, count, severity, first_at, last_at }))
    expect(shown(often), `seed ${seed}`).toEqual(shown(once))
    expect(often.told, `seed ${seed}`).toEqual(once.told)
  }
})
