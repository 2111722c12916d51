// Messages in Slack through the real Worker: posted once, found again after a crash, judged by where they go, taken back.
import { abortAllDurableObjects, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { verifyReceipt, type Ports } from '../../src/engine/index.ts'
import type { Actor } from '../../src/http/host.ts'
import { idempotentRunId } from '../../src/http/run_id.ts'
import type { Trouble } from '../fakes/slack/index.ts'
import type { Method } from '../fakes/slack/methods.ts'
import { linksTo, makeTeam, submit } from './approval_parts.ts'
import { call, keys, type Answered } from './parts.ts'

const TOKEN = 'xoxb-FakeTokenOfTheTestsThatMustNeverShow'
let house: Awaited<ReturnType<typeof makeTeam>>

beforeAll(async () => {
  house = await makeTeam('talkers')
})

interface Seen {
  readonly messages: readonly { readonly channel: string; readonly ts: string; readonly text: string }[]
  readonly requests: readonly string[]
  readonly violations: readonly string[]
}
const control = async (order: { trouble?: [Method, Trouble] } = {}): Promise<Seen> => {
  const address = inject('slackUrl').replace(/\/api$/, '/control')
  return (await fetch(address, { method: 'POST', body: JSON.stringify(order) })).json()
}
const said = async (text: string) => (await control()).messages.filter((message) => message.text === text)

const run = (
  workflow: string,
  payload: Record<string, unknown>,
  more: Record<string, unknown> = {},
  headers: Record<string, string> = {}
) => call('POST', '/runs', { key: house.agent, body: { workflow, user_email: 'agent@talkers.example', payload, ...more }, headers })
const post = (text: string, channel = '#releases', more: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  run('post_slack_message', { channel, text, ...more }, {}, headers)
const linesOf = ({ json }: Answered) =>
  json.receipt.actions_taken.map(({ action, status }: { action: string; status: string }) => `${action} ${status}`)

describe('post_slack_message', () => {
  it('posts, has a receipt that verifies, and is rolled back', async () => {
    const answer = await post('edge: first')
    expect(answer.json, answer.text).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED' })
    expect(linesOf(answer)).toEqual(['resolve_channel DONE', 'post_message DONE'])
    expect(await said('edge: first')).toMatchObject([{ channel: 'C0RELEASE', ts: answer.json.output.post_message.ts }])
    expect(await verifyReceipt(answer.json.receipt, await keys.team('talkers'), nodeHash)).toMatchObject({ valid: true })
    expect(answer.text).not.toContain(TOKEN)

    const path = `/runs/${answer.json.run_id}/rollback`
    const dry = await call('POST', path, { key: house.agent, body: { dry_run: true } })
    expect(dry.json.receipt.actions_taken[0]).toMatchObject({ status: 'SKIPPED', output: { would: 'REVERTED' } })
    expect(await said('edge: first')).toHaveLength(1)
    expect((await call('POST', path, { key: house.agent })).json).toMatchObject({ outcome: 'SUCCEEDED' })
    expect(await said('edge: first')).toEqual([])
  })

  it('whose answer is lost after the post is found by its mark', async () => {
    await control({ trouble: ['chat.postMessage', { kind: 'reset', when: 'after' }] })
    const answer = await post('edge: lost')
    expect(answer.json, answer.text).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED' })
    expect(linesOf(answer)).toEqual(['resolve_channel DONE', 'post_message DONE'])
    expect(await said('edge: lost')).toHaveLength(1)
    await call('POST', `/runs/${answer.json.run_id}/rollback`, { key: house.agent })
    expect(await said('edge: lost')).toEqual([])
  })

  it('whose object dies after the post goes on, and posts nothing a second time', async () => {
    await control({ trouble: ['chat.postMessage', { kind: 'hang', when: 'after' }] })
    const [, , api_key_id = ''] = house.agent.split('_')
    const run_id = await idempotentRunId({ team_id: 'talkers', api_key_id } as Actor, 'crash', { keys, hash: nodeHash } as unknown as Ports)
    const cut = post('edge: crashed', '#releases', {}, { 'idempotency-key': 'crash' }).catch(() => null)
    await vi.waitFor(async () => expect(await said('edge: crashed')).toHaveLength(1), 8_000)
    await abortAllDurableObjects()
    await cut
    const stub = env.RUNS.get(env.RUNS.idFromName(`talkers/${run_id}`))
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    const { json } = await call('GET', `/runs/${run_id}?wait=20`, { key: house.agent })
    expect(json).toMatchObject({ status: 'DONE', decision: 'PASS', outcome: 'SUCCEEDED' })
    const [message, ...more] = await said('edge: crashed')
    expect(more).toEqual([])
    expect(json.receipt.actions_taken[1]).toMatchObject({
      status: 'DONE',
      output: { ts: message!.ts },
      rollback_data: { action: 'retract_message' }
    })
    expect((await call('POST', `/runs/${run_id}/rollback`, { key: house.agent })).json).toMatchObject({ outcome: 'SUCCEEDED' })
    expect(await said('edge: crashed')).toEqual([])
  })

  it('is blocked where it would reach outsiders or call everybody', async () => {
    for (const [channel, text, policy] of [
      ['@eve', 'edge: to eve', 'no_dm_external_users'],
      ['with-other', 'edge: to others', 'no_dm_external_users'],
      ['#releases', 'edge: <!channel>', 'no_bulk_channel_blast'],
      ['#releases', 'edge: hi @here', 'no_bulk_channel_blast']
    ] as const) {
      const { json } = await post(text, channel)
      const refused = json.receipt.policy_results.filter(({ passed }: { passed: boolean }) => !passed)
      expect([json.decision, json.outcome, refused.map((one: { policy: string }) => one.policy)]).toEqual(['BLOCK', 'NONE', [policy]])
      expect(refused[0].remedy).not.toBe('')
    }
    expect((await control()).messages.filter(({ text }) => /to eve|to others|channel>|@here/.test(text))).toEqual([])
  })

  it('with the same idempotency key is posted once', async () => {
    const [one, two] = [
      await post('edge: once', '#releases', {}, { 'idempotency-key': 'slack-once' }),
      await post('edge: once', '#releases', {}, { 'idempotency-key': 'slack-once' })
    ]
    expect(two.json.run_id).toBe(one.json.run_id)
    expect(await said('edge: once')).toHaveLength(1)
  })
})

describe('single actions', () => {
  it('a change is undone, a deletion is asked about with what would go, and says that it cannot be undone', async () => {
    const { json: posted } = await post('edge: draft')
    const { channel, ts } = posted.output.post_message
    const updated = await run('update_message', { channel, ts, text: 'edge: final' })
    expect(updated.json, updated.text).toMatchObject({ outcome: 'SUCCEEDED' })
    expect((await call('POST', `/runs/${updated.json.run_id}/rollback`, { key: house.agent })).json).toMatchObject({ outcome: 'SUCCEEDED' })
    expect(await said('edge: draft')).toHaveLength(1)

    const held = await run('delete_message', { channel, ts }, { notify_email: house.ann })
    expect(held.status, held.text).toBe(202)
    const { approve } = await linksTo(house.ann, held.json.hitl_id)
    expect((await call('GET', approve, { headers: { accept: 'text/html' } })).text).toContain('edge: draft')
    await submit(approve)
    const { json } = await call('GET', `/runs/${held.json.run_id}?wait=20`, { key: house.agent })
    expect(json).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED' })
    expect(json.receipt.actions_taken[0]).toMatchObject({
      action: 'delete_message',
      rollback_data: 'irreversible',
      output: { text: 'edge: draft' }
    })
    expect(await said('edge: draft')).toEqual([])
  })

  it('a channel is resolved for whoever asks, with no token in sight', async () => {
    const { json, text } = await run('resolve_channel', { channel: 'with-other' })
    expect(json.output.resolve_channel).toMatchObject({ id: 'C0SHARED0', is_ext_shared: true })
    expect(text).not.toContain(TOKEN)
    expect((await call('GET', '/policies', { key: house.agent })).text).not.toContain(TOKEN)
  })
})

it('asked nothing that Slack would refuse', async () => {
  expect((await control()).violations).toEqual([])
})
