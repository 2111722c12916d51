// send_email: once, to exactly those who were judged, and never a second time, whatever becomes of the answer.
import { actionsOf, alreadyDone, done, failed, recipientsOf, type ActionTaken, type JsonObject } from '../../engine/index.ts'
import { digestOfMail, MailInput, mailOf } from './message.ts'
import type { Way } from './way.ts'

/** What the action needs: a sender, a way, and who may be written to. */
export interface MailClient {
  readonly from: string
  readonly send: Way
  /** Takes a folded address. */
  allows(address: string): boolean
}

type Sent = { message_id: string | null; recipients: string[]; rejected: string[]; digest: string }

/** The one action of the system. There is no taking back of a mail. */
export const send_email = actionsOf<MailClient>()({
  title: 'Send a mail',
  mutates: true,
  input: MailInput,
  inverse: 'irreversible',
  recovery: 'opaque',
  timeoutMs: 30_000,
  resources: ({ to, cc, bcc, idempotency_key }) => [
    ...recipientsOf(to, cc, bcc).map((address) => `mail/to/${encodeURIComponent(address)}`),
    ...(idempotency_key === undefined ? [] : [`mail/key/${encodeURIComponent(idempotency_key)}`])
  ],
  once: {
    ask: ({ idempotency_key }) => (idempotency_key === undefined ? null : { about: 'mail_key', values: [idempotency_key] }),
    answer: async (client, input, earlier) => sentBefore(earlier, await digestOfMail(mailOf(input, client.from, '')))
  },
  async run(client, input, call) {
    const recipients = recipientsOf(input.to, input.cc, input.bcc)
    const sent = call.notes.findLast((note) => 'sent' in note)?.sent
    if (sent !== undefined) return alreadyDone('sent', sent as Sent)
    if (call.notes.some((note) => 'sending' in note))
      return failed('interrupted', 'an earlier attempt may have sent it, and a mail is never sent twice', 'unknown')
    const stranger = recipients.find((address) => !client.allows(address))
    if (stranger !== undefined) return failed('not_allowed', `\`${stranger}\` is not on the list of recipients of this installation`)
    const mail = mailOf(input, client.from, call.idempotencyKey)
    await call.note({ sending: call.idempotencyKey })
    const answer = await client.send(mail, call.timeoutMs)
    if (answer.kind !== 'done') return answer
    const output: Sent = { ...answer.output, recipients: [...recipients], digest: await digestOfMail(mail) }
    await call.note({ sent: output })
    return done(output)
  }
})

/** What an earlier run of the team that used the same key makes of this call. */
function sentBefore({ status, output }: ActionTaken, digest: string) {
  if (status === 'UNKNOWN')
    return failed('maybe_sent', 'an earlier run used this idempotency key, and nobody can tell whether its mail was sent: look it up')
  if (output.digest !== digest) return failed('idempotency_key_reused', 'an earlier run used this idempotency key for another mail')
  const { already_done: _already, ...sent } = output as JsonObject & { already_done?: unknown }
  return alreadyDone('sent', sent as unknown as Sent)
}
