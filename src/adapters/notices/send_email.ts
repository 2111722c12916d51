// Mail through Cloudflare's `send_email` binding.
import type { Notice } from '../../engine/index.ts'
import type { Mailer } from './mailer.ts'

/** The slice of the binding in use. */
export interface EmailBinding {
  send(message: {
    readonly from: string
    readonly to: string
    readonly subject: string
    readonly text: string
    readonly html: string
  }): Promise<unknown>
}

/** A mailer over the binding; `from` is an address of a zone with Email Routing. */
export function bindingMailer(binding: EmailBinding, from: string): Mailer {
  return async ({ channel, subject, text, html }: Notice) => {
    await binding.send({ from, to: channel.address, subject, text, html })
  }
}
