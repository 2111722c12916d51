// Messages, threads and direct messages in Slack: text stays text, the right message is found again, newer work is left alone.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { slack } from '../../src/connectors/index.ts'
import type { AnyAction, System } from '../../src/engine/connector.ts'
import type { JsonObject } from '../../src/engine/schema.ts'
import { startSlack, type SlackFake } from '../fakes/slack/index.ts'
import { inverseOf, newCall, outputOf, recoverAction, runAction, undo } from './contract.ts'

const channel = 'C0RELEASE'
let fake: SlackFake
let system: System
beforeEach(async () => {
  fake = await startSlack()
  system = slack({ token: fake.token, api_url: fake.url })
})
afterEach(async () => {
  await fake.close()
  fake.verify()
})

const post = (more: JsonObject = {}, call = newCall()) => runAction(system, 'post_message', { channel, text: 'Release 1.2', ...more }, call)
const last = () => fake.world.messages.at(-1)!
async function preview(name: string, input: JsonObject) {
  const action = system.actions[name] as AnyAction & { mutates: true }
  const { client } = await system.connect()
  return action.preview!(client as never, action.input.parse(input) as never, newCall())
}

describe('post_message', () => {
  test.each([
    ['<!channel> & <@U0ADA0000>', '&lt;!channel&gt; &amp; &lt;@U0ADA0000&gt;'],
    ['<https://evil.example|https://bank.example>', '&lt;https://evil.example|https://bank.example&gt;'],
    ['&lt;!here&gt;', '&amp;lt;!here&amp;gt;'],
    ['*bold* and a < b', '*bold* and a &lt; b']
  ])('the text %s is sent as text', async (text, sent) => {
    outputOf(await post({ text }))
    expect(last().text).toBe(sent)
  })

  test('an answer goes into its thread, is found there, and is taken back alone', async () => {
    const parent = fake.world.say(channel, 'How far are we?')
    const call = newCall()
    fake.trouble('chat.postMessage', { kind: 'reset', when: 'after' })
    const input = { channel, text: 'Done', thread_ts: parent.ts }
    expect(await runAction(system, 'post_message', input, call)).toMatchObject({ kind: 'failed', effect: 'unknown' })
    const seen = await recoverAction(system, 'post_message', input, call)
    expect(seen).toMatchObject({ kind: 'done', output: { channel, ts: last().ts, thread_ts: parent.ts } })
    const output = seen.kind === 'done' ? seen.output : {}
    expect((await undo(system, inverseOf(system, 'post_message', input, output))).kind).toBe('done')
    expect(fake.world.messages).toEqual([parent])
  })

  test("a thread's first message, which comes with every look, is not taken for an answer that says the same", async () => {
    const parent = fake.world.botSays(channel, 'Deployed')
    fake.world.now += 3_600
    const call = newCall()
    fake.trouble('chat.postMessage', { kind: 'answer', status: 200, body: { ok: false, error: 'internal_error' } })
    const input = { channel, text: 'Deployed', thread_ts: parent.ts }
    await runAction(system, 'post_message', input, call)
    expect(await recoverAction(system, 'post_message', input, call)).toEqual({ kind: 'not_done' })
  })

  test('an answer may be shown in the channel too, and one to a thread that is not there fails', async () => {
    const parent = fake.world.say(channel, 'How far are we?')
    outputOf(await post({ thread_ts: parent.ts, reply_broadcast: true }))
    expect(last()).toMatchObject({ thread_ts: parent.ts, is_broadcast: true })
    expect(await post({ thread_ts: '1700000000.000001' })).toMatchObject({ code: 'thread_not_found', effect: 'none' })
  })

  test('a person is written to in the direct message, which is named by its own id', async () => {
    const output = outputOf(await post({ channel: 'U0BOB0000' }))
    expect(output).toMatchObject({ channel: 'D0BOB0000' })
    const call = newCall()
    fake.trouble('chat.postMessage', { kind: 'reset', when: 'after' })
    await post({ channel: 'U0ADA0000' }, call)
    expect(await recoverAction(system, 'post_message', { channel: 'U0ADA0000', text: 'Release 1.2' }, call)).toMatchObject({
      kind: 'done',
      output: { channel: 'D0ADA0000' }
    })
  })

  test.each([
    ['C0OLD0000', 'is_archived'],
    ['C0QUIET00', 'not_in_channel'],
    ['C0NOWHERE', 'channel_not_found']
  ])('into %s it is %s, without effect', async (to, code) => {
    expect(await post({ channel: to })).toMatchObject({ kind: 'failed', code, effect: 'none' })
    expect(fake.effects).toEqual([])
  })

  test('on an allow list a person and their direct message are both needed', async () => {
    const on = (channels: string[]) => slack({ token: fake.token, api_url: fake.url, channels })
    const write = (list: string[]) => runAction(on(list), 'post_message', { channel: 'U0BOB0000', text: 'x' })
    expect(await write(['U0BOB0000'])).toMatchObject({ code: 'channel_not_allowed', effect: 'none' })
    expect((await write(['U0BOB0000', 'D0BOB0000'])).kind).toBe('done')
  })

  test("after a crash before the request nothing was sent, and somebody else's equal mark or words are not taken for ours", async () => {
    expect(await recoverAction(system, 'post_message', { channel, text: 'x' }, newCall())).toEqual({ kind: 'not_done' })
    const call = newCall()
    fake.trouble('chat.postMessage', { kind: 'answer', status: 200, body: { ok: false, error: 'internal_error' } })
    await post({}, call)
    const mark = call.idempotencyKey.replace(/[^A-Za-z0-9]+/g, '-')
    fake.world.say(channel, 'Release 1.2', {
      bot_id: 'B0OTHER00',
      metadata: { event_type: 'enact_call', event_payload: { mark, posted: mark } }
    })
    expect(await recoverAction(system, 'post_message', { channel, text: 'Release 1.2' }, call)).toEqual({ kind: 'not_done' })
    fake.world.botSays(channel, 'Release 1.2', {
      metadata: { event_type: 'enact_call', event_payload: { mark: 'other', posted: 'other' } }
    })
    expect(await recoverAction(system, 'post_message', { channel, text: 'Release 1.2' }, call)).toEqual({ kind: 'not_done' })
    fake.world.botSays(channel, 'Release 1.2')
    expect(await recoverAction(system, 'post_message', { channel, text: 'Release 1.2' }, call)).toEqual({ kind: 'unknown' })
  })

  test('ours is found among many, and a channel in which too much was said since is not read for ever', async () => {
    const call = newCall()
    fake.trouble('chat.postMessage', { kind: 'reset', when: 'after' })
    await post({}, call)
    const { ts } = last()
    for (let i = 0; i < 900; i++) fake.world.say(channel, `noise ${i}`)
    const look = () => recoverAction(system, 'post_message', { channel, text: 'Release 1.2' }, call)
    expect(await look()).toMatchObject({ kind: 'done', output: { ts } })
    for (let i = 0; i < 200; i++) fake.world.say(channel, `more noise ${i}`)
    fake.requests.length = 0
    expect(await look()).toEqual({ kind: 'unknown' })
    expect(fake.requests.filter((method) => method === 'conversations.history')).toHaveLength(5)
  })

  test('what was said long before the call is not looked at', async () => {
    for (let i = 0; i < 1_200; i++) fake.world.say(channel, `old ${i}`)
    fake.world.now += 3_600
    const call = newCall()
    fake.trouble('chat.postMessage', { kind: 'answer', status: 200, body: { ok: false, error: 'internal_error' } })
    await post({}, call)
    expect(await recoverAction(system, 'post_message', { channel, text: 'Release 1.2' }, call)).toEqual({ kind: 'not_done' })
  })

  test('a preview says where it goes and who reads it, and posts nothing', async () => {
    expect(await preview('post_message', { channel: 'C0SHARED0', text: 'x' })).toEqual({
      kind: 'done',
      output: { channel: 'C0SHARED0', name: 'with-other', kind: 'channel', is_ext_shared: true, members: 'at most 10', externals: [] }
    })
    expect(await preview('post_message', { channel: 'U0EVE0000', text: 'x' })).toMatchObject({
      output: { kind: 'im', user: { name: 'eve', is_external: true } }
    })
    expect(await preview('post_message', { channel: 'C0OLD0000', text: 'x' })).toMatchObject({ kind: 'failed', code: 'is_archived' })
    expect([fake.effects, fake.requests.includes('conversations.open')]).toEqual([[], false])
  })

  test('agents that say different things in one channel lock different places, and the channel holds them all', () => {
    const of = (text: string) => system.actions.post_message!.resources({ channel, text } as never)[0]!
    expect(of('a')).not.toBe(of('b'))
    expect(of('a')).toBe(of('a'))
    expect(of('a').startsWith(`slack/${channel}/`)).toBe(true)
  })
})

