// Mail stays in the house.
import * as z from 'zod'
import { allow, asciiDomain, definePolicy, deny, domainOf, fold, quoted } from '../../engine/index.ts'
import { Recipients, recipientsOf } from './recipients.ts'

// What stands between addresses, and around the names beside them.
const BETWEEN = /[\s<>"'(),;:[\]\\]+/
const Domain = z
  .string()
  .regex(/^\S+$/)
  .transform((text) => asciiDomain(fold(text).replace(/^@|^\*\./, '')))

/**
 * Denies a message to an address that is neither in one of `domains` nor below it, in `to`, `cc`, `bcc` or `reply_to`, also where it stands for a
 * name. Look-alikes in other scripts are other domains. An empty list denies all.
 */
export const noEmailExternalDomains = definePolicy({
  id: 'no_email_external_domains',
  title: 'No mail out of the house',
  params: z.strictObject({ domains: z.array(Domain) }),
  reads: z.object({ to: Recipients, cc: Recipients, bcc: Recipients, reply_to: Recipients }),
  on: ['send_email', 'agent.mcp', 'agent.tool'],
  evaluate({ reads: { to, cc, bcc, reply_to }, system }, { domains }) {
    const texts = [to, cc, bcc, reply_to].flatMap((one) => one ?? [])
    // Whatever looks like an address, be it where a name stands: not every program reads a line of recipients alike.
    const words = new Set(texts.flatMap((text) => text.split(BETWEEN).filter((word) => word.includes('@'))))
    const named = recipientsOf([...words])
    // Tools of agents have a `to` for other things: a language, a folder.
    const given = recipientsOf(to, cc, bcc, reply_to).filter((address) => system !== 'agent' || address.includes('@'))
    const addresses = [...new Set([...given, ...named])]
    const outside = addresses.find((address) => !isInside(domainOf(address), domains))
    if (outside === undefined) return allow(addresses.length === 0 ? 'nobody is written to' : 'nobody outside is written to')
    const where = domains.length === 0 ? 'no domain may be written to' : `only ${domains.map(quoted).join(', ')} may be written to`
    const domain = domainOf(outside)
    return deny(domain === null ? `${quoted(outside)} names no domain: ${where}` : `${quoted(outside)} is outside: ${where}`, {
      remedy: domains.length === 0 ? 'let a person send it' : `write to ${quoted(domains[0]!)}, or let a person send it`
    })
  }
})

function isInside(domain: string | null, domains: readonly string[]): boolean {
  return domain !== null && domains.some((one) => domain === one || domain.endsWith(`.${one}`))
}
