// What Slack can answer besides success: each is a result with a code, says what is known of the effect, and tells no secret.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { slack } from '../../src/connectors/index.ts'
import { startSlack, type SlackFake, type Trouble } from '../fakes/slack/index.ts'
import { newCall, recoverAction, runAction } from './contract.ts'

const POST = 'chat.postMessage'
const message = { channel: 'C0RELEASE', text: 'Release 1.2 is out' }
const says = (error: string, more: object = {}): Trouble => ({ kind: 'answer', status: 200, body: { ok: false, error, ...more } })

describe('answers of Slack', () => {
  let fake: SlackFake
  beforeEach(async () => void (fake = await startSlack()))
  afterEach(async () => {
    await fake.close()
    fake.verify()
  })
  const system = () => slack({ token: fake.token, api_url: fake.url })
  const post = (call = newCall()) => runAction(system(), 'post_message', message, call)

  test.each<[string, object, string, string]>([
    ['missing_scope', { needed: 'chat:write', provided: 'users:read' }, 'missing_scope', '`chat:write`'],
    ['missing_scope', { needed: '<script>' }, 'missing_scope', 'the scope it needs'],
    ['not_in_channel', {}, 'not_in_channel', 'invite it'],
    ['channel_not_found', {}, 'channel_not_found', 'hides it from the bot'],
    ['is_archived', {}, 'is_archived', 'archived'],
    ['msg_too_long', {}, 'msg_too_long', 'too long'],
    [
      'invalid_blocks',
      { response_metadata: { messages: ['[ERROR] must be more than 0 characters [json-pointer:/blocks/0]'] } },
      'invalid_blocks',
      '/blocks/0'
    ],
    ['token_revoked', {}, 'token_revoked', 'revoked'],
    ['token_expired', {}, 'token_expired', 'expired'],
    ['invalid_auth', {}, 'invalid_auth', 'does not accept the token'],
    ['account_inactive', {}, 'account_inactive', 'gone'],
    ['restricted_action', {}, 'restricted_action', 'does not let'],
    ['some_new_word', {}, 'some_new_word', '`some_new_word`'],
    ['Not a word: \u001b[2J', {}, 'rejected', '`rejected`'],
    ['ratelimited', {}, 'rate_limited', '60 s']
  ])('`%s` %j to a post is %s, and nothing was posted', async (error, more, code, said) => {
    fake.trouble(POST, says(error, more))
    expect(await post()).toMatchObject({ kind: 'failed', code, effect: 'none', message: expect.stringContaining(said) })
    expect(fake.effects).toEqual([])
  })

  test.each<[string, Trouble, string]>([
    ['internal_error', says('internal_error'), 'internal_error'],
    ['fatal_error', says('fatal_error'), 'fatal_error'],
    ['a 503', { kind: 'error', when: 'before', status: 503 }, 'vendor_error'],
    ['a page of a proxy', { kind: 'answer', status: 200, body: '<html>hello</html>' }, 'vendor_error'],
    ['JSON that is no answer', { kind: 'answer', status: 200, body: '[]' }, 'vendor_error'],
    ['nothing at all', { kind: 'answer', status: 200, body: '' }, 'vendor_error'],
    ['a broken connection', { kind: 'reset', when: 'before' }, 'unreachable']
  ])('after %s nobody claims to know whether it was posted', async (_what, trouble, code) => {
    fake.trouble(POST, trouble)
    expect(await post()).toMatchObject({ kind: 'failed', code, effect: 'unknown' })
  })

  test.each<[string, Trouble, string]>([
    ['its own last word', says('internal_error'), 'not_done'],
    ['a gateway', { kind: 'error', when: 'before', status: 502 }, 'unknown'],
    ['a broken connection', { kind: 'reset', when: 'before' }, 'unknown'],
    ['silence', { kind: 'hang', when: 'before' }, 'unknown']
  ])('a message that is not there after %s is %s', async (_what, trouble, kind) => {
    const call = newCall({ timeoutMs: 500 })
    fake.trouble(POST, trouble)
    await runAction(system(), 'post_message', message, call)
    expect(await recoverAction(system(), 'post_message', message, call)).toEqual({ kind })
    // And it is not sent a second time while the first may still arrive.
    const again = await runAction(system(), 'post_message', message, newCall({ notes: call.notes }))
    expect(again).toMatchObject(kind === 'unknown' ? { kind: 'failed', code: 'effect_unknown', effect: 'unknown' } : { kind: 'done' })
  })

  test.each([
    ['12', '12 s'],
    ['0.2', '1 s'],
    ['Wed, 21 Oct 2026 07:28:00 GMT', '60 s'],
    ['-1', '60 s'],
    ['1e300', '86400 s'],
    ['', '60 s']
  ])('a rate limit with Retry-After `%s` says to wait %s, and nobody sleeps', async (retryAfter, wait) => {
    fake.trouble(POST, { kind: 'answer', status: 429, headers: { 'retry-after': retryAfter }, body: 'slow down' })
    expect(await post()).toMatchObject({ code: 'rate_limited', effect: 'none', message: expect.stringContaining(wait) })
    expect(fake.requests.filter((method) => method === POST)).toHaveLength(1)
  })

  test.each([301, 302, 307, 308])('a redirect (%i) is not followed: the token is for the address that was asked', async (status) => {
    fake.trouble(POST, { kind: 'answer', status, headers: { location: 'http://169.254.169.254/latest' }, body: '' })
    expect(await post()).toMatchObject({ kind: 'failed', code: 'moved', effect: 'none' })
  })

  test.each([403, 404, 418])('an answer %i is a refusal', async (status) => {
    fake.trouble(POST, { kind: 'answer', status, body: 'no' })
    expect(await post()).toMatchObject({ kind: 'failed', code: 'rejected', effect: 'none' })
  })

  test.each<Trouble>([{ kind: 'error', when: 'before' }, { kind: 'reset', when: 'before' }, says('internal_error'), says('missing_scope')])(
    '%j to the look before a write is a failure without effect',
    async (trouble) => {
      fake.trouble('conversations.info', trouble)
      expect(await post()).toMatchObject({ kind: 'failed', effect: 'none' })
      expect(fake.requests).not.toContain(POST)
    }
  )

  test('a look that cannot read the history leaves the call unknown, never not done', async () => {
    const call = newCall()
    fake.trouble(POST, says('internal_error'))
    await post(call)
    fake.world.scopes.delete('channels:history')
    expect(await recoverAction(system(), 'post_message', message, call)).toEqual({ kind: 'unknown' })
    expect(await runAction(system(), 'post_message', message, newCall({ notes: call.notes }))).toMatchObject({ kind: 'failed' })
    expect(fake.effects).toEqual([])
  })

  test('what Slack says about a refusal is short, on one line, without the token, and in no log', async () => {
    const logged = [vi.spyOn(console, 'log'), vi.spyOn(console, 'warn'), vi.spyOn(console, 'error'), vi.spyOn(console, 'info')]
    const messages = [`no\u001b[2J\n${fake.token} ${'x'.repeat(5_000)}`, fake.token, 7]
    fake.trouble(POST, says('invalid_blocks', { response_metadata: { messages, warnings: ['superfluous_charset'] } }))
    const shown = JSON.stringify(await post())
    expect(shown).not.toContain(fake.token)
    expect(shown).not.toMatch(/\\u001b|\\n/)
    expect(shown.length).toBeLessThan(600)
    for (const spy of logged) expect(spy).not.toHaveBeenCalled()
  })

  test('a wrong token is said, without the token', async () => {
    const token = 'xoxb-wrong-and-secret'
    const result = await runAction(slack({ token, api_url: fake.url }), 'post_message', message)
    expect(result).toMatchObject({ kind: 'failed', code: 'invalid_auth', effect: 'none' })
    expect(JSON.stringify(result)).not.toContain(token)
  })
})

describe('without a Slack', () => {
  let server: Server
  const listen = async (handler: RequestListener) => {
    server = createServer(handler)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return slack({ token: 'xoxb-secret', api_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api` })
  }
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  test('a body that never ends is given up in time', async () => {
    const system = await listen(
      (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"ok":')
    )
    expect(await runAction(system, 'resolve_channel', { channel: 'C0RELEASE' }, newCall({ timeoutMs: 300 }))).toMatchObject({
      kind: 'failed',
      code: 'timed_out',
      effect: 'none'
    })
  })

  test('a port where nobody listens is unreachable', async () => {
    const system = await listen(() => undefined)
    await new Promise((resolve) => server.close(resolve))
    expect(await runAction(system, 'resolve_channel', { channel: 'C0RELEASE' })).toMatchObject({ kind: 'failed', code: 'unreachable' })
    server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
})
