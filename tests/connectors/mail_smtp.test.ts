// What a mail server really gets, byte by byte, what a mail can be made to carry, and what is known when the server fails at each step.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tls from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mail } from '../../src/connectors/index.ts'
import type { JsonObject, System } from '../../src/engine/index.ts'
import { SMTP_PASSWORD, SMTP_USER, startSmtp, type SmtpFake } from '../fakes/smtp.ts'
import { newCall, outputOf, runAction } from './contract.ts'

const KEY = '0198c0de-0000-7000-8000-000000000001/0'
let fake: SmtpFake

const overSmtp = (more: object = {}, port = fake.port): System =>
  mail({ via: 'smtp', host: '127.0.0.1', port, tls: 'none', from: 'Agent <agent@company.com>', ...more } as never)
const send = (input: JsonObject, more: object = {}) =>
  runAction(overSmtp(more), 'send_email', { to: 'ada@example.com', subject: 'Hi', text: 'Hello', ...input }, newCall({ timeoutMs: 3_000 }))
/** The headers of the newest mail, unfolded. */
const headers = () =>
  fake.mails
    .at(-1)!
    .raw.split('\r\n\r\n')[0]!
    .replaceAll(/\r\n[ \t]/g, ' ')
    .split('\r\n')
const header = (name: string) => headers().filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))

