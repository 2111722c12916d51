// post_slack_message from the request to the signed receipt and back, over the fake Slack.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { slack } from '../../src/connectors/index.ts'
import type { JsonObject, Policy, Receipt } from '../../src/engine/index.ts'
import { EnactClient } from '../../src/node.ts'
import { blockDms, noBulkChannelBlast, noDmExternalUsers, requireChannelAllowlist } from '../../src/policies/index.ts'
import { postSlackMessage } from '../../src/workflows/post_slack_message.ts'
import { startSlack, type SlackFake } from '../fakes/slack/index.ts'

let fake: SlackFake
let enact: EnactClient

beforeEach(async () => {
  fake = await startSlack()
  enact = clientWith([noBulkChannelBlast(), noDmExternalUsers()])
})
afterEach(async () => {
  await fake.close()
  fake.verify()
})

function clientWith(policies: readonly Policy[], more: { channels?: string[] } = {}): EnactClient {
  return new EnactClient({
    systems: { slack: slack({ token: fake.token, api_url: fake.url, ...more }) },
    policies,
    workflows: [postSlackMessage],
    secret: 'the tests may know this secret of 32+'
  })
}

const post = (payload: JsonObject, client = enact) =>
  client.run({ workflow: 'post_slack_message', user_email: 'agent@company.com', payload: { text: 'Release 1.2', ...payload } })
const lines = (receipt: Receipt) => receipt.actions_taken.map(({ action, status }) => `${action} ${status}`)
const refusals = (receipt: Receipt) => receipt.policy_results.filter(({ passed }) => !passed).map(({ policy }) => policy)

describe('a message', () => {
  test('goes to the channel of that name, with a receipt that says where, and is taken back', async () => {
    const { result, receipt } = await post({ channel: '#releases' })
    expect(result).toMatchObject({ success: true, decision: 'PASS', outcome: 'SUCCEEDED' })
    expect(lines(receipt)).toEqual(['resolve_channel DONE', 'post_message DONE'])
    const [message] = fake.world.messages
    expect(message).toMatchObject({ channel: 'C0RELEASE', text: 'Release 1.2', bot_id: 'B0ENACT00' })
    expect(receipt.actions_taken[1]).toMatchObject({
      output: { channel: 'C0RELEASE', ts: message!.ts },
      rollback_data: { action: 'retract_message', input: { channel: 'C0RELEASE', ts: message!.ts } },
      resources: [expect.stringMatching(/^slack\/C0RELEASE\/new\/[0-9a-f]{16}$/)]
    })
    expect(receipt.facts['slack.resolve_channel']).toMatchObject({ success: true, output: { id: 'C0RELEASE', kind: 'channel' } })
    expect((await enact.verify(receipt)).valid).toBe(true)
    expect(JSON.stringify(receipt)).not.toContain(fake.token)

    const undone = await enact.rollback(receipt.run_id)
    expect(undone.result).toMatchObject({ success: true, outcome: 'SUCCEEDED' })
    expect(fake.world.messages).toEqual([])
  })

  test('to a person of the house is a direct message', async () => {
    expect((await post({ channel: 'ada@house.example' })).result).toMatchObject({ success: true })
    expect(fake.world.messages[0]).toMatchObject({ channel: 'D0ADA0000' })
  })

  test('whose answer was lost is found by its mark: the receipt says DONE, and it is there once', async () => {
    fake.trouble('chat.postMessage', { kind: 'reset', when: 'after' })
    const { result, receipt } = await post({ channel: 'releases' })
    expect(result).toMatchObject({ success: true, outcome: 'SUCCEEDED' })
    expect(lines(receipt)).toEqual(['resolve_channel DONE', 'post_message DONE'])
    expect(fake.world.messages).toHaveLength(1)
    expect((await enact.rollback(receipt.run_id)).result).toMatchObject({ success: true })
    expect(fake.world.messages).toEqual([])
  })

  test('that somebody has answered stays, and the rollback says CONFLICT', async () => {
    const { receipt } = await post({ channel: 'releases' })
    fake.world.say('C0RELEASE', 'great', { thread_ts: fake.world.messages[0]!.ts })
    const undone = await enact.rollback(receipt.run_id)
    expect(undone.receipt.actions_taken[0]).toMatchObject({ status: 'CONFLICT' })
    expect(fake.world.messages).toHaveLength(2)
  })

  test('to a channel that is not there ends before any effect, and says so', async () => {
    const { result, receipt } = await post({ channel: 'nowhere' }, clientWith([noBulkChannelBlast()]))
    expect(result).toMatchObject({ success: false, outcome: 'FAILED' })
    expect(receipt.actions_taken[0]).toMatchObject({ status: 'FAILED', error: { code: 'channel_not_found' } })
    expect(fake.effects).toEqual([])
  })
})