describe('taking a message back', () => {
  const posted = async () => {
    const output = outputOf(await post())
    return { output, message: last(), back: () => undo(system, inverseOf(system, 'post_message', {}, output)) }
  }

  test('one that was edited since stays', async () => {
    const { message, back } = await posted()
    Object.assign(message, { text: 'Release 1.3', edited: { user: 'U0ENACT00', ts: fake.world.stamp() } })
    expect(await back()).toMatchObject({ kind: 'conflict' })
  })

  test('one that another call of ours has changed stays', async () => {
    const { output, back } = await posted()
    outputOf(
      await runAction(system, 'update_message', { channel, ts: output.ts!, text: 'Release 1.3' }, newCall({ idempotencyKey: 'other/0' }))
    )
    expect(await back()).toMatchObject({ kind: 'conflict' })
  })

  test('one that only the bot itself has answered goes, the newest first', async () => {
    const { output, back } = await posted()
    const input = { channel, text: 'More', thread_ts: output.ts! }
    const reply = outputOf(await runAction(system, 'post_message', input, newCall({ idempotencyKey: 'run/1' })))
    expect((await undo(system, inverseOf(system, 'post_message', input, reply))).kind).toBe('done')
    expect((await back()).kind).toBe('done')
    expect(fake.world.messages).toEqual([])
  })

  test('the stone that is left of a deleted message with answers counts as gone', async () => {
    const { message, back } = await posted()
    fake.world.say(channel, 'thanks', { thread_ts: message.ts })
    fake.world.delete(message)
    expect(await back()).toMatchObject({ kind: 'already', what: 'deleted' })
  })

  test('where messages cannot be read, nothing is deleted', async () => {
    const { back } = await posted()
    fake.world.scopes.delete('channels:history')
    expect(await back()).toMatchObject({ kind: 'failed', code: 'missing_scope', effect: 'none' })
    expect(fake.world.messages).toHaveLength(1)
  })
})