describe('a mail over SMTP', () => {
  beforeEach(async () => void (fake = await startSmtp()))
  afterEach(() => fake.close())

  it('reaches exactly those who were judged, and tells nobody who got a blind copy', async () => {
    outputOf(
      await send({
        to: '"Lovelace, Ada" <Ada+news@Example.com>; bob@example.org',
        cc: ['ada@example.com', 'carol@example.com'],
        bcc: 'dave@example.net'
      })
    )
    const [{ to, from, raw }] = fake.mails as [SmtpFake['mails'][0]]
    expect([from, to]).toEqual(['agent@company.com', ['Ada+news@example.com', 'bob@example.org', 'carol@example.com', 'dave@example.net']])
    expect(raw).not.toContain('dave')
    expect([header('bcc'), header('to'), header('cc')]).toEqual([
      [],
      ['To: Ada+news@example.com, bob@example.org'],
      ['Cc: carol@example.com']
    ])
  })

  it('has a Message-ID that names the run and the call', async () => {
    const { message_id } = outputOf(await send({}))
    expect(message_id).toBe(`<enact.${KEY.replace('/', '.')}@company.com>`)
    expect(header('message-id')).toEqual([`Message-ID: ${String(message_id)}`])
  })

  it('keeps lines of dots, long lines and every script as they were written', async () => {
    const text = ['.', '..', '.hidden', 'ü'.repeat(1_500), 'x'.repeat(3_000), '日本語', 'From here on', 'QUIT'].join('\n')
    outputOf(await send({ subject: 'Grüße an 日本 🎉', text }))
    const { raw } = fake.mails[0]!
    expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998)
    const encoded = raw.split('\r\n\r\n')[1]!
    const bytes = /base64/i.test(header('content-transfer-encoding')[0]!)
      ? Buffer.from(encoded, 'base64')
      : Buffer.from(
          encoded
            .replaceAll('=\r\n', '')
            .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
          'latin1'
        )
    expect(bytes.toString().replaceAll('\r\n', '\n').trimEnd()).toBe(text)
    expect(header('subject')[0]).toMatch(/^Subject: [\x20-\x7e]+$/)
  })

  it('carries text and HTML as alternatives, and HTML alone where there is nothing else', async () => {
    outputOf(await send({ text: 'plain words', html: '<p>rich words</p>' }))
    expect(header('content-type')[0]).toMatch(/multipart\/alternative/)
    expect(fake.mails[0]!.raw).toMatch(/text\/plain[^]*plain words[^]*text\/html[^]*rich words/)
    outputOf(await send({ text: '', html: '<p>only</p>' }))
    expect(header('content-type')[0]).toMatch(/text\/html/)
  })

  it('reads no file and no address for what a text may name', async () => {
    outputOf(await send({ text: '/etc/passwd', html: '<img src="file:///etc/passwd"><img src="http://127.0.0.1:9/x">' }))
    expect(fake.mails[0]!.raw).toMatch(/\/etc\/passwd/)
    expect(fake.mails[0]!.raw).not.toContain('root:')
  })

  it('writes domains in any script as the network knows them, and mailboxes where the server takes them', async () => {
    outputOf(await send({ to: 'jürgen@bücher.example' }))
    expect(header('to')).toEqual(['To: jürgen@bücher.example'])
    outputOf(await send({ to: 'ada@bücher.example', reply_to: 'info@bücher.example' }))
    // What the server says it took is written its own way.
    expect(fake.mails.map(({ to }) => to)).toEqual([['jürgen@bücher.example'], ['ada@bücher.example']])
    expect([header('to'), header('reply-to')]).toEqual([['To: ada@xn--bcher-kva.example'], ['Reply-To: info@xn--bcher-kva.example']])
  })

  it('is not sent to a mailbox in another script by a server that does not know such', async () => {
    await fake.close()
    fake = await startSmtp({ hideSMTPUTF8: true })
    expect(await send({ to: 'jürgen@example.com' })).toMatchObject({ kind: 'failed', effect: 'none' })
    expect(fake.mails).toEqual([])
  })

  it('says whom the server did not take, where it took others', async () => {
    expect(outputOf(await send({ to: ['ada@example.com', 'unknown@example.com'] }))).toMatchObject({ rejected: ['unknown@example.com'] })
    expect(await send({ to: 'unknown@example.com' })).toMatchObject({ kind: 'failed', effect: 'none', code: 'rejected' })
    expect(fake.mails.map(({ to }) => to)).toEqual([['ada@example.com']])
  })

  it.each([
    ['connect', 554, 'none'],
    ['connect', 'drop', 'none'],
    ['connect', 'silent', 'none'],
    ['from', 451, 'none'],
    ['from', 'drop', 'none'],
    ['rcpt', 550, 'none'],
    ['rcpt', 'silent', 'none'],
    ['data', 452, 'none'],
    ['data', 554, 'none'],
    ['data', 'drop', 'unknown'],
    ['data', 'silent', 'unknown'],
    ['data', 'lost', 'unknown']
  ] as const)('a server that fails at %s with %s leaves the effect %s', async (at, what, effect) => {
    fake.trouble({ at, what })
    const result = await runAction(
      overSmtp({ username: SMTP_USER, password: SMTP_PASSWORD }),
      'send_email',
      { to: 'ada@example.com', subject: 'Hi', text: 'x' },
      newCall({ timeoutMs: 400 })
    )
    expect(result).toMatchObject({ kind: 'failed', effect })
    expect(fake.mails.length).toBe(what === 'lost' ? 1 : 0)
    expect(JSON.stringify(result)).not.toContain(SMTP_PASSWORD.slice(0, 12))
  })

  it('is not sent where nobody listens', async () => {
    const { port } = fake
    await fake.close()
    expect(await runAction(overSmtp({}, port), 'send_email', { to: 'ada@example.com', subject: 'Hi', text: 'x' }, newCall())).toMatchObject(
      { effect: 'none', code: 'unreachable' }
    )
    fake = await startSmtp()
  })
})

describe('a server that wants to know who sends', () => {
  beforeEach(async () => void (fake = await startSmtp({ needsLogin: true })))
  afterEach(() => fake.close())

  it('is told, and nobody else is', async () => {
    outputOf(await send({}, { username: SMTP_USER, password: SMTP_PASSWORD }))
    expect(fake.mails[0]).toMatchObject({ user: SMTP_USER })
    const refused = await send({}, { username: SMTP_USER, password: 'another-password' })
    expect(refused).toMatchObject({ kind: 'failed', code: 'unauthorized', effect: 'none' })
    expect(JSON.stringify(refused)).not.toContain('another-password')
    expect(JSON.stringify(overSmtp({ username: SMTP_USER, password: SMTP_PASSWORD }).scope)).not.toContain(SMTP_PASSWORD)
  })
})

