// Secrets never reach a receipt, and ordinary things stay readable. No sample here is written out: each is put together when the test runs.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findSecrets, isSecretName, redact, redactText } from '../../src/engine/redaction.ts'
import { SECRET_SHAPES } from '../../src/engine/secret_shapes.ts'
import type { Json, JsonObject } from '../../src/engine/schema.ts'

const LETTERS = 'aB3dE5fGh7JkLm9NpQ2rStUvWx4yZ6'
const random = (length: number) => LETTERS.repeat(Math.ceil(length / LETTERS.length)).slice(0, length)
const digits = (length: number) => '7294018365'.repeat(10).slice(0, length)
const lowerHex = (length: number) => '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'.repeat(4).slice(0, length)
const of = (...parts: string[]) => parts.join('')
const pem = (kind: string, body = `${random(64)}\n${random(40)}==`) => of('-----BEGIN ', kind, '-----\n', body, '\n-----END ', kind, '-----')
const jwt = of('ey', 'JhbGciOiJIUzI1NiJ9', '.', 'ey', 'JzdWIiOiIxMjM0NTY3ODkwIn0', '.', random(43))

const SAMPLES: readonly [shape: string, secret: string][] = [
  ['anthropic', of('sk-', 'ant-api03-', random(93), 'AA')],
  ['anthropic', of('sk-', 'ant-admin01-', random(93), 'AA')],
  ['anthropic', of('sk-', 'ant-oat01-', random(80))],
  ['openai', of('sk-', 'proj-', random(74), 'T3Blbk', 'FJ', random(74))],
  ['openai', of('sk-', 'svcacct-', random(58), 'T3Blbk', 'FJ', random(58))],
  ['openai', of('sk-', 'admin-', random(58), 'T3Blbk', 'FJ', random(58))],
  ['openai', of('sk-', random(20), 'T3Blbk', 'FJ', random(20))],
  ['openai', of('sk-', 'or-v1-', lowerHex(64))],
  ...['p', 'o', 'u', 's', 'r'].map((kind): [string, string] => ['github', of('gh', kind, '_', random(36))]),
  ['github', of('ghs', '_123456_', jwt)],
  ['github', of('github', '_pat_', random(22), '_', random(59))],
  ...['pat', 'dt', 'rt', 'cbt', 'ptt', 'ft', 'agent', 'soat', 'ffct'].map((kind): [string, string] => ['gitlab', of('gl', kind, '-', random(20))]),
  ['gitlab', of('gl', 'pat-', random(27), '.01.', '0a1b2c3d4')],
  ['slack', of('xo', 'xb-', digits(12), '-', digits(13), '-', random(24))],
  ['slack', of('xo', 'xp-', digits(12), '-', digits(12), '-', digits(12), '-', lowerHex(32))],
  ['slack', of('xo', 'xe.', 'xoxb-1-', random(160))],
  ['slack', of('xa', 'pp-1-A', digits(10), '-', digits(13), '-', lowerHex(64))],
  ['aws', of('AK', 'IA', 'QRSTUVWXYZ234567')],
  ['aws', of('AS', 'IA', 'QRSTUVWXYZ234567')],
  ['aws', of('AB', 'SK', random(132))],
  ['google', of('AI', 'za', random(35))],
  ['google', of('GOC', 'SPX-', random(28))],
  ['google', of('ya', '29.', random(60))],
  ['stripe', of('sk_', 'live_', random(24))],
  ['stripe', of('rk_', 'live_', random(99))],
  ['webhook_secret', of('whs', 'ec_', random(32))],
  ['npm', of('np', 'm_', random(36))],
  ['sendgrid', of('S', 'G.', random(22), '.', random(43))],
  ['twilio', of('S', 'K', lowerHex(32))],
  ['cloudflare', of('cf', 'ut_', random(48))],
  ['cloudflare', of('cf', 'at_', random(48))],
  ['cloudflare', of('cf', 'k_', random(48))],
  ['cloudflare', of('v1', '.0-', lowerHex(24), '-', lowerHex(146))],
  ['neon', of('np', 'g_', random(16))],
  ['resend', of('r', 'e_', random(8), '_', random(24))],
  ['pypi', of('py', 'pi-AgEI', random(120))],
  ['digitalocean', of('do', 'p_v1_', lowerHex(64))],
  ['vault', of('hv', 's.', random(90))],
  ['enact', of('ena', 'ct_live_', random(10), '_', random(32))],
  ['jwt', jwt],
  ['private_key', pem(of('RSA PRIVATE', ' KEY'))],
  ['private_key', pem(of('PRIVATE', ' KEY'))],
  ['private_key', pem(of('OPENSSH PRIVATE', ' KEY'))],
  ['private_key', pem(of('EC PRIVATE', ' KEY'), `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${random(64)}`)],
  ['private_key', pem(of('PGP PRIVATE', ' KEY BLOCK'))]
]

