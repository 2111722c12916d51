// A message goes to people, not to crowds, whether all at once, behind one address or one after the other.
import * as z from 'zod'
import { allow, definePolicy, deny, domainOf, quoted } from '../../engine/index.ts'
import { Recipients, recipientsOf } from './recipients.ts'

// The names of mailboxes behind which many people are. `team@` and `info@` are mostly one.
const CROWD =
  /^(all|everyone|everybody|alle|tous|todos|undisclosed[-_.]?recipients?|newsletters?|subscribers|mailing[-_.]?list|announce(ments?)?|company[-_.]?wide|customers|users|members|employees)$|^(all|everyone|everybody)[-_.]|[-_.](all|everyone|everybody|list|announce|subscribers|members|users)$|^all(staff|hands|users|employees|company)$|^list(s|serv)?$/
const CROWD_HOST = /^(lists?|listserv|groups|newsletter|mailman)\.|(^|\.)(googlegroups\.com|groups\.io|freelists\.org)$/
const UNDISCLOSED = /undisclosed[-_ ]?recipients?\s*:/i

/**
 * Denies a message to a crowd: more than `max_recipients` in `to`, `cc` and `bcc`; an address that stands for many (`all@`, a mailing list, one of
 * `lists`) or hides whom it stands for; or more than `max_in_session` different people by this and the messages before it in the session.
 * `no_mass_emails` counts the addresses of one message and nothing else.
 */
export const noBulkEmailBlast = definePolicy({
  id: 'no_bulk_email_blast',
  title: 'No mail to a crowd',
  params: z.strictObject({
    max_recipients: z.int().min(1).default(10),
    max_in_session: z.int().min(1).default(25),
    /** Further addresses behind which there are many. */
    lists: z.array(z.string().min(1)).default([])
  }),
  reads: z.object({ to: Recipients, cc: Recipients, bcc: Recipients }),
  on: ['send_email', 'agent.mcp', 'agent.tool'],
  evaluate({ reads: { to, cc, bcc }, before }, { max_recipients, max_in_session, lists }) {
    const remedy = `write to at most ${max_recipients} people by their own addresses, and let a person send what goes to more`
    const recipients = recipientsOf(to, cc, bcc)
    if (recipients.length === 0 && !hides(to, cc, bcc)) return allow('nobody is written to')
    if (hides(to, cc, bcc)) return deny('it hides whom it goes to (`undisclosed-recipients`)', { remedy })
    if (recipients.length > max_recipients)
      return deny(`${recipients.length} recipients, at most ${max_recipients} are allowed`, { remedy })
    const known = recipientsOf(lists)
    const crowd = recipients.find((address) => known.includes(address) || isCrowd(address))
    if (crowd !== undefined) return deny(`${quoted(crowd)} stands for many people`, { remedy })
    // Other tools have a `to` as well, which says where and not to whom.
    const earlier = before.flatMap(({ payload }) => recipientsOf(payload.to, payload.cc, payload.bcc))
    const inSession = new Set([...recipients, ...earlier].filter((address) => address.includes('@'))).size
    if (inSession > max_in_session)
      return deny(`${inSession} different recipients in this session, at most ${max_in_session} are allowed`, { remedy })
    return allow(`${recipients.length} recipients, at most ${max_recipients} are allowed`)
  }
})

function isCrowd(address: string): boolean {
  const domain = domainOf(address)
  return domain !== null && (CROWD.test(address.slice(0, -domain.length - 1)) || CROWD_HOST.test(domain))
}

function hides(...given: readonly Recipients[]): boolean {
  return given.flatMap((one) => one ?? []).some((text) => UNDISCLOSED.test(text))
}
