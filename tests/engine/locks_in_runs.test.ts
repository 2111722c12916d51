// What a run holds while it writes, and what it is told when somebody else holds it.
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { memoryJournal } from '../../src/adapters/journal/memory.ts'
import { memoryLocks } from '../../src/adapters/locks/memory.ts'
import { allow, definePolicy, execute, judge, type RunResult } from '../../src/engine/index.ts'
import { asked, newShelf, toyInstallation, toyPorts } from './toy.ts'

const open = definePolicy({ id: 'open', title: 'Allows', params: z.strictObject({}), reads: z.object({}), evaluate: () => allow('fine') })

function setUp() {
  const shelf = newShelf()
  const clock = { now: () => 1_800_000_000_000 }
  const locks = memoryLocks(clock)
  const ports = toyPorts({ locks, clock })
  const installation = toyInstallation(shelf, { policies: [open()] })
  const run = async (...request: Parameters<typeof asked>) => {
    const judged = await judge(installation, asked(...request), ports)
    return (await execute(installation, judged, ports, memoryJournal())) as RunResult
  }
  const take = (resource: string) =>
    locks.ask('acme', {
      type: 'acquire',
      lock_id: crypto.randomUUID(),
      owner: { api_key_id: 'other', run_id: null },
      holder: 'agent-A',
      wants: [{ resource, mode: 'exclusive' }],
      ttlMs: 60_000,
      waitMs: 0
    })
  return { shelf, run, take }
}

describe('a run', () => {
  it('holds what it writes to, with growing tokens, and gives everything back', async () => {
    const { run, take } = setUp()
    const first = await run('stock', { things: { a: '1', b: '2' } })
    const second = await run('put', { key: 'a', value: '3' })
    expect(first.receipt.locks.map(({ resource }) => resource)).toEqual(['shelf/a', 'shelf/b'])
    const tokens = [...first.receipt.locks, ...second.receipt.locks].map((lock) => lock.fencing_token)
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b))
    expect(new Set(tokens).size).toBe(3)
    expect((await take('shelf')).kind).toBe('granted')
  })

  it('that wants what somebody holds is a BLOCK that names the holder, before its first effect', async () => {
    const { shelf, run, take } = setUp()
    await take('shelf/a')
    const { receipt } = await run('put', { key: 'a', value: '1' })
    expect(receipt).toMatchObject({ decision: 'BLOCK', outcome: 'NONE', locks: [], error: { code: 'blocked' } })
    expect(receipt.policy_results).toContainEqual(
      expect.objectContaining({
        policy: 'lock',
        code: 'locked',
        reason: expect.stringMatching(/^resource `shelf\/a` locked by agent-A until /)
      })
    )
    expect(shelf.effects).toBe(0)
  })

  it('that meets a lock half-way stops there and tells what it had done', async () => {
    const { run, take } = setUp()
    await take('shelf/b')
    const { receipt } = await run('stock', { things: { a: '1', b: '2' } })
    expect(receipt).toMatchObject({ decision: 'BLOCK', outcome: 'PARTIAL' })
    expect(receipt.actions_taken.map(({ status }) => status)).toEqual(['DONE', 'SKIPPED'])
    expect(receipt.policy_results.find((result) => result.policy === 'lock')).toMatchObject({ call: 1, code: 'locked' })
    expect((await take('shelf/a')).kind).toBe('granted')
  })

  it('that only reads takes no lock', async () => {
    const { run, take } = setUp()
    await take('shelf')
    expect((await run('get', { key: 'a' })).receipt).toMatchObject({ decision: 'PASS', locks: [] })
  })
})