/** Only a part of these is the secret: what stands around it is kept. */
const IN_PLACE: readonly [shape: string, before: string, secret: string, after: string][] = [
  ['url_password', 'postgres://app:', 'p4ss:w+rd', '@ep-cool.neon.tech/db?sslmode=require'],
  ['url_password', 'see postgresql://app:', 'a@b', '@host:5432/db'],
  ['url_password', 'redis://:', 'hunter2', '@cache'],
  ['url_password', 'https://x-access-token:', random(30), '@github.com/a/b.git'],
  ['aws', 'AWS_SECRET_ACCESS_KEY=', random(40), '\nAWS_REGION=eu'],
  ['aws', '{"secretAccessKey": "', random(40), '"}'],
  ['cloudflare', 'CLOUDFLARE_API_TOKEN="', random(40), '"'],
  ['authorization', 'Authorization: Bearer ', random(20), ''],
  ['authorization', '{"authorization":"Basic ', 'dXNlcjpodW50ZXIy', '"}'],
  ['authorization', '-H "authorization: token ', random(12), '"'],
  ['authorization', 'sent Bearer ', random(24), ' to'],
  ['enact', 'ENACT_SECRET=', 'Vt6-qLw81_yRzE0cXk3mNp5sHd7gJf9a', ' npm run dev'],
  ['google', 'key=', of('AI', 'za', random(35)), '&q=x']
]

describe('known secrets are found', () => {
  test.each(SAMPLES.map(([shape, secret], i) => [`${i} ${shape}`, shape, secret] as const))('%s', (_name, shape, secret) => {
    for (const [before, after] of [['', ''], ['key = "', '";'], ['+TOKEN=', '\n'], ['(', ')'], ['naïve 😀 ', ' end']] as const) {
      const text = before + secret + after
      expect(findSecrets(text), text).toEqual([{ shape, index: before.length, length: secret.length }])
      expect(redactText(text)).toBe(`${before}[redacted:${shape}]${after}`)
    }
  })

  test.each(IN_PLACE)('%s in its surroundings: %s', (shape, before, secret, after) => {
    expect(findSecrets(before + secret + after)).toEqual([{ shape, index: before.length, length: secret.length }])
    expect(redactText(before + secret + after)).toBe(`${before}[redacted:${shape}]${after}`)
  })

  test('a token in the place of a user name, and the password behind it', () => {
    const token = of('gh', 'p_', random(36))
    expect(redactText(`git clone https://${token}@github.com/a/b`)).toBe('git clone https://[redacted:github]@github.com/a/b')
    expect(redactText(`https://${token}:x-oauth-basic@github.com`)).toBe('https://[redacted:github]:[redacted:url_password]@github.com')
  })

  test('Slack webhook addresses', () => {
    expect(redactText(of('https://hooks.', 'slack.com/services/T00000000/B00000000/', random(24)))).toBe('https://[redacted:slack_webhook]')
  })

  test('a service account file of Google, as JSON within JSON', () => {
    const file = JSON.stringify({ type: 'service_account', private_key: `${pem(of('PRIVATE', ' KEY'))}\n`, client_email: 'a@b.iam' })
    expect(redactText(file)).toBe('{"type":"service_account","private_key":"[redacted:private_key]\\n","client_email":"a@b.iam"}')
  })

  test('a private key that was cut off before its end', () => {
    expect(findSecrets(pem(of('PRIVATE', ' KEY')).slice(0, 100)).map(({ shape }) => shape)).toEqual(['private_key'])
  })

  test('a private key in a diff', () => {
    const diff = pem(of('RSA PRIVATE', ' KEY')).replaceAll(/^/gm, '+')
    expect(redactText(diff)).toBe('+[redacted:private_key]')
  })

  test('many in one text, none lost, none overlapping', () => {
    const all = SAMPLES.map(([, secret]) => secret)
    const found = findSecrets(all.join(' '))
    expect(found.map(({ index, length }) => all.join(' ').slice(index, index + length))).toEqual(all)
  })

  test.each(['ghp', 'github_pat', 'glpat', 'xoxb'])('%s… glued to other letters is found all the same', (prefix) => {
    const [, secret] = SAMPLES.find(([, sample]) => sample.startsWith(prefix))!
    expect(redactText(`x${secret}`)).not.toContain(secret.slice(0, 20))
  })
})

