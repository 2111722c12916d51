// Mail over SMTP: one connection a mail, TLS with a certificate that holds or nothing at all, and exact about what the server had by when.
import MailComposer from 'nodemailer/lib/mail-composer'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { ActionResult } from '../../engine/index.ts'
import type { Mail } from './message.ts'
import { maybeSent, notSent, ownTime, said, taken, type Way } from './way.ts'

export interface SmtpOptions {
  readonly host: string
  readonly port: number
  /** `starttls` fails where the server does not offer it: nothing is said in the clear, whoever took the offer away. */
  readonly tls: 'implicit' | 'starttls' | 'none'
  readonly username: string | null
  readonly password: string | null
}

interface SmtpError extends Error {
  readonly code?: string
  readonly responseCode?: number
  readonly response?: string
}

/** The Message-ID names the run and the call, so that a mail whose answer was lost can be looked up at the server. */
export function messageIdOf({ from, call }: Pick<Mail, 'from' | 'call'>): string {
  return `<enact.${call.replaceAll(/[^A-Za-z0-9-]/g, '.')}@${from.slice(from.lastIndexOf('@') + 1).replace(/>$/, '')}>`
}

/** A way over one SMTP server. */
export function smtpWay(options: SmtpOptions): Way {
  const secrets = [options.password, options.username].filter((one): one is string => one !== null && one !== '')
  return async (mail, timeoutMs) => {
    const ms = ownTime(timeoutMs)
    const message_id = messageIdOf(mail)
    const raw = await compose(mail, message_id)
    const connection = new SMTPConnection({
      // Workers resolve names by DNS, which does not know this one.
      host: options.host === 'localhost' ? '127.0.0.1' : options.host,
      ...(options.host === 'localhost' ? { servername: 'localhost' } : {}),
      port: options.port,
      secure: options.tls === 'implicit',
      requireTLS: options.tls === 'starttls',
      ignoreTLS: options.tls === 'none',
      allowInternalNetworkInterfaces: true,
      name: 'enact.invalid',
      dnsTimeout: ms,
      connectionTimeout: ms,
      greetingTimeout: ms,
      socketTimeout: ms,
      socketCloseTimeout: 0,
      maxResponseSize: 65_536,
      logger: false,
      tls: { rejectUnauthorized: true }
    })
    const sending = { begun: false, isOver: false }
    const envelope = { from: bare(mail.from), to: [...mail.to, ...mail.cc, ...mail.bcc], size: raw.byteLength }
    try {
      const rejected = await speak(connection, options, envelope, raw, sending, ms)
      connection.quit()
      return taken({ message_id, rejected })
    } catch (error) {
      connection.close()
      return meaning(error as SmtpError, sending.begun, secrets)
    }
  }
}

/** The mail in bytes. `bcc` is in the envelope alone; nothing in the text makes the composer read a file or an address. */
async function compose(mail: Mail, messageId: string): Promise<Uint8Array> {
  const composer = new MailComposer({
    from: mail.from,
    to: [...mail.to],
    cc: [...mail.cc],
    subject: mail.subject,
    messageId,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(mail.text === null ? {} : { text: mail.text }),
    ...(mail.html === null ? {} : { html: mail.html }),
    ...(mail.reply_to === null ? {} : { replyTo: mail.reply_to })
  })
  return composer.compile().build()
}

/** Resolves to the recipients that were refused, once the server has taken the mail. */
function speak(
  connection: SMTPConnection,
  { username, password }: SmtpOptions,
  envelope: { from: string; to: string[]; size: number },
  raw: Uint8Array,
  sending: { begun: boolean; isOver: boolean },
  ms: number
): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), ms)
    const end = (error: unknown, rejected: string[] = []) => {
      sending.isOver = true
      clearTimeout(timer)
      if (error) reject(error as Error)
      else resolve(rejected)
    }
    // It is read only when the server has said that it wants it: until then nothing has been sent.
    const message = {
      pipe(stream: { write(bytes: Uint8Array): unknown; end(): void }) {
        if (sending.isOver) return
        sending.begun = true
        stream.write(raw)
        stream.end()
      },
      destroy: () => undefined
    }
    const send = () => {
      // The library would send it all the same, and the server could read any address into it.
      const { _supportedExtensions: extensions } = connection as unknown as { readonly _supportedExtensions: readonly string[] }
      if (!extensions.includes('SMTPUTF8') && /[^\p{ASCII}]/u.test(envelope.to.join()))
        return end(Object.assign(new Error('it takes no addresses beyond ASCII'), { code: 'EENVELOPE' }))
      connection.send(envelope, message as never, (error, info) => end(error, error ? [] : (info?.rejected ?? []).map(addressOf)))
    }
    connection.once('error', (error) => end(error))
    connection.once('end', () => end(Object.assign(new Error('the connection ended'), { code: 'ECONNECTION' })))
    connection.connect((error?: Error | null) => {
      if (error) return end(error)
      if (username === null) return send()
      connection.login({ credentials: { user: username, pass: password ?? '' } }, (refusal) => (refusal ? end(refusal) : send()))
    })
  })
}

/** A reply of the server is certain, whenever it came; silence is certain only before it had the mail. */
function meaning({ code, responseCode, response, message }: SmtpError, begun: boolean, secrets: readonly string[]): ActionResult<never> {
  const reply = responseCode === undefined ? '' : ` ${responseCode}${said(response?.replace(/^\d{3}[ -]?/, ''), secrets)}`
  if (responseCode !== undefined) {
    if (code === 'EAUTH') return notSent('unauthorized', `the mail server does not accept the credentials:${reply}`)
    if (code === 'ETLS') return notSent('tls_failed', 'the mail server does not offer encryption, and nothing is sent without')
    if (responseCode < 500) return notSent('try_later', `the mail server does not take the mail now:${reply}`)
    return notSent('rejected', `the mail server refuses:${reply}`)
  }
  if (code === 'ETIMEDOUT')
    return begun
      ? maybeSent('timed_out', 'the mail server had the mail and did not answer in time')
      : notSent('timed_out', 'the mail server did not answer in time; it had not been given the mail')
  if (begun) return maybeSent('connection_lost', 'the connection to the mail server was lost after it had been given the mail')
  if (code === 'ETLS') return notSent('tls_failed', `the connection to the mail server cannot be encrypted${said(message, secrets)}`)
  return notSent('unreachable', `the mail server was not given the mail${said(message, secrets)}`)
}

function bare(from: string): string {
  return /<([^<>]*)>\s*$/.exec(from)?.[1] ?? from
}

function addressOf(one: string | { readonly address: string }): string {
  return typeof one === 'string' ? one : one.address
}
