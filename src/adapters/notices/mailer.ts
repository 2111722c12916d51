// What sends mail. Which one an installation has is its entry's business.
import type { Notice } from '../../engine/index.ts'

/** Resolves once the provider has taken the mail. INVARIANT: errors never quote the mail, which holds links that decide. */
export type Mailer = (notice: Notice) => Promise<void>

/** Where no mail can be sent: each attempt fails and says what to set. */
export function noMailer(): Mailer {
  return () => Promise.reject(new Error('no mail can be sent: set RESEND_API_KEY and ENACT_MAIL_FROM, or bind EMAIL'))
}