describe('ordinary things are left alone', () => {
  test.each([
    ['a git sha', lowerHex(40)],
    ['a sha-256', `sha256:${lowerHex(64)}`],
    ['a UUID', '0198c0de-1234-7abc-8def-0123456789ab'],
    ['an image', `data:image/png;base64,iVBORw0KGgo${`${random(58)}+/`.repeat(200)}=`],
    ['prose with sk-', 'the sk- prefix, task-list-of-the-whole-team, risk-proj-assessment-for-the-next-quarter, desk-admin-panel-redesign-2026'],
    ['names of variables', 'OPENAI_API_KEY, ghp_token, github_pat_from_the_environment, sk_live_key, xoxb-token, AKIA, npm_config_registry, npm_lifecycle_event_of_the_current_script'],
    ['placeholders', 'sk-... ghp_xxxx AIza… xoxb-your-token Bearer $TOKEN Bearer <token> sk-ant-...'],
    ['an address without a password', 'https://user@example.com:8080/path?a=b@c postgres://localhost:5432/db http://[::1]:80/@x'],
    ['an address whose password is a variable', 'postgres://app:${PASSWORD}@host/db postgres://app:$DB_PASSWORD@host/db postgres://app:***@host/db'],
    ['a time and an address', 'at 12:30 mail ann@example.com, see https://example.com'],
    ['a public key', of('-----BEGIN PUBLIC', ' KEY-----\n', random(64), '\n-----END PUBLIC', ' KEY-----')],
    ['a mention of a private key', of('grep -r "BEGIN PRIVATE', ' KEY" . and then -----BEGIN PRIVATE', ' KEY----- in the docs, which is a long sentence about nothing at all')],
    ['a JWT header alone', of('ey', 'JhbGciOiJIUzI1NiJ9')],
    ['code', 'const tasks = await listTasks({ page_token: next, max_tokens: 4096 }) // re_export SK_MAX hf_models'],
    ['Twilio and SendGrid in words', 'SKU-12345678 SKELETON SG.com MSG.body.length'],
    ['basic words', 'basic authentication, bearer of good news, authorization: required'],
    ['keys of Enact', 'ed25519_0123456789abcdef hmac_0123456789abcdef seal_0123456789abcdef']
  ])('%s', (_name, text) => {
    expect(findSecrets(text)).toEqual([])
  })
})

