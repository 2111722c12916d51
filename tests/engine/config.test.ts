// What a configuration promises before the first request.
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { alertOn, allow, definePolicy, defineWorkflow, install, type TeamConfig } from '../../src/engine/index.ts'
import { newShelf, shelfConnector, stock } from './toy.ts'

const policy = (id: string, keys: string[], on?: string[]) =>
  definePolicy({
    id,
    title: id,
    params: z.strictObject({ limit: z.int().default(3) }),
    reads: z.object(Object.fromEntries(keys.map((key) => [key, z.string().optional()]))),
    ...(on ? { on } : {}),
    evaluate: () => allow('')
  })

const shelf = shelfConnector({ shelf: newShelf() })
const everything = policy('everything', [])
const config = (more: Partial<TeamConfig>): TeamConfig => ({
  connectors: [shelf],
  policies: [everything()],
  workflows: [stock],
  actions: ['put'],
  ...more
})
const blocks = () => alertOn({ id: 'blocks', title: 'Blocks', search: 'decision:block', severity: 'info' })
const start = (more: Partial<TeamConfig>) => install(config(more), nodeHash)

describe('a configuration refuses to start', () => {
  const odd = defineWorkflow({
    id: 'odd',
    title: 'Odd',
    payload: z.strictObject({}),
    uses: { elsewhere: shelfConnector.uses('put') },
    run: async () => {}
  })
  const cases: [string, Partial<TeamConfig>, RegExp][] = [
    ['with no policy', { policies: [] }, /empty policy list/],
    ['with a policy twice under one workflow id', { workflows: [stock, stock] }, /workflow `stock` is configured twice/],
    ['with an alert rule twice', { alerts: [blocks(), blocks()] }, /alert rule `blocks` is configured twice/],
    ['with a connector twice', { connectors: [shelf, shelf] }, /connector `shelf` is configured twice/],
    [
      'with a policy whose keys occur nowhere',
      { policies: [everything(), policy('blind', ['branch'])()] },
      /policy `blind` would never judge anything.*`branch`/
    ],
    [
      'with a policy on an action that nothing uses',
      { policies: [everything(), policy('misspelt', [], ['puts'])()] },
      /policy `misspelt` would never judge anything.*`puts`/
    ],
    ['with an action that does not exist', { actions: ['fly'] }, /action `fly` is listed/],
    ['with an action that only serves rollbacks', { actions: ['set_back'] }, /only serves rollbacks/],
    ['with a workflow that uses what is not configured', { workflows: [odd] }, /workflow `odd` uses `elsewhere.put`/]
  ]
  it.each(cases)('%s', (_name, more, message) => {
    expect(() => start(more)).toThrow(message)
    expect(() => start(more)).toThrow(expect.objectContaining({ code: 'misconfigured' }))
  })
  it('with a parameter that is not valid, naming it', () => {
    expect(() => everything({ limit: 1.5 })).toThrow(/policy `everything`: parameter `limit`/)
  })
  it('with an allow list that names an action which is not there', () => {
    expect(() => shelfConnector({ shelf: newShelf(), allowed_actions: ['fly' as never] })).toThrow(/there is no action `fly`/)
  })
})

describe('what judges what', () => {
  const onPut = policy('on_put', ['value'], ['put'])
  const onAll = policy('on_all', [], ['shelf.*'])
  const byNote = policy('by_note', ['note'])
  const byRole = policy('by_role', ['actor_role'])
  const both = policy('role_and_note', ['actor_role', 'note'])
  const installation = start({ policies: [everything(), onPut(), onAll(), byNote(), byRole(), both()], actions: ['put', 'get'] })
  const names = (policies: readonly { id: string }[]) => policies.map(({ id }) => id)
  it('a request is judged by the policies without `on`, and by those on an action that its workflow declares, if they can read it', () => {
    expect(names(installation.requestPolicies('stock'))).toEqual(['everything', 'on_all', 'by_note', 'by_role', 'role_and_note'])
    expect(names(installation.requestPolicies('put'))).toEqual(['everything', 'on_put', 'on_all', 'by_role'])
    expect(names(installation.requestPolicies('get'))).toEqual(['everything', 'on_all', 'by_role'])
  })
  it('a call is judged by the policies that are on its action, and by no others', () => {
    expect(names(installation.callPolicies(installation.target('shelf', 'put')!))).toEqual(['on_put', 'on_all'])
    expect(names(installation.callPolicies(installation.target('shelf', 'get')!))).toEqual(['on_all'])
  })
  it('a policy on `system.writes` guards every action that changes something, and no reading', () => {
    const writes = start({ policies: [everything(), policy('writes', ['key'], ['shelf.writes'])()], actions: ['put', 'get'] })
    expect(names(writes.requestPolicies('put'))).toContain('writes')
    expect(names(writes.requestPolicies('get'))).not.toContain('writes')
  })
  it('a policy bound elsewhere guards that instead', () => {
    const bound = start({ policies: [everything(), onPut({}, { on: ['put_keyed'] })], actions: ['put', 'put_keyed'] })
    expect(names(bound.requestPolicies('put'))).toEqual(['everything'])
    expect(names(bound.requestPolicies('put_keyed'))).toEqual(['everything', 'on_put'])
  })
})

describe('the configuration digest', () => {
  const digest = (more: Partial<TeamConfig>) => start(more).digest
  it('is the same for the same configuration and another for every change that could change a verdict', () => {
    expect(digest({})).toBe(digest({}))
    const variants = [
      {},
      { policies: [everything({ limit: 4 })] },
      { policies: [everything(), policy('two', [])()] },
      { actions: [] },
      { actions: ['put', 'get'] },
      { workflows: [] },
      { connectors: [shelfConnector.off('X')] },
      { connectors: [shelfConnector({ shelf: newShelf(), allowed_actions: ['put'] })] }
    ]
    expect(new Set(variants.map(digest)).size).toBe(variants.length)
  })
})

it('alerts change no verdict: the digest is the same with and without them', () => {
  expect(start({ alerts: [blocks()] }).digest).toBe(start({}).digest)
  expect([start({}).alerts, start({ alerts: [] }).alerts]).toEqual([null, []])
})
