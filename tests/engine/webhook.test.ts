import { createHmac, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { callbackOf, isWanted, WEBHOOK_DATA, WebhookEvent, WebhookType } from '../../src/engine/webhook.ts'
import { signWebhook, verifyWebhook, webhookKeyPair, webhookSecret, type WebhookCrypto } from '../../src/engine/webhook_sign.ts'
import { seeded } from './seeded.ts'

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const privateKey = (seed: Uint8Array) => createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
const publicBytes = (seed: Uint8Array) =>
  new Uint8Array(createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' }).subarray(-32))

const crypto: WebhookCrypto = {
  hmacSha256: async (key, data) => new Uint8Array(createHmac('sha256', key).update(data).digest()),
  signEd25519: async (seed, data) => new Uint8Array(sign(null, data, privateKey(seed))),
  verifyEd25519: async (key, data, signature) =>
    verify(null, data, createPublicKey({ key: Buffer.concat([SPKI, key]), format: 'der', type: 'spki' }), signature)
}

// The published example of the Standard Webhooks libraries, and that of the `v1a` scheme.
const MESSAGE = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', atSeconds: 1_614_265_330, body: '{"test": 2432232314}' }
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const V1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
const PRIVATE = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=='
const PUBLIC = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='
const V1A = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=='

const headers = (signature: string, more: Record<string, string | undefined> = {}) => ({
  'webhook-id': MESSAGE.id,
  'webhook-timestamp': String(MESSAGE.atSeconds),
  'webhook-signature': signature,
  ...more
})
const check = (given: Record<string, string | undefined>, keys: readonly string[], more: { now?: number; body?: string } = {}) =>
  verifyWebhook({ headers: given, body: more.body ?? MESSAGE.body }, keys, more.now ?? MESSAGE.atSeconds, crypto, nodeHash)

describe('signing', () => {
  test('gives the published signatures of both schemes, the current secret’s first', async () => {
    expect(await signWebhook(MESSAGE, [SECRET, PRIVATE], crypto, nodeHash)).toEqual(headers(`${V1} ${V1A}`))
  })

  test('what it signs, the library of the specification accepts, while a secret is rotated too', async () => {
    const dice = seeded(5)
    const now = Math.floor(Date.now() / 1000)
    for (let i = 0; i < 50; i++) {
      const [current, previous] = [webhookSecret(dice.bytes(24 + dice.upTo(41))), webhookSecret(dice.bytes(32))]
      const body = JSON.stringify({ type: 'run.completed', data: { text: dice.oneOf(['é', '漢字', '\u2028', '"', '👍']), i } })
      const signed = await signWebhook({ id: `evt_${i}`, atSeconds: now, body }, [current, previous], crypto, nodeHash)
      for (const secret of [current, previous]) expect(new Webhook(secret).verify(body, { ...signed })).toEqual(JSON.parse(body))
      expect(() => new Webhook(webhookSecret(dice.bytes(32))).verify(body, { ...signed })).toThrow()
      expect(signed['webhook-signature'].split(' ')[0]).toBe(new Webhook(current).sign(`evt_${i}`, new Date(now * 1000), body))
    }
  })

  test('what the library of the specification signs is accepted here', async () => {
    const signature = new Webhook(SECRET).sign(MESSAGE.id, new Date(MESSAGE.atSeconds * 1000), MESSAGE.body)
    expect(await check(headers(signature), [SECRET])).toEqual({ ok: true, id: MESSAGE.id, atSeconds: MESSAGE.atSeconds })
  })

  test.each([
    ['no secret', MESSAGE, []],
    ['a public key', MESSAGE, [PUBLIC]],
    ['a short secret', MESSAGE, ['whsec_AAAA']],
    ['no prefix', MESSAGE, ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']],
    ['an id with a dot', { ...MESSAGE, id: 'evt.1' }, [SECRET]],
    ['an id with a line break', { ...MESSAGE, id: 'evt\n' }, [SECRET]],
    ['no id', { ...MESSAGE, id: '' }, [SECRET]],
    ['half a second', { ...MESSAGE, atSeconds: 1.5 }, [SECRET]]
  ])('refuses %s', async (_what, message, secrets) => {
    await expect(signWebhook(message, secrets, crypto, nodeHash)).rejects.toThrow()
  })

  test('keys are written as other senders write them', () => {
    const seed = Buffer.from(PRIVATE.slice(5), 'base64').subarray(0, 32)
    expect(webhookKeyPair(new Uint8Array(seed), publicBytes(seed))).toEqual({ secret: PRIVATE, publicKey: PUBLIC })
    expect(webhookSecret(new Uint8Array(24))).toBe(`whsec_${'A'.repeat(32)}`)
    expect(() => webhookSecret(new Uint8Array(23))).toThrow()
    expect(() => webhookSecret(new Uint8Array(65))).toThrow()
  })
})

describe('verifying', () => {
  test.each<[string, Record<string, string | undefined>, string[]]>([
    ['the published v1', headers(V1), [SECRET]],
    ['the published v1a', headers(V1A), [PUBLIC]],
    ['one signature of several', headers(`v1,AAAA v9,xxxx ${V1A} ${V1}`), [SECRET]],
    ['one key of several', headers(V1), [webhookSecret(new Uint8Array(32)), SECRET, PUBLIC]],
    ['headers in capitals', { 'Webhook-Id': MESSAGE.id, 'WEBHOOK-TIMESTAMP': '1614265330', 'Webhook-Signature': V1 }, [SECRET]]
  ])('accepts %s', async (_what, given, keys) => {
    expect(await check(given, keys)).toMatchObject({ ok: true })
  })

  test.each<[string, Record<string, string | undefined>, string[], { now?: number; body?: string }?]>([
    ['another body', headers(V1), [SECRET], { body: '{"test": 2432232315}' }],
    ['the same JSON in other bytes', headers(V1), [SECRET], { body: '{"test":2432232314}' }],
    ['another id', headers(V1, { 'webhook-id': 'msg_other' }), [SECRET]],
    ['another time', headers(V1, { 'webhook-timestamp': '1614265331' }), [SECRET]],
    ['another secret', headers(V1), [webhookSecret(new Uint8Array(32))]],
    ['a signature of one scheme under the other’s name', headers(V1.replace('v1,', 'v1a,')), [SECRET, PUBLIC]],
    [
      'a v1 made with the public key as the secret',
      headers(
        `v1,${createHmac('sha256', Buffer.from(PUBLIC.slice(5), 'base64'))
          .update(`${MESSAGE.id}.${MESSAGE.atSeconds}.${MESSAGE.body}`)
          .digest('base64')}`
      ),
      [PUBLIC]
    ],
    ['a cut signature', headers(V1.slice(0, -4)), [SECRET]],
    ['an empty one', headers('v1,'), [SECRET]],
    ['no signature', headers(V1, { 'webhook-signature': undefined }), [SECRET]],
    ['no id', headers(V1, { 'webhook-id': undefined }), [SECRET]],
    ['a header there twice', { ...headers(V1), 'Webhook-Signature': V1 }, [SECRET]],
    ['a time that is no number', headers(V1, { 'webhook-timestamp': '1614265330x' }), [SECRET]],
    ['a time before the epoch', headers(V1, { 'webhook-timestamp': '-1' }), [SECRET]],
    ['a sender five minutes and a second behind', headers(V1), [SECRET], { now: MESSAGE.atSeconds + 301 }],
    ['a sender five minutes and a second ahead', headers(V1), [SECRET], { now: MESSAGE.atSeconds - 301 }],
    ['a clock that does not work', headers(V1), [SECRET], { now: Number.NaN }],
    ['a thousand signatures', headers(Array.from({ length: 1_000 }, () => V1).join(' ')), [SECRET]],
    ['no key', headers(V1), []],
    ['a malformed key beside a right one', headers(V1), [SECRET, 'whsec_']]
  ])('refuses %s', async (_what, given, keys, more) => {
    expect(await check(given, keys, more)).toEqual({ ok: false, problem: expect.any(String) as string })
  })

  test('five minutes to the second are within the tolerance, both ways', async () => {
    for (const now of [MESSAGE.atSeconds - 300, MESSAGE.atSeconds + 300])
      expect(await check(headers(V1), [SECRET], { now })).toMatchObject({ ok: true })
  })

  test('every change of one character of the body or of one bit of the signature is found out', async () => {
    const dice = seeded(9)
    for (let i = 0; i < 100; i++) {
      const at = dice.upTo(MESSAGE.body.length)
      const body = MESSAGE.body.slice(0, at) + String.fromCharCode(MESSAGE.body.charCodeAt(at) ^ 1) + MESSAGE.body.slice(at + 1)
      expect(await check(headers(`${V1} ${V1A}`), [SECRET, PUBLIC], { body })).toMatchObject({ ok: false })
      for (const [scheme, text, key] of [
        ['v1', V1.slice(3), SECRET],
        ['v1a', V1A.slice(4), PUBLIC]
      ] as const) {
        const bytes = Buffer.from(text, 'base64')
        bytes[dice.upTo(bytes.length)]! ^= 1 << dice.upTo(8)
        expect(await check(headers(`${scheme},${bytes.toString('base64')}`), [key])).toMatchObject({ ok: false })
      }
    }
  })
})

describe('events', () => {
  const run_id = '01980000-0000-7000-8000-000000000001'
  const ran = {
    type: 'run.completed',
    timestamp: '2026-03-01T04:30:00.000Z',
    data: { run_id, workflow: 'w', decision: 'PASS', outcome: 'SUCCEEDED' }
  } as const

  test('every type of the contract is there', () => {
    expect(Object.keys(WEBHOOK_DATA)).toEqual(
      expect.arrayContaining([
        'run.completed',
        'run.blocked',
        'run.pending',
        'hitl.requested',
        'hitl.approved',
        'hitl.denied',
        'hitl.expired',
        'rollback.completed',
        'alert.fired',
        'checkpoint.created'
      ])
    )
    expect(WebhookType.safeParse('run.exploded').success).toBe(false)
  })

  test('an event is its type’s shape and nothing beside it', () => {
    expect(WebhookEvent.parse(ran)).toEqual(ran)
    for (const wrong of [
      { ...ran, type: 'run.pending' },
      { ...ran, data: { ...ran.data, payload: {} } },
      { ...ran, extra: 1 },
      { ...ran, timestamp: '2026-03-01 04:30' }
    ])
      expect(WebhookEvent.safeParse(wrong).success).toBe(false)
  })

  test('a callback has ids and statuses only', () => {
    expect(callbackOf(ran)).toEqual({
      type: 'run.completed',
      timestamp: ran.timestamp,
      data: { run_id, decision: 'PASS', outcome: 'SUCCEEDED' }
    })
    const denied: WebhookEvent = {
      type: 'hitl.denied',
      timestamp: ran.timestamp,
      data: { hitl_id: run_id, workflow: 'w', status: 'DENIED', decided_at: ran.timestamp, decided_by: 'ann@company.com' }
    }
    expect(callbackOf(denied).data).toEqual({ hitl_id: run_id, status: 'DENIED' })
  })

  test('an endpoint gets what it chose, everything where it chose nothing, and always the ping', () => {
    expect([
      isWanted([], 'run.blocked'),
      isWanted(['run.blocked'], 'run.blocked'),
      isWanted(['run.blocked'], 'run.completed'),
      isWanted(['run.blocked'], 'webhook.ping')
    ]).toEqual([true, true, false, true])
  })
})
