// Everything of approvals at the edge, put together once: the door, the work of its objects, notices, Slack, the outbox of development.
import type { ApprovalHost } from '../../../durable/approval.ts'
import {
  accessEmailOf,
  fault,
  mergeAttributes,
  type ApprovalDoor,
  type ApprovalList,
  type Events,
  type Installation,
  type JsonObject,
  type Outbox,
  type PeopleDirectory,
  type Person,
  type Ports,
  type RunWake,
  type SlackDoor
} from '../../engine/index.ts'
import { bindingMailer, d1Outbox, noMailer, notices, resendMailer, slackNotices, type EmailBinding, type Mailer } from '../notices/index.ts'
import { d1ApprovalList } from './approval_list.ts'
import { approvalWork } from './approval_work.ts'
import { edgeApprovals } from './approvals.ts'
import { edgeSlackDoor } from './slack_door.ts'

/** Resend's own address: it reaches the account's owner without a domain of one's own. */
const RESEND_FROM = 'Enact <onboarding@resend.dev>'

export interface ApprovalDeskOptions {
  readonly db: D1Database
  readonly namespace: DurableObjectNamespace
  readonly ports: Omit<Ports, 'approvals'>
  readonly people: PeopleDirectory
  readonly events: Events
  readonly wake: RunWake
  installation(teamId: string): Installation
  /** INVARIANT: true only on the machine of whoever develops: any address may be asked, and mail is kept to be read. */
  readonly isDev: boolean
  /** Where this installation is reached, as far as it is known; null = nobody has said. */
  origin(): string | null
  /** Strings from the host's environment. */
  readonly strings: Readonly<Record<string, string | undefined>>
  readonly email: EmailBinding | undefined
}

export interface ApprovalDesk {
  readonly door: ApprovalDoor
  readonly list: ApprovalList
  readonly work: ApprovalHost['work']
  readonly slack: SlackDoor
  /** Null outside development. */
  readonly outbox: Outbox | null
  /** What this installation sends mail with; `hasMail` false = each mail fails and says what to set. */
  readonly mailer: Mailer
  readonly hasMail: boolean
  approver(teamId: string, address: string): Promise<Person | null>
}

/** The desk over these parts. */
export function approvalDesk(options: ApprovalDeskOptions): ApprovalDesk {
  const { db, namespace, people, strings, isDev } = options
  // An asker that is asked never asks: what is judged again here is a person's edit.
  const ports: Ports = { ...options.ports, approvals: null }
  const { clock, hash, keys } = ports
  const list = d1ApprovalList(db)
  const outbox = isDev ? d1Outbox(db, clock) : null
  const mailer = mailerOf(options, outbox?.mailer ?? null)
  const slack = strings.SLACK_BOT_TOKEN
    ? slackNotices({ token: strings.SLACK_BOT_TOKEN, ...(strings.SLACK_API_URL ? { apiUrl: strings.SLACK_API_URL } : {}) })
    : null
  const stranger = (address: string): Person | null =>
    isDev && address.includes('@')
      ? { person_id: `dev:${address.toLowerCase()}`, email: address, channels: [{ kind: 'mail', address }] }
      : null
  const origin = () => {
    const known = strings.ENACT_URL ?? options.origin()
    if (known === null) throw fault('misconfigured', 'set ENACT_URL to the address of this installation: messages link to it')
    return known
  }
  return {
    door: edgeApprovals({
      namespace,
      people,
      keys,
      hash,
      clock,
      keyEmail: async (teamId, id) => (await keyOf(db, teamId, id))?.user_email ?? null,
      origin,
      stranger
    }),
    list,
    work: approvalWork({
      ports,
      installation: options.installation,
      notices: notices(mailer ?? noMailer(), slack),
      events: options.events,
      wake: options.wake,
      list,
      attributesOf: async (teamId, apiKeyId) => {
        const key = await keyOf(db, teamId, apiKeyId)
        if (key === null) return {}
        const own = JSON.parse(key.attributes) as JsonObject
        return key.user_email === null ? own : mergeAttributes(await people.attributes(teamId, key.user_email), own)
      }
    }),
    slack: edgeSlackDoor(db, clock, strings.SLACK_SIGNING_SECRET),
    outbox,
    mailer: mailer ?? noMailer(),
    hasMail: mailer !== null,
    approver: async (teamId, address) => (await people.find(teamId, address)) ?? stranger(address)
  }
}

function mailerOf({ strings, email }: ApprovalDeskOptions, outbox: Mailer | null): Mailer | null {
  const from = strings.ENACT_MAIL_FROM
  if (outbox !== null && strings.ENACT_EMAIL_DRY_RUN === '1') return outbox
  if (strings.RESEND_API_KEY) {
    const { RESEND_API_KEY: apiKey, RESEND_API_URL: apiUrl } = strings
    return resendMailer({ apiKey, ...(apiUrl ? { apiUrl } : {}), from: from ?? RESEND_FROM })
  }
  if (email !== undefined && from) return bindingMailer(email, from)
  return outbox
}

interface KeyRow {
  readonly user_email: string | null
  readonly attributes: string
}

/** Somebody whom Cloudflare Access vouches for has no key: the address is in the id, and four-eyes must see it. */
async function keyOf(db: D1Database, teamId: string, id: string): Promise<KeyRow | null> {
  const user_email = accessEmailOf(id)
  if (user_email !== null) return { user_email, attributes: '{}' }
  return db.prepare('SELECT user_email, attributes FROM api_keys WHERE team_id = ?1 AND id = ?2').bind(teamId, id).first<KeyRow>()
}
