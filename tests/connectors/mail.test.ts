// Mail against the contract of every connector, by each of its ways.
import * as z from 'zod'
import { mail } from '../../src/connectors/index.ts'
import type { EmailBinding } from '../../src/connectors/mail/binding.ts'
import { RESEND_TOKEN, startResend } from '../fakes/resend.ts'
import { SMTP_PASSWORD, SMTP_USER, startSmtp } from '../fakes/smtp.ts'
import type { JsonObject } from '../../src/engine/index.ts'
import { connectorContract, type Case, type Subject, type Trouble } from './contract.ts'

const FROM = 'Agent <agent@company.com>'
const MAIL = {
  to: ['ada@example.com', 'Bob <bob@example.org>'],
  cc: 'carol@example.com',
  bcc: 'dave@example.net',
  subject: 'Grüße',
  text: 'Hello'
}

const ADDRESSES = [
  'ada',
  '@example.com',
  'ada@',
  'ada@example',
  'ada@example.com\r\nBcc: eve@evil.example',
  'ada@example.com\neve@evil.example',
  'Ada\r\nBcc: eve@evil.example <ada@example.com>',
  '"Ada <ada@example.com>',
  'ada@example.com@evil.example',
  'ada%evil.example@example.com',
  'evil.example!ada@example.com',
  'ada@[127.0.0.1]',
  'ada@127.0.0.1',
  'ada@exam\u200bple.com',
  'ad\u202ea@example.com',
  '\uff41da@example.com',
  'ada@example.com\u0000',
  'ada @example.com',
  '.ada@example.com',
  'ada..b@example.com',
  'undisclosed-recipients:;',
  ';',
  '',
  `${'a'.repeat(65)}@example.com`,
  `ada@${'a.'.repeat(130)}com`
]
const many = Array.from({ length: 51 }, (_, i) => `a${i}@example.com`)
const cases: Case<Subject>[] = [
  {
    action: 'send_email',
    input: () => MAIL,
    irreversible: true,
    opaque: true,
    bad: [
      ...ADDRESSES.flatMap((address): JsonObject[] => [
        { to: address },
        { to: ['ada@example.com', address] },
        { cc: address },
        { bcc: [address] },
        { reply_to: address }
      ]),
      { to: [] },
      { to: 7 },
      { to: many },
      { to: many.slice(0, 30), bcc: many.slice(20) },
      { reply_to: 'a@example.com, b@example.com' },
      { subject: '' },
      { subject: 'Hi\r\nBcc: eve@evil.example' },
      { subject: 'Hi\u2028there' },
      { subject: 'x'.repeat(501) },
      { text: '' },
      { text: 5 },
      { idempotency_key: '' },
      { idempotency_key: 'a b' },
      { idempotency_key: 'x'.repeat(201) },
      { from: 'boss@company.com' },
      { headers: { bcc: 'eve@evil.example' } }
    ]
  }
]
const nobody = (allow: 'everything' | 'nothing') => (allow === 'nothing' ? { recipients: [] } : {})

connectorContract({
  name: 'mail by Resend',
  secrets: [RESEND_TOKEN],
  troubles: ['refused', 'lost', 'silent', 'rate_limited'],
  cases,
  async start(allow) {
    const fake = await startResend()
    return {
      system: mail({ via: 'resend', api_key: RESEND_TOKEN, api_url: fake.url, from: FROM, ...nobody(allow) }),
      snapshot: () => structuredClone(fake.mails),
      effects: () => fake.mails.length,
      trouble: (_action, kind) => fake.trouble(kind),
      async close() {
        await fake.close()
        if (fake.wrong.length > 0) throw new Error(fake.wrong.join('\n'))
      }
    }
  }
})

connectorContract({
  name: 'mail over SMTP',
  secrets: [SMTP_PASSWORD, btoa(`\0${SMTP_USER}\0${SMTP_PASSWORD}`)],
  troubles: ['refused', 'lost', 'silent'],
  cases,
  async start(allow) {
    const fake = await startSmtp({ needsLogin: true })
    const trouble = { refused: 'drop', lost: 'lost', silent: 'silent', rate_limited: 451 } as const
    return {
      system: mail({
        via: 'smtp',
        host: '127.0.0.1',
        port: fake.port,
        tls: 'none',
        username: SMTP_USER,
        password: SMTP_PASSWORD,
        from: FROM,
        ...nobody(allow)
      }),
      snapshot: () => structuredClone(fake.mails),
      effects: () => fake.mails.length,
      trouble: (_action, kind: Trouble) => fake.trouble({ at: 'data', what: trouble[kind] }),
      close: () => fake.close()
    }
  }
})

/** developers.cloudflare.com/email-service/api/send-emails/workers-api: what the builder takes. */
const Builder = z.strictObject({
  from: z.string(),
  to: z.array(z.email()).min(1).max(50),
  cc: z.array(z.email()).max(50).optional(),
  bcc: z.array(z.email()).max(50).optional(),
  subject: z.string().min(1).max(998),
  text: z.string().optional(),
  html: z.string().optional(),
  replyTo: z.string().optional(),
  headers: z.record(z.string().regex(/^X-[A-Za-z-]+$/), z.string()).optional()
})

connectorContract({
  name: 'mail by the binding',
  secrets: [],
  troubles: ['refused', 'lost', 'silent', 'rate_limited'],
  cases,
  async start(allow) {
    const mails: unknown[] = []
    let next: Trouble | null = null
    const binding: EmailBinding = {
      async send(message) {
        const kind = next
        next = null
        if (kind === 'silent') await new Promise(() => undefined)
        if (kind === 'refused') throw Object.assign(new Error('internal'), { code: 'E_INTERNAL_SERVER_ERROR' })
        if (kind === 'rate_limited') throw Object.assign(new Error('slow down'), { code: 'E_RATE_LIMIT_EXCEEDED', retryAfter: 7 })
        mails.push(Builder.parse(message))
        if (kind === 'lost') throw new Error('the connection was lost')
        return { messageId: '<1@company.com>' }
      }
    }
    return {
      system: mail({ via: 'send_email', binding, from: FROM, ...nobody(allow) }),
      snapshot: () => structuredClone(mails),
      effects: () => mails.length,
      trouble: (_action, kind) => void (next = kind),
      close: async () => undefined
    }
  }
})
