// Mail: through Resend, through Cloudflare's binding or over SMTP, to whom the installation allows, each mail at most once.
import * as z from 'zod'
import { asciiDomain, defineConnector, domainOf, recipientsOf } from '../../engine/index.ts'
import { bindingWay, type EmailBinding } from './binding.ts'
import { isMailbox } from './message.ts'
import { resendWay } from './resend.ts'
import { send_email, type MailClient } from './send.ts'
import { smtpWay } from './smtp.ts'
import type { Way } from './way.ts'

const Options = z
  .strictObject({
    via: z.enum(['resend', 'send_email', 'smtp']),
    /** `agent@example.com` or `Agent <agent@example.com>`: no agent chooses another. */
    from: z.string().refine(isSender, 'must be an address, or a name and an address'),
    /** Domains (and what is below them) and addresses that may be written to. Absent = everybody; empty = nobody. */
    recipients: z.array(z.string().min(1)).readonly().optional(),
    api_key: z.string().min(1).optional(),
    api_url: z.url().refine(isSafeAddress, 'must be https without credentials (http only on this machine)').optional(),
    binding: z
      .custom<EmailBinding>((value) => typeof (value as EmailBinding | null)?.send === 'function', 'must be a `send_email` binding')
      .optional(),
    host: z
      .string()
      .regex(/^[A-Za-z0-9.:-]{1,253}$/, 'must be a host name or an IP address')
      .optional(),
    port: z.int().min(1).max(65_535).optional(),
    tls: z.enum(['implicit', 'starttls', 'none']).optional(),
    username: z.string().min(1).optional(),
    password: z.string().min(1).optional()
  })
  .superRefine((options, context) => {
    const needs = { resend: ['api_key'], send_email: ['binding'], smtp: ['host', 'port', 'tls'] } as const
    const takes = {
      resend: ['api_key', 'api_url'],
      send_email: ['binding'],
      smtp: ['host', 'port', 'tls', 'username', 'password']
    } as const
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    for (const name of needs[options.via]) if (options[name] === undefined) wrong(name, `is needed for \`${options.via}\``)
    const own: readonly string[] = takes[options.via]
    for (const name of Object.values(takes).flat())
      if (options[name] !== undefined && !own.includes(name)) wrong(name, `is not for \`${options.via}\``)
    if (options.tls === 'none' && !isLoopback(options.host ?? '')) wrong('tls', 'must be `implicit` or `starttls` but for this machine')
    if ((options.username === undefined) !== (options.password === undefined)) wrong('password', 'goes with `username`')
  })
type Options = z.output<typeof Options>

/** The mail connector. */
export const mail = defineConnector({
  id: 'mail',
  title: 'Mail',
  options: Options,
  scope: ({ via, from, recipients, api_url, host, port, tls }) => ({
    via,
    from,
    ...(recipients ? { recipients } : {}),
    ...(api_url ? { api_url } : {}),
    ...(host ? { host, port: port ?? 0, tls: tls ?? '' } : {})
  }),
  connect: (options) => ({ client: clientOf(options) }),
  actions: { send_email }
})

function clientOf(options: Options): MailClient {
  const entries = options.recipients?.map((entry) =>
    entry.includes('@') ? recipientsOf(entry)[0] : asciiDomain(entry.replace(/^\*?\./, ''))
  )
  const allows = (address: string) => {
    if (entries === undefined) return true
    const domain = domainOf(address)
    return entries.some((entry) => entry === address || (domain !== null && (entry === domain || domain.endsWith(`.${entry}`))))
  }
  return { from: options.from, send: wayOf(options), allows }
}

function wayOf(options: Options): Way {
  if (options.via === 'resend') return resendWay({ api_key: options.api_key!, api_url: options.api_url ?? 'https://api.resend.com' })
  if (options.via === 'send_email') return bindingWay(options.binding!)
  const { host, port, tls, username = null, password = null } = options
  return smtpWay({ host: host!, port: port!, tls: tls!, username, password })
}

function isSender(from: string): boolean {
  const address = /^[^<>"\p{Cc}]*<([^<>]*)>$/u.exec(from)?.[1] ?? from
  return !/\p{Cc}/u.test(from) && isMailbox(address)
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host)
}

// A key sent in clear text over a network is a key lost.
function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(address)
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}
