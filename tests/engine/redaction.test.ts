// Secrets never reach a receipt, wherever in a value they stand.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findSecrets, isSecretName, redact, redactText } from '../../src/engine/redaction.ts'
import type { Json, JsonObject } from '../../src/engine/schema.ts'
import { IN_PLACE, of, random, SAMPLES } from './secret_samples.ts'

describe('values', () => {
  const secret = of('gh', 'p_', random(36))

  test('are redacted at any depth, in keys too, and the rest is kept', () => {
    const given = { a: [{ b: `x ${secret} y`, n: 1 }], [`k ${secret}`]: true, plain: { c: null, d: 'fine' } }
    expect(redact(given)).toEqual({
      redacted: true,
      value: { a: [{ b: 'x [redacted:github] y', n: 1 }], 'k [redacted:github]': true, plain: { c: null, d: 'fine' } }
    })
  })

  test('without a secret come back themselves, and what was given is never changed', () => {
    const clean: JsonObject = { a: [1, 'x', null, { b: true }], password: null, has_secret: false, token: '' }
    expect(redact(clean)).toEqual({ value: clean, redacted: false })
    expect(redact(clean).value).toBe(clean)
    const given = Object.freeze({ list: Object.freeze([Object.freeze({ password: 'x', keep: 'y' })]), other: Object.freeze({ z: 1 }) })
    const { value } = redact(given)
    expect(value).toEqual({ list: [{ password: '[redacted:key]', keep: 'y' }], other: { z: 1 } })
    expect(value.other).toBe(given.other)
  })

  test('two keys that look alike once redacted are both kept', () => {
    const other = of('gh', 'o_', random(36))
    expect(redact({ [secret]: 1, [other]: 2, '[redacted:github]': 3 }).value).toEqual({
      '[redacted:github]': 1,
      '[redacted:github] 2': 2,
      '[redacted:github] 3': 3
    })
  })

  test('a key `__proto__` neither escapes redaction nor sets a prototype', () => {
    const { value } = redact(JSON.parse(`{"__proto__":{"password":"x"},"a":"${secret}"}`) as JsonObject)
    expect(JSON.stringify(value)).toBe('{"__proto__":{"password":"[redacted:key]"},"a":"[redacted:github]"}')
  })

  test('deeper than 64 nothing is shown, and no depth overflows', () => {
    let deep: Json = { password: 'x' }
    for (let i = 0; i < 50_000; i++) deep = [deep]
    const text = JSON.stringify(redact({ deep }).value)
    expect(text).toContain('[redacted:depth]')
    expect(text).not.toContain('password')
  })

  test('once redacted nothing is left to redact', () => {
    for (const [, sample] of SAMPLES) expect(findSecrets(redactText(`a ${sample} b`)), sample).toEqual([])
    for (const [, before, sample, after] of IN_PLACE) expect(findSecrets(redactText(before + sample + after)), before).toEqual([])
    const piece = fc.oneof(
      fc.constantFrom(
        ...SAMPLES.map(([, sample]) => sample),
        'postgres://a:',
        'https://',
        ':',
        '@h ',
        'Authorization: Basic ',
        'ENACT_SECRET=',
        'Bearer ',
        ' ',
        '"',
        '\n',
        '://',
        'password'
      ),
      fc.string({ maxLength: 5 })
    )
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(fc.dictionary(text, text), (given) => redact(redact(given).value).redacted === false),
      { seed: 3, numRuns: 20000 }
    )
  })

  test('no secret survives, wherever in a value it stands', () => {
    const leaf = fc.constantFrom(...SAMPLES.map(([, sample]) => sample))
    const padding = fc.constantFrom('', ' ', ': ', '"', '\n', '(')
    const place = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.tuple(padding, leaf, padding).map((parts) => parts.join('')),
        fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'note', 'url'), tie('value'), { minKeys: 1 })
      )
    })).value
    fc.assert(
      fc.property(place, (value) => {
        const shown = JSON.stringify(redact({ value }).value)
        for (const [, sample] of SAMPLES) expect(shown).not.toContain(JSON.stringify(sample).slice(1, -1))
      }),
      { seed: 6, numRuns: 500 }
    )
  })
})

describe('names of secrets', () => {
  test.each([
    'password',
    'Password',
    'PASSWORD',
    'passwd',
    'pwd',
    'db_password',
    'userPassword',
    'secret',
    'client_secret',
    'clientSecret',
    'token',
    'access_token',
    'refreshToken',
    'api_key',
    'apiKey',
    'API-KEY',
    'x-api-key',
    'X-Enact-Api-Key',
    'STRIPE_API_KEY',
    'authorization',
    'Authorization',
    'private_key',
    'ssh.private.key',
    'cookie',
    'Set-Cookie',
    'credentials',
    'passphrase',
    'secret_access_key',
    'content_base64',
    'slack_bot_token',
    'connection_string'
  ])('%s is one: its value is not shown, whatever it is', (name) => {
    expect(isSecretName(name)).toBe(true)
    for (const value of ['hunter2', 1234, ['a'], { a: 1 }])
      expect(redact({ row: { [name]: value } })).toEqual({ value: { row: { [name]: '[redacted:key]' } }, redacted: true })
  })

  test.each([
    'token_count',
    'tokens_used',
    'max_tokens',
    'secretary',
    'secret_santa',
    'password_changed_at',
    'passwordless',
    'key',
    'keyid',
    'public_key',
    'idempotency_key',
    'fencing_token',
    'next_page_token',
    'primary_key',
    'api_key_id',
    'authorized',
    'author',
    'cookies_accepted',
    'monkey',
    'tokenizer',
    'branch',
    'session_id',
    ''
  ])('%s is none', (name) => {
    expect(isSecretName(name)).toBe(false)
    expect(redact({ [name]: 'x' }).redacted).toBe(false)
  })
})
