// Mail goes to those who were meant.
import * as z from 'zod'
import { type CommandLine, definePolicy, deny, judgeTool, requestsSent, spelt } from '../../engine/index.ts'
import { CommandAndUrl, ON_TOOLS } from './judged.ts'
import { runsMany } from './many_times.ts'

const MAILERS: ReadonlySet<string> = new Set(
  'mail mailx mutt neomutt sendmail msmtp swaks ssmtp nail s-nail himalaya exim postfix'.split(' ')
)
const API =
  /^https?:\/\/(?:api\.(?:sendgrid|resend|postmarkapp|mailjet|brevo|sendinblue|sparkpost|elasticemail)\.com\/|api(?:\.eu)?\.mailgun\.net\/|[\w.-]*api\.mailchimp\.com\/|email\.[\w-]+\.amazonaws\.com|mandrillapp\.com\/|gmail\.googleapis\.com\/)/i
const ADDRESS = /[\w.+-]+@[\w-]+\.[\w.-]+/g

/** Denies mail sent in a loop, to more than `max_recipients` in one command, or by a bulk call of a mail service. */
export const blockEmailBulkSend = definePolicy({
  id: 'block_email_bulk_send',
  title: 'No mail in bulk',
  params: z.strictObject({ max_recipients: z.int().min(1).default(5) }),
  reads: CommandAndUrl,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context, { max_recipients }) =>
    judgeTool(
      context,
      (reading) => {
        const remedy = `write to at most ${max_recipients} people, or ask a person to send it`
        const many = runsMany(reading, isMail, max_recipients)
        if (many !== null) return deny(`\`${spelt(many)}\` would send mail many times`, { remedy })
        const bulk = reading.lines.find((line) => isBulk(line) || (isMail(line) && recipients(line) > max_recipients))
        if (bulk !== undefined) return deny(`\`${spelt(bulk)}\` would send mail to many`, { remedy })
        const call = reading.calls.find(({ name }) =>
          /(?:sendmail|send_message|send_bulk\w*|sendBulk\w*|send_mass_mail|sendMail|send_mail)$/.test(name)
        )
        return call === undefined ? null : deny(`\`${call.name}\` in a program given in the command would send mail`, { remedy })
      },
      'no mail is sent in bulk'
    )
})

function isMail(line: CommandLine): boolean {
  if (MAILERS.has(line.program ?? '')) return true
  if (line.program === 'aws') return /^(?:ses|sesv2)$/.test(line.operands[0] ?? '') && line.operands[1]?.startsWith('send-') === true
  return requestsSent(line).some(({ url, method }) => method === 'POST' && API.test(url))
}

function isBulk(line: CommandLine): boolean {
  if (line.program === 'aws')
    return /^(?:ses|sesv2|pinpoint)$/.test(line.operands[0] ?? '') && /^send-(?:bulk|messages|users-messages)/.test(line.operands[1] ?? '')
  return requestsSent(line).some(
    ({ url, method }) => method === 'POST' && API.test(url) && /batch|bulk|campaigns\/[^/]+\/(?:actions\/)?send/i.test(url)
  )
}

function recipients({ words }: CommandLine): number {
  return new Set(words.flatMap((word) => word.match(ADDRESS) ?? []).map((address) => address.toLowerCase())).size
}
