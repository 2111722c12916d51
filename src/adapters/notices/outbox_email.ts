// The mail binding of a developer's machine: what agents send is written down beside what people are asked, and leaves for nobody.
import type { Mailer } from './mailer.ts'

/** What the binding is given. */
interface Message {
  readonly to: readonly string[]
  readonly cc?: readonly string[]
  readonly bcc?: readonly string[]
  readonly subject: string
  readonly text?: string
  readonly html?: string
}

/** Stands in for `send_email` over the outbox; `newId` gives each mail a name. */
export function outboxEmail(outbox: Mailer, newId: () => string) {
  return {
    async send({ to, cc = [], bcc = [], subject, text = '', html = '' }: Message): Promise<{ messageId: string }> {
      const id = newId()
      const address = [...to, ...cc, ...bcc].join(', ')
      await outbox({ id, channel: { kind: 'mail', address }, subject, text, html, links: { approve: null, deny: null } })
      return { messageId: id }
    }
  }
}