describe('encryption', () => {
  afterEach(() => fake.close())
  const login = { username: SMTP_USER, password: SMTP_PASSWORD }

  it('that was taken from the offer ends the mail: neither the credentials nor a word go in the clear', async () => {
    const said: string[] = []
    fake = await startSmtp({ onAuth: ({ password }, _session, done) => (said.push(String(password)), done(null, { user: 'x' })) })
    expect(await send({}, { tls: 'starttls', ...login })).toMatchObject({ kind: 'failed', code: 'tls_failed', effect: 'none' })
    expect([said, fake.mails]).toEqual([[], []])
  })

  it.each(['starttls', 'implicit'] as const)('by a certificate that nobody vouches for is none: %s', async (kind) => {
    const said: string[] = []
    const onAuth = ({ password }: { password?: string }, _session: unknown, done: (error: null, user: { user: string }) => void) => (
      said.push(String(password)),
      done(null, { user: 'x' })
    )
    fake = await startSmtp({ starttls: kind === 'starttls', secure: kind === 'implicit', onAuth: onAuth as never })
    expect(await send({}, { tls: kind, ...login })).toMatchObject({ kind: 'failed', effect: 'none' })
    expect([said, fake.mails]).toEqual([[], []])
  })

  const certificate = makeCertificate()
  it.skipIf(certificate === null)(
    `by a certificate that holds is used from the first word or from STARTTLS on${certificate === null ? ' (skipped: no openssl)' : ''}`,
    async () => {
      const before = tls.getCACertificates('default')
      tls.setDefaultCACertificates([...before, certificate!.cert])
      try {
        for (const kind of ['starttls', 'implicit'] as const) {
          fake = await startSmtp({ ...certificate!, starttls: kind === 'starttls', secure: kind === 'implicit', needsLogin: true })
          outputOf(await send({}, { tls: kind, host: 'localhost', ...login }))
          expect(fake.mails[0]).toMatchObject({ secure: true, user: SMTP_USER })
          if (kind === 'starttls') await fake.close()
        }
      } finally {
        tls.setDefaultCACertificates(before)
      }
    }
  )

  it('can be left out on this machine alone', async () => {
    fake = await startSmtp()
    for (const host of ['mail.example.com', '10.0.0.1', '127.0.0.1.example.com']) expect(() => overSmtp({ host })).toThrow('tls')
  })
})

describe('the options', () => {
  it.each([
    { via: 'resend' },
    { via: 'resend', api_key: 'k', host: 'x' },
    { via: 'resend', api_key: 'k', api_url: 'http://resend.example' },
    { via: 'send_email', binding: {} },
    { via: 'smtp', host: 'mail.example.com', port: 465 },
    { via: 'smtp', host: 'mail.example.com', port: 465, tls: 'implicit', username: 'u' },
    { via: 'smtp', host: 'mail.example.com\r\nx', port: 465, tls: 'implicit' },
    { via: 'resend', api_key: 'k', from: 'nobody' },
    { via: 'resend', api_key: 'k', from: 'A\r\nBcc: x@y.example <a@b.example>' },
    { via: 'pigeon' }
  ])('%j are refused at the start', (options) => {
    expect(() => mail({ from: 'agent@company.com', ...options } as never)).toThrow('connector `mail`')
  })
  it.each([
    [
      ['example.com'],
      ['ada@example.com', 'ada@mail.example.com'],
      ['ada@example.com.evil.example', 'ada@notexample.com', 'example.com@evil.example']
    ],
    [['Ada@Example.com'], ['ada@example.com', 'ada+x@example.com'], ['bob@example.com']],
    [['bücher.example'], ['ada@xn--bcher-kva.example', 'ada@BÜCHER.example'], ['ada@bucher.example']],
    [[], [], ['ada@example.com']]
  ])('%j as recipients', async (recipients, on, off) => {
    fake = await startSmtp()
    for (const to of on) expect((await send({ to }, { recipients })).kind, to).toBe('done')
    const sent = fake.mails.length
    for (const to of off)
      expect(await send({ to: 'ada@example.com', bcc: to, ...(on.length > 0 ? { to: on[0]! } : {}) }, { recipients }), to).toMatchObject({
        code: 'not_allowed',
        effect: 'none'
      })
    expect(fake.mails.length).toBe(sent)
    await fake.close()
  })
})

function makeCertificate(): { key: string; cert: string } | null {
  const folder = mkdtempSync(join(tmpdir(), 'enact-smtp-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const asked = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert]
  try {
    execFileSync('openssl', [...asked, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], {
      stdio: 'ignore'
    })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } catch {
    return null
  } finally {
    rmSync(folder, { recursive: true })
  }
}