describe('update_message and delete_message', () => {
  const BUTTONS = [{ type: 'actions', elements: [{ type: 'button', action_id: 'approve', text: { type: 'plain_text', text: 'Approve' } }] }]

  test("somebody else's message is not touched", async () => {
    const { ts } = fake.world.say(channel, 'mine')
    expect(await runAction(system, 'update_message', { channel, ts, text: 'x' })).toMatchObject({
      code: 'cant_update_message',
      effect: 'none'
    })
    expect(await runAction(system, 'delete_message', { channel, ts })).toMatchObject({ code: 'cant_delete_message', effect: 'none' })
    expect(fake.effects).toEqual([])
  })

  test('what asks people for an approval is neither changed nor removed by an agent', async () => {
    const { ts } = fake.world.botSays('D0ADA0000', 'Approve a deletion?', { blocks: BUTTONS })
    for (const [name, more] of [
      ['update_message', { text: 'Approve nothing?' }],
      ['delete_message', {}]
    ] as const)
      expect(await runAction(system, name, { channel: 'D0ADA0000', ts, ...more })).toMatchObject({
        kind: 'failed',
        code: 'asks_people',
        effect: 'none'
      })
    expect(fake.effects).toEqual([])
  })

  test('a message that is not there is a failure, or deleted already', async () => {
    const ts = '1700000000.000001'
    expect(await runAction(system, 'update_message', { channel, ts, text: 'x' })).toMatchObject({
      code: 'message_not_found',
      effect: 'none'
    })
    expect(await runAction(system, 'delete_message', { channel, ts })).toMatchObject({ kind: 'already', what: 'deleted' })
  })

  test('new text without blocks takes the old blocks away: what was judged is all there is', async () => {
    const { ts } = fake.world.botSays(channel, 'Building', { blocks: [{ type: 'header', text: { type: 'plain_text', text: 'Building' } }] })
    outputOf(await runAction(system, 'update_message', { channel, ts, text: 'a < b' }))
    expect(last()).toMatchObject({ text: 'a &lt; b' })
    expect(last().blocks).toBeUndefined()
  })

  test("another program's metadata stays, and the change is undone all the same", async () => {
    const metadata = { event_type: 'task_created', event_payload: { id: 'TK-1' } }
    const message = fake.world.botSays(channel, 'Task', { metadata })
    const before = fake.world.snapshot()
    const input = { channel, ts: message.ts, text: 'Task, done' }
    const call = newCall()
    const output = outputOf(await runAction(system, 'update_message', input, call))
    expect(message).toMatchObject({ text: 'Task, done', metadata })
    // Without a mark nobody can tell whose change it was.
    expect(await recoverAction(system, 'update_message', input, call)).toEqual({ kind: 'unknown' })
    expect((await undo(system, inverseOf(system, 'update_message', input, output))).kind).toBe('done')
    expect(fake.world.snapshot()).toEqual(before)
  })

  test('a message that was posted and then changed by us is still known as posted', async () => {
    const call = newCall()
    const { ts } = outputOf(await post({}, call))
    outputOf(await runAction(system, 'update_message', { channel, ts: ts!, text: 'Release 1.3' }, newCall({ idempotencyKey: 'other/0' })))
    expect(await recoverAction(system, 'post_message', { channel, text: 'Release 1.2' }, call)).toMatchObject({
      kind: 'done',
      output: { ts }
    })
  })

  test('a change whose message was deleted since cannot be set back, and says so', async () => {
    const message = fake.world.botSays(channel, 'Building')
    const input = { channel, ts: message.ts, text: 'Built' }
    const output = outputOf(await runAction(system, 'update_message', input))
    fake.world.delete(message)
    expect(await undo(system, inverseOf(system, 'update_message', input, output))).toMatchObject({ kind: 'conflict' })
  })

  test('previews show what stands there now', async () => {
    const { ts } = fake.world.botSays(channel, 'Building')
    expect(await preview('update_message', { channel, ts, text: 'Built' })).toMatchObject({ output: { before: { text: 'Building' } } })
    expect(await preview('delete_message', { channel, ts })).toMatchObject({ output: { text: 'Building', user: 'U0ENACT00' } })
    expect(fake.effects).toEqual([])
  })
})