describe('policies judge where it goes', () => {
  test.each<[JsonObject, string]>([
    [{ channel: '@eve' }, 'no_dm_external_users'],
    [{ channel: 'eve@other.example' }, 'no_dm_external_users'],
    [{ channel: 'G0GROUP00' }, 'no_dm_external_users'],
    [{ channel: '@gus' }, 'no_dm_external_users'],
    [{ channel: 'with-other' }, 'no_dm_external_users'],
    [{ channel: 'nowhere' }, 'no_dm_external_users'],
    [{ channel: 'releases', text: 'hi <!here>' }, 'no_bulk_channel_blast'],
    [{ channel: 'releases', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'hi <!channel>' } }] }, 'no_bulk_channel_blast']
  ])('%j is blocked by %s without any effect', async (payload, policy) => {
    const { result, receipt } = await post(payload)
    expect([result.decision, refusals(receipt), receipt.actions_taken]).toEqual(['BLOCK', [policy], []])
    expect(fake.effects).toEqual([])
  })

  test('a channel that was renamed into a listed name between the look and the post is judged again', async () => {
    const client = clientWith([requireChannelAllowlist({ channels: ['releases'] })])
    // Judged as `releases`; by the time it is looked for in the run, the name belongs to another channel.
    let asked = 0
    const rename = () => {
      if (++asked < 2) return void fake.before('conversations.list', rename)
      fake.world.channel('C0RELEASE').name = 'releases-old'
      fake.world.channel('G0SECRET0').name = 'releases'
    }
    fake.before('conversations.list', rename)
    const { result, receipt } = await post({ channel: 'releases' }, client)
    // It is listed by that name now: what is judged is what is done, at the moment it is done.
    expect([result.decision, receipt.actions_taken.at(-1)!.output.channel]).toEqual(['PASS', 'G0SECRET0'])
    expect(receipt.facts).toMatchObject({ 'slack.resolve_channel': { output: { id: 'C0RELEASE' } } })
  })

  test('a listed name is not taken from the text, and an unlisted id that has it is let through', async () => {
    const client = clientWith([requireChannelAllowlist({ channels: ['releases'] }), blockDms()])
    expect((await post({ channel: 'C0RELEASE' }, client)).result.decision).toBe('PASS')
    expect((await post({ channel: '<#C0GENERAL|releases>' }, client)).result.decision).toBe('BLOCK')
    expect((await post({ channel: '@ada' }, client)).result.decision).toBe('BLOCK')
  })

  test('a channel outside the connector’s own list is blocked by those who must know it, and never written to', async () => {
    const { result } = await post(
      { channel: 'general' },
      clientWith([noBulkChannelBlast(), noDmExternalUsers()], { channels: ['C0RELEASE'] })
    )
    expect(result.decision).toBe('BLOCK')
    expect(fake.effects).toEqual([])
  })

  test('a policy that cannot ask Slack denies, and says why', async () => {
    fake.world.scopes.delete('users:read')
    const { receipt } = await post({ channel: 'U0ADA0000' })
    expect(receipt.policy_results.find(({ passed }) => !passed)).toMatchObject({
      policy: 'no_dm_external_users',
      reason: expect.stringContaining('lacks the scope `users:read`')
    })
  })
})

test.each([
  [{ channel: 'general', text: 'x' }, true],
  [{ channel: '@ada', text: 'x', thread_ts: '1700000000.000001', reply_broadcast: true }, true],
  [{ channel: 'general' }, false],
  [{ text: 'x' }, false],
  [{ channel: '', text: 'x' }, false],
  [{ channel: 'general', text: 'x', blocks: [{ type: 'image' }] }, false],
  [{ channel: 'general', text: 'x', username: 'Boss' }, false]
])('payload %j is accepted: %s', (payload, isAccepted) => {
  expect(postSlackMessage.payload.safeParse(payload).success).toBe(isAccepted)
})

test('it locks its message where the place is known, and nothing where it is only a name', () => {
  expect(postSlackMessage.resources({ channel: 'C0RELEASE', text: 'x' })).toEqual([expect.stringMatching(/^slack\/C0RELEASE\/new\//)])
  expect(postSlackMessage.resources({ channel: '#releases', text: 'x' })).toEqual([])
})
