// The crash matrix: a run dies at every boundary, by its own object's death or by workerd's, and what its receipt says is what happened.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { verifyReceipt, type Receipt, type RunState } from '../../src/engine/index.ts'
import { SWEEP_GRACE_MS } from '../../src/jobs/sweep_runs.ts'
import { startEffects, type Effects } from './crash/effects.ts'
import { bundleWorker, startRuntime, type Runtime } from './crash/runtime.ts'
import { KINDS, THINGS, type Kind } from './crash/systems.ts'

const SECRET = 'k2vXgP0m7RZt4LqHc9YwB1sJ8uEaN5dFtQ'
/** An alarm comes every 30 s: with so many a run is over within a minute. */
const ALARMS_MAX = 2
const keys = webcryptoKeys({ secret: SECRET })
const folder = mkdtempSync(join(tmpdir(), 'enact-crash-'))
let effects: Effects
let runtime: Runtime
const start = () => startRuntime(folder, { ENACT_SECRET: SECRET, EFFECTS_URL: effects.url })

beforeAll(async () => {
  bundleWorker(folder)
  effects = await startEffects()
  runtime = await start()
})

afterAll(async () => {
  await runtime.stop()
  await effects.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Seen {
  readonly state: RunState | null
  readonly receipts: readonly Receipt[]
  readonly locks: readonly unknown[]
  readonly budgets: readonly { readonly used: number; readonly inFlight: number }[]
  readonly alarms: number
  readonly alarm_at: number | null
}

/** One run in a team of its own, so that everything the team has is this run's. */
interface Case {
  readonly team: string
  readonly run_id: string
  readonly kind: Kind
}

let made = 0
const newCase = (kind: Kind): Case => ({ team: `team-${++made}`, run_id: uuidIds.runId(), kind })

async function order<T>(body: object): Promise<T> {
  const answer = await fetch(runtime.url, { method: 'POST', body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}

const run = ({ team, run_id, kind }: Case) => order({ does: 'run', team, run_id, workflow: `three_${kind}` })
const die = ({ team, run_id }: Case, loses_alarm = false) => order({ does: 'die', team, run_id, loses_alarm })
const look = ({ team, run_id }: Case) => order<Seen>({ does: 'look', team, run_id })

async function over(one: Case): Promise<Seen> {
  return vi.waitFor(
    async () => {
      const seen = await look(one)
      if (!seen.state?.result) throw new Error('the run is not over')
      return seen
    },
    { timeout: 30_000, interval: 150 }
  )
}

/** Runs, and dies at this boundary; the run is as a crash left it. */
async function crash(one: Case, boundary: string, nth: number): Promise<void> {
  effects.trap(one.team, boundary, nth)
  await run(one)
  expect(await effects.caught(one.team, 20_000), `the run never came to ${boundary}`).toBe(true)
  await die(one)
}

/** INVARIANT of every crash: one receipt, signed, no effect twice, and each line says what the world outside says. */
async function expectTruth({ team, run_id, kind }: Case, seen: Seen): Promise<Receipt> {
  expect(seen.receipts.map((receipt) => [receipt.run_id, receipt.revision, receipt.ledger?.seq])).toEqual([[run_id, 0, 0]])
  const receipt = seen.receipts[0]!
  expect(await verifyReceipt(receipt, await keys.team(team), nodeHash)).toMatchObject({ valid: true })
  expect(seen.state?.result?.receipt).toEqual(receipt)
  for (const thing of THINGS) {
    const count = effects.count(team, 'write', thing)
    const lines = receipt.actions_taken.filter(({ action, resources }) => action === 'write' && resources[0] === `${kind}/${thing}`)
    const claims = { DONE: [1], UNKNOWN: [0, 1] }[lines[0]?.status as 'DONE' | 'UNKNOWN'] ?? [0]
    expect(lines.length, `lines about ${thing}`).toBeLessThanOrEqual(1)
    expect(claims, `effects of ${thing}, which is ${lines[0]?.status ?? 'not in the receipt'}`).toContain(count)
    if (kind === 'opaque') expect(effects.requests(team, 'write', thing)).toBeLessThanOrEqual(1)
  }
  // What was written, or may have been, is counted once, and nothing is in flight any more.
  const written = receipt.actions_taken.filter(({ action, status }) => action === 'write' && (status === 'DONE' || status === 'UNKNOWN'))
  expect(seen.budgets).toMatchObject(written.length === 0 ? [] : [{ used: written.length, inFlight: 0 }])
  expect(seen.alarms).toBeLessThanOrEqual(ALARMS_MAX)
  expect([seen.alarm_at, seen.locks]).toEqual([null, []])
  return receipt
}

const statuses = (receipt: Receipt) => receipt.actions_taken.map(({ action, status }) => `${action} ${status}`)
const WHOLE = ['write DONE', 'read DONE', 'write DONE', 'write DONE']
const LOST = ['write DONE', 'read DONE', 'write UNKNOWN']

/** Where a run dies. `isLost`: a system that can neither be looked at nor be asked again leaves the second write UNKNOWN. */
const BOUNDARIES = [
  { name: 'before the intent is written down', boundary: 'write_cleared', nth: 2, isLost: false },
  { name: 'after the intent, before the effect', boundary: 'write_intended', nth: 2, isLost: true },
  { name: 'after the effect, before its answer', boundary: 'write_done', nth: 2, isLost: true },
  { name: 'after the answer, before the outcome is written down', boundary: 'write_answered', nth: 2, isLost: true },
  { name: 'after the outcome', boundary: 'write_recorded', nth: 1, isLost: false },
  { name: 'after the receipt is signed, before it is in the ledger', boundary: 'finished', nth: 1, isLost: false },
  { name: 'after it is in the ledger, before anybody is told', boundary: 'appended', nth: 1, isLost: false }
] as const
const MATRIX = KINDS.flatMap((kind) => BOUNDARIES.map((row) => ({ kind, ...row })))

describe.concurrent('a run whose object dies', () => {
  it.each(MATRIX)(
    '$name, with a $kind system: ends by its own alarm, with the truth in one receipt',
    async ({ kind, boundary, nth, isLost }) => {
      const one = newCase(kind)
      await crash(one, boundary, nth)
      const receipt = await expectTruth(one, await over(one))
      const lost = isLost && kind === 'opaque'
      expect([statuses(receipt), receipt.outcome]).toEqual(lost ? [LOST, 'UNKNOWN'] : [WHOLE, 'SUCCEEDED'])
    }
  )

  it.each(KINDS)('dies again in its recovery, with a %s system: the third attempt brings the very same receipt', async (kind) => {
    const one = newCase(kind)
    effects.trap(one.team, 'appended', 1, 2)
    await run(one)
    for (let death = 0; death < 2; death++) {
      expect(await effects.caught(one.team, 20_000)).toBe(true)
      await die(one)
    }
    const seen = await over(one)
    expect(statuses(await expectTruth(one, { ...seen, alarms: 0 }))).toEqual(WHOLE)
  })
})

/** One for the start, two for each write, one for the read, the receipt, the result. */
const LINES = 10
const EVERY_LINE = KINDS.flatMap((kind) => Array.from({ length: LINES }, (_, i) => ({ kind, line: i + 1 })))

describe.concurrent('a run that dies before it writes', () => {
  it.each(EVERY_LINE)('line $line of what it writes down, with a $kind system: the truth is in one receipt', async ({ kind, line }) => {
    const one = newCase(kind)
    await crash(one, 'sealing', line)
    if (line === 1) {
      // Nothing was written down, nothing done, nobody answered: whoever asks again begins.
      expect((await look(one)).state).toBeNull()
      await run(one)
    }
    await expectTruth(one, await over(one))
  })

  it('writes no other line: the matrix has them all', async () => {
    const one = newCase('keyed')
    effects.trap(one.team, 'sealing', LINES + 1)
    await run(one)
    expect(statuses(await expectTruth(one, await over(one)))).toEqual(WHOLE)
    expect(await effects.caught(one.team, 0)).toBe(false)
  })
})

describe('workerd killed with SIGKILL', () => {
  it('while runs stand at every boundary: all end after it starts again, each with the truth in one receipt', async () => {
    const cases = MATRIX.map((row) => ({ ...row, one: newCase(row.kind) }))
    await Promise.all(
      cases.map(async ({ one, boundary, nth }) => {
        effects.trap(one.team, boundary, nth)
        await run(one)
        expect(await effects.caught(one.team, 20_000), boundary).toBe(true)
      })
    )
    await runtime.kill()
    runtime = await start()
    for (const { one, kind, isLost } of cases) {
      const receipt = await expectTruth(one, await over(one))
      const lost = isLost && kind === 'opaque'
      expect([statuses(receipt), receipt.outcome]).toEqual(lost ? [LOST, 'UNKNOWN'] : [WHOLE, 'SUCCEEDED'])
    }
  })
})

describe.concurrent('a rollback whose object dies', () => {
  const UNDOING = KINDS.flatMap((kind) =>
    ['unwrite_intended', 'unwrite_done', 'unwrite_answered', 'finished', 'appended'].map((boundary) => ({ kind, boundary }))
  )

  it.each(UNDOING)('at $boundary, with a $kind system: goes on, and takes nothing back twice', async ({ kind, boundary }) => {
    const original = newCase(kind)
    await run(original)
    await over(original)
    const rollback = { ...original, run_id: uuidIds.runId() }
    effects.trap(original.team, boundary, boundary.startsWith('unwrite') ? 2 : 1)
    await order({ does: 'roll_back', team: original.team, run_id: rollback.run_id, original: original.run_id })
    expect(await effects.caught(original.team, 20_000)).toBe(true)
    await die(rollback)
    const seen = await over(rollback)
    const [first, second] = [original, rollback].map(({ run_id }) => seen.receipts.find((receipt) => receipt.run_id === run_id)!)
    const middle = kind === 'opaque' && boundary.startsWith('unwrite') ? 'UNKNOWN' : 'REVERTED'
    expect(statuses(second!)).toEqual(['unwrite REVERTED', `unwrite ${middle}`, 'unwrite REVERTED'])
    expect(second!.outcome).toBe(middle === 'UNKNOWN' ? 'UNKNOWN' : 'SUCCEEDED')
    expect([seen.receipts.length, first!.revision, first!.links.rolled_back_by]).toEqual([2, 1, rollback.run_id])
    for (const thing of THINGS) {
      const expected = middle === 'UNKNOWN' && thing === 'second' && boundary === 'unwrite_intended' ? 0 : 1
      expect(effects.count(original.team, 'unwrite', thing), thing).toBe(expected)
      if (kind === 'opaque') expect(effects.requests(original.team, 'unwrite', thing)).toBeLessThanOrEqual(1)
    }
    expect([seen.locks, seen.alarm_at]).toEqual([[], null])
  })
})

describe('a run whose alarm is lost with its object', () => {
  it.each(KINDS)('with a %s system: lies still until the sweep finds it, within three minutes', async (kind) => {
    const one = newCase(kind)
    effects.trap(one.team, 'write_done', 2)
    const began = Date.now()
    await run(one)
    expect(await effects.caught(one.team, 20_000)).toBe(true)
    await die(one, true)
    expect(await look(one)).toMatchObject({ state: { result: null }, alarm_at: null, alarms: 0, receipts: [] })
    // Due a minute after its claim, and the cron comes every minute.
    await order({ does: 'sweep', team: one.team, run_id: one.run_id, now: began + 2 * 60_000 })
    const receipt = await expectTruth(one, await over(one))
    expect(statuses(receipt)).toEqual(kind === 'opaque' ? LOST : WHOLE)
    const { due } = await order<{ due: { run_id: string }[] }>({
      does: 'sweep',
      team: one.team,
      run_id: one.run_id,
      now: began + SWEEP_GRACE_MS * 5
    })
    expect(due.map(({ run_id }) => run_id)).not.toContain(one.run_id)
  })
})
