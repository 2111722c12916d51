// What a run holds when it goes on after a crash.
import { expect, it } from 'vitest'
import * as z from 'zod'
import { memoryJournal } from '../../src/adapters/journal/memory.ts'
import { memoryLocks } from '../../src/adapters/locks/memory.ts'
import { allow, definePolicy, execute, judge, type JournalEntry, type LeaseAnswer, type RunResult } from '../../src/engine/index.ts'
import { asked, newShelf, toyInstallation, toyPorts } from './toy.ts'

const open = definePolicy({ id: 'open', title: 'Allows', params: z.strictObject({}), reads: z.object({}), evaluate: () => allow('fine') })

/** A run of two writes that was cut off after so many lines of its journal, and the locks as they are then. */
async function cutOff(lines: number) {
  let now = 1_800_000_000_000
  const clock = { now: () => now }
  const request = asked('stock', { things: { a: '1', b: '2' } })
  const installation = toyInstallation(newShelf(), { policies: [open()] })
  const whole: JournalEntry[] = []
  const before = toyPorts({ clock })
  await execute(installation, await judge(installation, request, before), before, memoryJournal(whole))
  const locks = memoryLocks(clock)
  const ports = toyPorts({ locks, clock })
  const take = (resource: string, run_id: string | null): Promise<LeaseAnswer> =>
    locks.ask('acme', {
      type: 'acquire',
      lock_id: crypto.randomUUID(),
      owner: { api_key_id: run_id === null ? 'other' : 'k1', run_id },
      holder: 'agent-A',
      wants: [{ resource, mode: 'exclusive' }],
      ttlMs: 60_000,
      waitMs: 0
    })
  const goOn = async () => {
    const entries = whole.slice(0, lines)
    const judged = (entries[0] as Extract<JournalEntry, { type: 'started' }>).run as never
    return ((await execute(installation, judged, ports, memoryJournal(entries))) as RunResult).receipt
  }
  return {
    goOn,
    take: (resource: string) => take(resource, null),
    held: () => take('shelf/a', request.run_id),
    wait: (ms: number) => (now += ms)
  }
}

const tokenOf = (answer: LeaseAnswer) => (answer.kind === 'granted' ? answer.holds[0]!.fencing_token : null)

it.each([3, 4, 5])(
  'after %i lines: what it held stands in its receipt under its first token, and is given back in the end',
  async (lines) => {
    const { goOn, take, held } = await cutOff(lines)
    const token = tokenOf(await held())
    const { outcome, locks } = await goOn()
    expect(outcome).toBe('SUCCEEDED')
    expect(locks.map(({ resource }) => resource)).toEqual(['shelf/a', 'shelf/b'])
    expect(locks[0]!.fencing_token).toBe(token)
    expect((await take('shelf')).kind).toBe('granted')
  }
)

it('a lease that ended and is somebody else’s now is not taken from them, and keeps no lost outcome from being looked after', async () => {
  const { goOn, take, held, wait } = await cutOff(2)
  await held()
  wait(60_001)
  expect((await take('shelf/a')).kind).toBe('granted')
  const { actions_taken, locks } = await goOn()
  expect(actions_taken[0]).toMatchObject({ action: 'put', status: 'DONE' })
  expect(locks.map(({ resource }) => resource)).not.toContain('shelf/a')
  // The run has given back all it had: whoever took it in the meantime has it still.
  expect((await take('shelf/a')).kind).toBe('locked')
})
