// `guard`: nothing runs before the verdict, everything that ran is in the receipt, and no answer is no PASS.
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { guard, NotAllowed } from '../../src/integrations/guard.ts'
import { allow, definePolicy, deny, EnactClient, type JsonObject } from '../../src/node.ts'
import { newShelf, SECRET, shelfConnector } from '../engine/toy.ts'

const notSecret = definePolicy({
  id: 'not_secret',
  title: 'Not the secret',
  params: z.strictObject({}),
  reads: z.strictObject({ key: z.string().optional() }),
  evaluate: ({ reads }) => (reads.key === 'secret' ? deny('`secret` is not touched', { remedy: 'take another key' }) : allow('fine'))
})

const client = () =>
  new EnactClient({
    systems: { shelf: shelfConnector({ shelf: newShelf() }) },
    policies: [notSecret()],
    actions: ['put'],
    secret: SECRET,
    allowInsecureSecret: true
  })

function guarded(enact: EnactClient | { decide(): Promise<never>; reportOutcome(): Promise<void> }, run: (key: string) => unknown) {
  let runs = 0
  const put = guard(
    {
      enact,
      user_email: 'agent@company.com',
      action: 'put',
      input: (key: string): JsonObject => ({ key, value: 'v' }),
      rollback: () => 'irreversible'
    },
    (key: string) => {
      runs++
      return run(key)
    }
  )
  return { put, runs: () => runs }
}

const only = async (enact: EnactClient) => (await enact.receipts.list('local', { limit: 50 })).data[0]!

describe('guard', () => {
  it('runs what passes and puts what it returned into the receipt', async () => {
    const enact = client()
    const { put } = guarded(enact, (key) => ({ stored: key }))
    expect(await put('a')).toEqual({ stored: 'a' })
    expect(await only(enact)).toMatchObject({
      mode: 'observed',
      outcome: 'SUCCEEDED',
      actions_taken: [{ action: 'put', output: { stored: 'a' }, rollback_data: 'irreversible' }]
    })
  })

  it('does not run what is blocked, and tells the model why and what would be allowed', async () => {
    const enact = client()
    const { put, runs } = guarded(enact, () => 'never')
    await expect(put('secret')).rejects.toThrow(NotAllowed)
    await expect(put('secret')).rejects.toThrow(/`secret` is not touched \(take another key\)/)
    expect(runs()).toBe(0)
    expect(await only(enact)).toMatchObject({ decision: 'BLOCK', outcome: 'NONE' })
  })

  it('passes on what the function throws, and the receipt says FAILED', async () => {
    const enact = client()
    const { put } = guarded(enact, () => Promise.reject(new Error('the shelf is full')))
    await expect(put('a')).rejects.toThrow('the shelf is full')
    expect(await only(enact)).toMatchObject({ outcome: 'FAILED', actions_taken: [{ error: { message: 'the shelf is full' } }] })
  })

  it('runs nothing where the gate does not answer', async () => {
    const { put, runs } = guarded({ decide: () => Promise.reject(new Error('away')), reportOutcome: async () => undefined }, () => 'never')
    await expect(put('a')).rejects.toThrow('away')
    expect(runs()).toBe(0)
  })

  it.each([
    [undefined, {}],
    [7, { result: 7 }],
    [[1], { result: [1] }],
    [10n, { result: '[unserializable bigint]' }]
  ])('reports %s as JSON', async (value, output) => {
    const enact = client()
    await guarded(enact, () => value).put('a')
    expect((await only(enact)).actions_taken[0]!.output).toEqual(output)
  })
})