describe('values', () => {
  const secret = of('gh', 'p_', random(36))

  test('are redacted at any depth, in keys too, and the rest is kept', () => {
    const given = { a: [{ b: `x ${secret} y`, n: 1 }], [`k ${secret}`]: true, plain: { c: null, d: 'fine' } }
    expect(redact(given)).toEqual({ redacted: true, value: { a: [{ b: 'x [redacted:github] y', n: 1 }], 'k [redacted:github]': true, plain: { c: null, d: 'fine' } } })
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
    expect(redact({ [secret]: 1, [other]: 2, '[redacted:github]': 3 }).value).toEqual({ '[redacted:github]': 1, '[redacted:github] 2': 2, '[redacted:github] 3': 3 })
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
    const piece = fc.oneof(fc.constantFrom(...SAMPLES.map(([, sample]) => sample), 'postgres://a:', 'https://', ':', '@h ', 'Authorization: Basic ', 'ENACT_SECRET=', 'Bearer ', ' ', '"', '\n', '://', 'password'), fc.string({ maxLength: 5 }))
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
    fc.assert(fc.property(fc.dictionary(text, text), (given) => redact(redact(given).value).redacted === false), { seed: 3, numRuns: 20000 })
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
    'password', 'Password', 'PASSWORD', 'passwd', 'pwd', 'db_password', 'userPassword', 'secret', 'client_secret', 'clientSecret', 'token', 'access_token',
    'refreshToken', 'api_key', 'apiKey', 'API-KEY', 'x-api-key', 'X-Enact-Api-Key', 'STRIPE_API_KEY', 'authorization', 'Authorization', 'private_key',
    'ssh.private.key', 'cookie', 'Set-Cookie', 'credentials', 'passphrase', 'secret_access_key', 'slack_bot_token', 'connection_string'
  ])('%s is one: its value is not shown, whatever it is', (name) => {
    expect(isSecretName(name)).toBe(true)
    for (const value of ['hunter2', 1234, ['a'], { a: 1 }]) expect(redact({ row: { [name]: value } })).toEqual({ value: { row: { [name]: '[redacted:key]' } }, redacted: true })
  })

  test.each([
    'token_count', 'tokens_used', 'max_tokens', 'secretary', 'secret_santa', 'password_changed_at', 'passwordless', 'key', 'keyid', 'public_key', 'idempotency_key',
    'fencing_token', 'next_page_token', 'primary_key', 'api_key_id', 'authorized', 'author', 'cookies_accepted', 'monkey', 'tokenizer', 'branch', 'session_id', ''
  ])('%s is none', (name) => {
    expect(isSecretName(name)).toBe(false)
    expect(redact({ [name]: 'x' }).redacted).toBe(false)
  })
})

describe('linear time, by construction', () => {
  test('every pattern is sticky and is tried only behind a literal text', () => {
    for (const { name, anchors, pattern } of SECRET_SHAPES) {
      expect(pattern.flags, name).toContain('y')
      for (const anchor of anchors) expect(anchor.length, name).toBeGreaterThanOrEqual(2)
    }
  })

  test('an unbounded run is the last thing that a pattern needs, so that what it has read is taken and never read again', () => {
    const needMore = SECRET_SHAPES.filter(({ pattern }) => {
      // Classes and escapes are single atoms; what is left of `+`, `*` and `{n,}` are quantifiers.
      const atoms = pattern.source.replaceAll(/\\./g, 'E').replaceAll(/\[[^\]]*\]/g, 'C')
      return /(?:[+*]|\{\d+,\})(?![)|]|$)/.test(atoms)
    })
    // jwt: three runs, but tried only where no run character precedes, so once per run.
    // private_key: runs without dashes and single dashes, one way to read them; what follows is optional.
    // url_password: its runs hold no `/`, and its anchor does.
    expect(needMore.map(({ name }) => name)).toEqual(['jwt', 'private_key', 'url_password'])
    expect(needMore[0]!.pattern.source).toMatch(/^\(\?<!\[A-Za-z0-9_-\]\)eyJ\[A-Za-z0-9_-\]/)
    for (const letters of needMore[2]!.pattern.source.match(/\[\^[^\]]*\]/g)!) expect(letters).toContain('/')
  })

  test.each<[string, string, string?]>([
    ['sk-', 'sk-'],
    ['ghp_', 'ghp_'],
    ['eyJ-', 'eyJ-'],
    ['headers of JWTs', 'eyJaaaaaaaaa.'],
    ['://', '://'],
    ['://a:b', '://a:b'],
    ['stars in an address', '*', '://a:'],
    ['begins of keys', of('-----BEGIN PRIVATE', ' KEY-----')],
    ['begins with a little body', of('-----BEGIN PRIVATE', ' KEY-----', 'a'.repeat(39), ' ')],
    ['a key without an end', 'a-', of('-----BEGIN PRIVATE', ' KEY-----', 'a'.repeat(64))],
    ['Authorization: ', 'Authorization: '],
    ['letters', 'a'],
    ['dashes', '-'],
    ['glpat-.', 'glpat-.'],
    ['xox', 'xox'],
    ['SG.', 'SG.aaaaaaaaaaaaaaaa'],
    ['one endless token', '1', 'ghp_'],
    ['one endless password', 'a@', '://a:'],
    ['secrets without end', of('S', 'K', lowerHex(32))]
  ])('256 KB of %s end in an answer', (_name, piece, before = '') => {
    const text = (before + piece.repeat(Math.ceil(262_144 / piece.length))).slice(0, 262_144)
    const clean = redactText(text)
    expect(redactText(clean)).toBe(clean)
  })
})
