// What alerts are sent with in an installation: one sender a kind of channel, and why a kind has none.
import type { AlertChannelKind, SendAlert } from '../../engine/index.ts'
import type { Mailer } from '../notices/index.ts'
import { mailAlerts } from './mail.ts'
import { pagerDuty } from './pagerduty.ts'
import { slackAlerts } from './slack.ts'
import { twilio } from './sms.ts'

export { eventOf } from './pagerduty.ts'

export interface AlertSendersGiven {
  /** Strings from the host's environment. */
  readonly strings: Readonly<Record<string, string | undefined>>
  readonly mailer: Mailer
  /** False where no mail can be sent. */
  readonly hasMail: boolean
  /** How long PagerDuty and Twilio may take; 10 s unless given. */
  readonly timeoutMs?: number
  /** Where this installation is reached; null = nobody has said. */
  origin(): string | null
}

export interface AlertSenders {
  readonly send: SendAlert
  /** Why nothing can be sent by this kind, in one sentence; null = it can. */
  problem(kind: AlertChannelKind): string | null
}

/** The senders of an installation. */
export function alertSenders({ strings, mailer, hasMail, timeoutMs, origin }: AlertSendersGiven): AlertSenders {
  const { SLACK_BOT_TOKEN, SLACK_API_URL, PAGERDUTY_API_URL, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM, TWILIO_API_URL } = strings
  const slow = timeoutMs === undefined ? {} : { timeoutMs }
  const slack = SLACK_BOT_TOKEN
    ? slackAlerts({ token: SLACK_BOT_TOKEN, ...(SLACK_API_URL ? { apiUrl: SLACK_API_URL } : {}), origin })
    : null
  const pager = pagerDuty({ ...(PAGERDUTY_API_URL ? { apiUrl: PAGERDUTY_API_URL } : {}), ...slow, origin })
  const mail = mailAlerts(mailer, origin)
  const account = TWILIO_ACCOUNT_SID && TWILIO_AUTH_TOKEN && TWILIO_FROM
  const sms = account
    ? twilio({
        accountSid: TWILIO_ACCOUNT_SID,
        authToken: TWILIO_AUTH_TOKEN,
        from: TWILIO_FROM,
        ...(TWILIO_API_URL ? { apiUrl: TWILIO_API_URL } : {}),
        ...slow,
        origin
      })
    : null
  const problems: Readonly<Record<AlertChannelKind, string | null>> = {
    slack: slack === null ? 'set SLACK_BOT_TOKEN' : null,
    pagerduty: null,
    mail: hasMail ? null : 'set RESEND_API_KEY and ENACT_MAIL_FROM, or bind EMAIL',
    sms: sms === null ? 'set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM' : null
  }
  return {
    async send({ delivery_id, type, target: { kind, address }, parcel }) {
      const problem = problems[kind]
      // An installation that is being set up may have it in an hour: it is tried again.
      if (problem !== null) return { kind: 'failed', message: `nothing can be sent by ${kind}: ${problem}` }
      if (kind === 'slack') return slack!(address, parcel)
      if (kind === 'pagerduty') return pager(type, address, parcel)
      return kind === 'mail' ? mail(delivery_id, address, parcel) : sms!(address, parcel)
    },
    problem: (kind) => problems[kind]
  }
}
