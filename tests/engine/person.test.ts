// People: one spelling for one person, whoever asks for them; what a key says of its user wins.
import { describe, expect, it } from 'vitest'
import { memoryPeople } from '../../src/adapters/people/memory.ts'
import {
  addressKey,
  attributesOf,
  changedPerson,
  mergeAttributes,
  newPerson,
  PersonRecord,
  type JsonObject,
  type NewPerson
} from '../../src/engine/index.ts'

const person = (id: string, more: Partial<NewPerson> = {}) => newPerson(id, { email: `${id}@x.example`, roles: ['approver'], ...more })

describe('people in memory', () => {
  const people = memoryPeople([
    person('ann', { channels: [{ kind: 'slack', address: 'U0ANN0001' }], escalation_order: 2 }),
    person('ben', { escalation_order: 1 }),
    person('cleo', { escalation_order: 1 }),
    person('dan', { roles: ['lead'] })
  ])

  it('are found by every address in every spelling, and only approvers', async () => {
    for (const address of ['ann@x.example', 'ANN+cc@X.example', 'u0ann0001', ' ann@x.example '])
      expect((await people.find('t', address))?.person_id, address).toBe('ann')
    for (const address of ['dan@x.example', 'ann', '', 'ann@x.example@y.example'])
      expect(await people.find('t', address), address).toBeNull()
  })

  it('are asked in their order', async () => {
    const { first, escalation } = await people.approvers('t')
    expect([first, escalation].map((line) => line.map(({ person_id }) => person_id))).toEqual([['ben', 'cleo'], ['ann']])
  })
})

describe('a person', () => {
  it('is whole when what was left out is filled in, and has the shape that is stored', () => {
    expect(PersonRecord.parse(newPerson('ann', { email: 'ann@x.example' }))).toMatchObject({ roles: [], escalation_order: 0, name: null })
  })

  it('is never taken for a mailbox by a Slack id, nor the other way round', () => {
    expect(addressKey('u1@x.example')).not.toBe(addressKey('U1'))
    expect(addressKey('mail:x@x.example')).not.toBe(addressKey('x@x.example'))
  })

  it('who moves to another mailbox is not reached by the old one, unless an admin says so', () => {
    const slack = { kind: 'slack' as const, address: 'U0ANN0001' }
    const before = person('ann', {
      channels: [slack, { kind: 'mail', address: 'Ann+work@x.example' }, { kind: 'mail', address: 'other@x.example' }]
    })
    expect(changedPerson(before, { email: 'ann@y.example' }).channels.map(({ address }) => address)).toEqual([
      'U0ANN0001',
      'ann@y.example',
      'other@x.example'
    ])
    expect(changedPerson(before, { email: 'ann@y.example', channels: [slack] }).channels).toEqual([slack])
    expect(changedPerson(before, { name: 'Ann' })).toEqual({ ...before, name: 'Ann' })
  })

  const believed: [string, Partial<NewPerson>, JsonObject][] = [
    ['nothing but an address', { roles: [] }, {}],
    ['the role approver, which is no job', { roles: ['approver'] }, { roles: ['approver'] }],
    ['two jobs: the first counts', { roles: ['approver', 'lead', 'dev'] }, { role: 'lead', roles: ['approver', 'lead', 'dev'] }],
    ['a clearance of none', { roles: [], clearance_level: 0 }, { clearance_level: 0 }],
    ['attributes that say otherwise', { roles: ['dev'], attributes: { role: 'lead' } }, { role: 'lead', roles: ['dev'] }]
  ]
  it.each(believed)('with %s is believed to be just that', (_what, given, attributes) => {
    expect(attributesOf(person('ann', given))).toEqual(attributes)
  })

  const merged: [string, JsonObject, JsonObject, JsonObject][] = [
    ['other things', { role: 'dev', site: 'n' }, { team: 'x' }, { role: 'dev', site: 'n', team: 'x' }],
    ['the same thing', { site: 'n' }, { site: 's' }, { site: 's' }],
    ['the role', { role: 'lead', roles: ['lead'], actor_role: 'lead', site: 'n' }, { role: 'dev' }, { role: 'dev', site: 'n' }],
    ['the actor’s role', { role: 'lead', roles: ['lead'] }, { actor_role: 'bot' }, { actor_role: 'bot' }],
    ['the role: none', { role: 'lead' }, { role: null }, { role: null }]
  ]
  it.each(merged)('whose key says %s is what the key says', (_what, given, key, result) => {
    expect(mergeAttributes(given, key)).toEqual(result)
  })
})
