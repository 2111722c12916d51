// Where a message goes in Slack: one place, or a clear answer why not, and who is there.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { slack } from '../../src/connectors/index.ts'
import type { System } from '../../src/engine/connector.ts'
import type { JsonObject } from '../../src/engine/schema.ts'
import { startSlack, type SlackFake } from '../fakes/slack/index.ts'
import { outputOf, runAction } from './contract.ts'

let fake: SlackFake
let system: System
beforeEach(async () => {
  fake = await startSlack()
  system = slack({ token: fake.token, api_url: `${fake.url}/` })
})
afterEach(async () => {
  await fake.close()
  fake.verify()
})

const resolve = (channel: string, on: System = system) => runAction(on, 'resolve_channel', { channel })
const failsAs = async (channel: string, code: string, said = '') =>
  expect(await resolve(channel)).toMatchObject({ kind: 'failed', code, effect: 'none', message: expect.stringContaining(said) })

describe('resolve_channel', () => {
  test.each(['general', '#general', ' #General ', 'C0GENERAL', '<#C0GENERAL>', '<#C0GENERAL|any-name>'])(
    '%s is one and the same channel, with what policies need to know of it',
    async (text) => {
      expect(outputOf(await resolve(text))).toEqual({
        id: 'C0GENERAL',
        name: 'general',
        kind: 'channel',
        is_archived: false,
        is_member: true,
        is_shared: false,
        is_ext_shared: false,
        num_members: 5,
        user: null,
        externals: [],
        guests: []
      })
    }
  )

  test.each<[string, JsonObject]>([
    ['secret', { id: 'G0SECRET0', kind: 'private' }],
    ['with-other', { id: 'C0SHARED0', kind: 'channel', is_shared: true, is_ext_shared: true }],
    ['C0OLD0000', { is_archived: true }],
    ['G0GROUP00', { kind: 'mpim', externals: ['U0EVE0000'], guests: [] }],
    ['D0ADA0000', { id: 'D0ADA0000', kind: 'im', user: expect.objectContaining({ id: 'U0ADA0000', is_external: false }) as never }],
    ['U0ADA0000', { id: 'U0ADA0000', kind: 'im', is_ext_shared: false }],
    [
      '<@U0EVE0000|ada>',
      { id: 'U0EVE0000', user: expect.objectContaining({ name: 'eve', is_external: true, team_id: 'T0OTHER00' }) as never }
    ],
    ['@eve', { id: 'U0EVE0000', is_ext_shared: true }],
    ['@gus', { user: expect.objectContaining({ is_guest: true, is_external: false }) as never }],
    ['ADA@house.example', { id: 'U0ADA0000' }]
  ])('%s is %j', async (text, shown) => {
    expect(outputOf(await resolve(text))).toMatchObject(shown)
  })

  test('a channel that another company is only invited to is shared already', async () => {
    fake.world.add({ id: 'C0PENDING', name: 'pending', is_pending_ext_shared: true, is_member: true, members: [] })
    expect(outputOf(await resolve('pending'))).toMatchObject({ is_ext_shared: true })
  })

  test('somebody of another workspace of the same organisation is no outsider', async () => {
    fake.world.enterprise_id = 'E0HOUSE00'
    fake.world.users.set('U0GRID000', {
      id: 'U0GRID000',
      name: 'grid',
      team_id: 'T0SISTER0',
      enterprise_user: { enterprise_id: 'E0HOUSE00' }
    })
    fake.world.users.set('U0ALIEN00', {
      id: 'U0ALIEN00',
      name: 'alien',
      team_id: 'T0SISTER1',
      enterprise_user: { enterprise_id: 'E0OTHER00' }
    })
    expect(outputOf(await resolve('@grid'))).toMatchObject({ user: { is_external: false } })
    expect(outputOf(await resolve('@alien'))).toMatchObject({ user: { is_external: true } })
  })

  test.each([
    ['nowhere', 'channel_not_found', '`nowhere`'],
    ['old', 'channel_not_found', 'not archived'],
    ['@nobody', 'user_not_found', '`@nobody`'],
    ['nobody@house.example', 'user_not_found', 'by the address'],
    ['C0NOWHERE', 'channel_not_found', 'slack does not know'],
    ['U0NOBODY0', 'user_not_found', 'slack does not know'],
    ['general,random', 'invalid_channel', 'one name'],
    ['gen eral', 'invalid_channel', 'one name'],
    ['<!channel>', 'invalid_channel', 'one name'],
    ['<#C0GENERAL|a><#C0RELEASE|b>', 'invalid_channel', 'one name'],
    ['gen\u200beral', 'channel_not_found', ''],
    ['@ada@eve', 'invalid_channel', 'one name']
  ])('%s is a failure: %s', (text, code, said) => failsAs(text, code, said))

  test('a name is found on a later page, and one that two channels have is nobody’s', async () => {
    for (let i = 0; i < 1_200; i++) fake.world.add({ id: `C0FILL${i}`, name: `fill-${i}`, members: [] })
    fake.world.add({ id: 'C0LATE000', name: 'late', members: [] })
    expect(outputOf(await resolve('late'))).toMatchObject({ id: 'C0LATE000' })
    fake.world.add({ id: 'C0LATE001', name: 'late', is_ext_shared: true, members: [] })
    await failsAs('late', 'channel_ambiguous', 'by its id')
  })

  test('a list that does not end is given up, and the id still works', async () => {
    for (let i = 0; i < 10_010; i++) fake.world.add({ id: `C0FILL${i}`, name: `fill-${i}`, members: [] })
    await failsAs('fill-1', 'too_many_channels', 'by its id')
    expect(fake.requests.filter((method) => method === 'conversations.list')).toHaveLength(10)
    expect(outputOf(await resolve('C0FILL1'))).toMatchObject({ name: 'fill-1' })
  })

  test('without the scope for private channels the public ones are found all the same', async () => {
    fake.world.scopes.delete('groups:read')
    expect(outputOf(await resolve('general'))).toMatchObject({ id: 'C0GENERAL' })
    await failsAs('secret', 'channel_not_found')
    fake.world.scopes.delete('channels:read')
    await failsAs('general', 'missing_scope', '`channels:read`')
  })

  test('on an allow list of ids nothing else is told, by whatever name it is asked for', async () => {
    const strict = slack({ token: fake.token, api_url: fake.url, channels: ['C0GENERAL', 'U0ADA0000'] })
    expect((await resolve('#general', strict)).kind).toBe('done')
    expect((await resolve('@ada', strict)).kind).toBe('done')
    for (const other of ['releases', 'C0RELEASE', 'D0ADA0000', '@bob'])
      expect(await resolve(other, strict)).toMatchObject({ kind: 'failed', code: 'channel_not_allowed' })
  })

  test('a name is looked for once in a run, what it stands for is read each time', async () => {
    const action = system.actions.resolve_channel!
    const { client } = await system.connect()
    const ask = () =>
      action.run(client as never, { channel: 'general' } as never, {
        idempotencyKey: '',
        expect: null,
        timeoutMs: 5_000,
        notes: [],
        note: async () => undefined
      })
    await ask()
    fake.world.channel('C0GENERAL').is_ext_shared = true
    expect(await ask()).toMatchObject({ output: { is_ext_shared: true } })
    expect(fake.requests.filter((method) => method === 'conversations.list')).toHaveLength(1)
  })
})

test.each([
  [{ token: '' }, 'token'],
  [{ token: 'x', api_url: 'http://slack.com/api' }, 'api_url'],
  [{ token: 'x', api_url: 'https://user:pass@slack.com/api' }, 'api_url'],
  [{ token: 'x', channels: ['#general'] }, 'channels'],
  [{ token: 'x', allowed_actions: ['post'] }, 'post']
])('options %j are refused', (options, named) => {
  expect(() => slack(options as never)).toThrow(named)
})
