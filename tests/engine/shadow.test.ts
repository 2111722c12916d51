// Policies in shadow: judged and recorded like any other, stopping nothing, until they are promoted.
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { memoryFacts } from '../../src/adapters/facts/memory.ts'
import { allow, ask, definePolicy, deny, execute, judge, PROMOTED, type Facts, type PolicyMode } from '../../src/engine/index.ts'
import { memoryJournal } from '../../src/adapters/journal/memory.ts'
import { asked, newShelf, toyInstallation, toyPorts } from './toy.ts'

const noBig = definePolicy({
  id: 'no_big',
  title: 'Nothing big',
  params: z.strictObject({}),
  reads: z.strictObject({ value: z.string().optional() }),
  evaluate: ({ reads }) => {
    if (reads.value === 'throw') throw new Error('boom')
    return reads.value === 'big'
      ? deny('`big` is big', { remedy: 'smaller' })
      : reads.value === 'huge'
        ? ask('huge', { needed: 2 })
        : allow('small')
  }
})

async function judged(value: string, mode: PolicyMode, facts: Facts = memoryFacts()) {
  const shelf = newShelf()
  const installation = toyInstallation(shelf, { policies: [noBig({}, { mode })] })
  const ports = toyPorts({ facts })
  const verdict = await judge(installation, asked('put', { key: 'a', value }), ports)
  return { verdict, installation, ports, shelf }
}

describe('a policy in shadow', () => {
  it.each([
    ['big', 'deny'],
    ['huge', 'ask'],
    ['small', 'allow'],
    ['throw', 'deny']
  ])('says of `%s` that it would %s, and lets it pass', async (value, would) => {
    const { verdict } = await judged(value, 'shadow')
    expect(verdict.decision).toBe('PASS')
    expect(verdict.results).toEqual([expect.objectContaining({ policy: 'no_big', passed: true, effect: 'allow', would })])
  })

  it('stands in the receipt of what it would have stopped, which happened', async () => {
    const { verdict, installation, ports, shelf } = await judged('big', 'shadow')
    const ending = await execute(installation, verdict, ports, memoryJournal())
    expect(ending).toMatchObject({
      receipt: { decision: 'PASS', outcome: 'SUCCEEDED', policy_results: [{ would: 'deny', remedy: 'smaller' }] }
    })
    expect(shelf.effects).toBe(1)
  })

  it('is enforced once an admin promotes it, and the receipt says that it was', async () => {
    const { verdict } = await judged('big', 'shadow', memoryFacts({ [PROMOTED]: ['no_big'] }))
    expect(verdict.decision).toBe('BLOCK')
    expect(verdict.results[0]).not.toHaveProperty('would')
    expect(verdict.facts).toEqual({ [PROMOTED]: ['no_big'] })
  })

  it('is enforced where nobody can tell whether it was promoted', async () => {
    const broken: Facts = {
      read: (_team, name) => (name === PROMOTED ? Promise.reject(new Error('D1 is away')) : Promise.resolve(undefined))
    }
    expect((await judged('big', 'shadow', broken)).verdict.decision).toBe('BLOCK')
    expect((await judged('small', 'shadow', broken)).verdict.decision).toBe('PASS')
  })

  it('cannot be put there by a fact: promotion of others, or any other value, loosens nothing', async () => {
    for (const value of [[], ['another'], 'no_big', { no_big: false }, null])
      expect((await judged('big', 'enforce', memoryFacts({ [PROMOTED]: value }))).verdict.decision).toBe('BLOCK')
  })

  it('makes another configuration', () => {
    const digests = (['enforce', 'shadow'] as const).map((mode) => toyInstallation(newShelf(), { policies: [noBig({}, { mode })] }).digest)
    expect(digests[0]).not.toBe(digests[1])
  })
})
