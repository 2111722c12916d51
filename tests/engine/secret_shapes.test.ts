// Secrets are found in any text, in linear time, and ordinary things are not taken for them.
import { describe, expect, test } from 'vitest'
import { findSecrets, redactText } from '../../src/engine/redaction.ts'
import { SECRET_SHAPES } from '../../src/engine/secret_shapes.ts'
import { IN_PLACE, lowerHex, of, pem, random, SAMPLES } from './secret_samples.ts'

describe('known secrets are found', () => {
  test.each(SAMPLES.map(([shape, secret], i) => [`${i} ${shape}`, shape, secret] as const))('%s', (_name, shape, secret) => {
    for (const [before, after] of [
      ['', ''],
      ['key = "', '";'],
      ['+TOKEN=', '\n'],
      ['(', ')'],
      ['naïve 😀 ', ' end']
    ] as const) {
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
    [
      'prose with sk-',
      'the sk- prefix, task-list-of-the-whole-team, risk-proj-assessment-for-the-next-quarter, desk-admin-panel-redesign-2026'
    ],
    [
      'names of variables',
      'OPENAI_API_KEY, ghp_token, github_pat_from_the_environment, sk_live_key, xoxb-token, AKIA, npm_config_registry, npm_lifecycle_event_of_the_current_script'
    ],
    ['placeholders', 'sk-... ghp_xxxx AIza… xoxb-your-token Bearer $TOKEN Bearer <token> sk-ant-...'],
    ['an address without a password', 'https://user@example.com:8080/path?a=b@c postgres://localhost:5432/db http://[::1]:80/@x'],
    [
      'an address whose password is a variable',
      'postgres://app:${PASSWORD}@host/db postgres://app:$DB_PASSWORD@host/db postgres://app:***@host/db'
    ],
    ['a time and an address', 'at 12:30 mail ann@example.com, see https://example.com'],
    ['a public key', of('-----BEGIN PUBLIC', ' KEY-----\n', random(64), '\n-----END PUBLIC', ' KEY-----')],
    [
      'a mention of a private key',
      of(
        'grep -r "BEGIN PRIVATE',
        ' KEY" . and then -----BEGIN PRIVATE',
        ' KEY----- in the docs, which is a long sentence about nothing at all'
      )
    ],
    ['a JWT header alone', of('ey', 'JhbGciOiJIUzI1NiJ9')],
    ['code', 'const tasks = await listTasks({ page_token: next, max_tokens: 4096 }) // re_export SK_MAX hf_models'],
    ['Twilio and SendGrid in words', 'SKU-12345678 SKELETON SG.com MSG.body.length'],
    ['basic words', 'basic authentication, bearer of good news, authorization: required'],
    ['keys of Enact', 'ed25519_0123456789abcdef hmac_0123456789abcdef seal_0123456789abcdef']
  ])('%s', (_name, text) => {
    expect(findSecrets(text)).toEqual([])
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
