// A mail as an agent asks for it and as it is sent: what could be read in two ways is refused here, so that what policies judged is what leaves.
import * as z from 'zod'
import { asciiDomain, mailboxesOf, recipientsOf } from '../../engine/index.ts'

/** What every way of sending takes at least. */
export const RECIPIENTS_MAX = 50
const LOCAL_MAX = 64
const ADDRESS_MAX = 254
const TEXT_MAX = 200_000

// Names may be in any script; signs that route (`%`, `!`), quote or comment may not be there.
const LOCAL = /^[\p{L}\p{M}\p{N}#$&'*+\-/=?^_{|}~]+(\.[\p{L}\p{M}\p{N}#$&'*+\-/=?^_{|}~]+)*$/u
const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*$/
// Control characters end a header; what is drawn as nothing hides in one.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/** Whether this is one plain mailbox that reads the same to everybody. */
export function isMailbox(mailbox: string): boolean {
  if (mailbox.length > ADDRESS_MAX || mailbox !== mailbox.normalize('NFKC') || HIDDEN.test(mailbox)) return false
  const at = mailbox.lastIndexOf('@')
  const [local, domain] = [mailbox.slice(0, at), mailbox.slice(at + 1)]
  return at > 0 && local.length <= LOCAL_MAX && LOCAL.test(local) && DOMAIN.test(asciiDomain(domain))
}

/** The mailbox as the network takes it: its own name, the domain in ASCII. */
export function sentAs(mailbox: string): string {
  const at = mailbox.lastIndexOf('@')
  return `${mailbox.slice(0, at)}@${asciiDomain(mailbox.slice(at + 1))}`
}

const Text = z
  .string()
  .min(1)
  .max(20_000)
  .refine((text) => !HIDDEN.test(text), 'must not hold line breaks or hidden characters')
  .refine((text) => text.replaceAll(/\\./g, '').split('"').length % 2 === 1, 'must close its quotes')
  .refine((text) => {
    const mailboxes = mailboxesOf(text)
    return mailboxes.length > 0 && mailboxes.every(isMailbox)
  }, 'must be plain addresses such as `ada@example.com` or `Ada <ada@example.com>`')
const Recipients = z.union([Text, z.array(Text).max(RECIPIENTS_MAX)])

/** What `send_email` takes. Names of recipients are read and left out: a mail goes to addresses. */
export const MailInput = z
  .strictObject({
    to: z.union([Text, z.array(Text).min(1).max(RECIPIENTS_MAX)]),
    cc: Recipients.optional(),
    bcc: Recipients.optional(),
    subject: z
      .string()
      .min(1)
      .max(500)
      .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text), 'must be one line'),
    text: z.string().max(TEXT_MAX).optional(),
    html: z.string().max(TEXT_MAX).optional(),
    reply_to: Text.refine((text) => mailboxesOf(text).length === 1, 'must be one address').optional(),
    /** The same key is never sent twice by one team, in whatever run. */
    idempotency_key: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')
      .optional()
  })
  .refine(({ text, html }) => (text ?? '') !== '' || (html ?? '') !== '', 'must have `text`, `html` or both')
  .refine(({ to, cc, bcc }) => recipientsOf(to, cc, bcc).length <= RECIPIENTS_MAX, `must have at most ${RECIPIENTS_MAX} recipients in all`)
export type MailInput = z.output<typeof MailInput>

/** A mail on its way. Each list has an address once; `call` names the call of the run that sends it. */
export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
  readonly reply_to: string | null
  readonly call: string
}

/** The mail that an input asks for. Whoever is in `to` gets no copy, and nobody gets two. */
export function mailOf({ to, cc, bcc, subject, text, html, reply_to }: MailInput, from: string, call: string): Mail {
  const seen = new Set<string>()
  const fresh = (given: MailInput['cc']) =>
    mailboxesOf(given).flatMap((mailbox) => {
      const [folded = ''] = recipientsOf(mailbox)
      return seen.has(folded) ? [] : (seen.add(folded), [sentAs(mailbox)])
    })
  const [answers] = mailboxesOf(reply_to)
  return {
    from,
    to: fresh(to),
    cc: fresh(cc),
    bcc: fresh(bcc),
    subject,
    text: text || null,
    html: html || null,
    reply_to: answers === undefined ? null : sentAs(answers),
    call
  }
}

/** What the mail says and to whom, in one hash: the same key with another mail is told by it. */
export async function digestOfMail({ call: _call, ...mail }: Mail): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(mail)))
  return `sha256:${[...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
