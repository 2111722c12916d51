// The Notices port: each channel by its own provider.
import type { Notices } from '../../engine/index.ts'
import type { Mailer } from './mailer.ts'
import type { SlackNotices } from './slack.ts'

export { composeAsk, composeEnd, linksOf } from './compose.ts'
export { type Mailer, noMailer } from './mailer.ts'
export { d1Outbox } from './outbox.ts'
export { outboxEmail } from './outbox_email.ts'
export { resendMailer } from './resend.ts'
export { bindingMailer, type EmailBinding } from './send_email.ts'
export { blocksOf, slackClient, type SlackNotices, slackNotices, type SlackOptions } from './slack.ts'
export { isFromSlack } from './slack_signature.ts'

/** Notices over a mailer and, where it is set up, Slack. A mail that is sent cannot be changed. */
export function notices(mailer: Mailer, slack: SlackNotices | null): Notices {
  const inSlack = (): SlackNotices => {
    if (slack === null) throw new Error('no message can be sent in Slack: set SLACK_BOT_TOKEN')
    return slack
  }
  return {
    async send(_teamId, notice) {
      if (notice.channel.kind === 'slack') return inSlack().send(notice)
      await mailer(notice)
      return null
    },
    async change(_teamId, channel, ref, text) {
      if (channel.kind === 'slack') await inSlack().change(ref, text)
    }
  }
}
