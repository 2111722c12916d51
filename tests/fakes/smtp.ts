// A real SMTP server on this machine: keeps what it took, byte by byte, and can be made to misbehave at every step.
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export const SMTP_USER = 'enact'
export const SMTP_PASSWORD = 'smtp-password-that-must-never-show'

export interface TakenMail {
  readonly from: string
  readonly to: readonly string[]
  /** As it came, dots unstuffed. */
  readonly raw: string
  readonly secure: boolean
  readonly user: string | null
}

type Step = 'connect' | 'auth' | 'from' | 'rcpt' | 'data'
/** `drop` ends the connection, `silent` never answers, `lost` takes the mail and drops, `hang` takes it and never answers; a number is a reply. */
export interface Trouble {
  readonly at: Step
  readonly what: 'drop' | 'silent' | 'lost' | 'hang' | number
}

export interface SmtpFake {
  readonly port: number
  readonly mails: TakenMail[]
  trouble(next: Trouble): void
  close(): Promise<void>
}

/** Starts on a free port of this machine. With `starttls` or `secure` and no certificate of its own it has one that nobody should trust. */
export async function startSmtp(
  options: SMTPServerOptions & { readonly needsLogin?: boolean; readonly starttls?: boolean } = {}
): Promise<SmtpFake> {
  const { needsLogin = false, starttls = false, ...more } = options
  const mails: TakenMail[] = []
  let next: Trouble | null = null
  const drop = () => {
    for (const connection of server.connections) connection._socket?.destroy()
  }
  /** True where the step is spoiled and nobody else is to answer. */
  const spoiled = (at: Step, answer: (error: Error) => void): boolean => {
    if (next?.at !== at) return false
    const { what } = next
    if (what === 'lost' || what === 'hang') return false
    next = null
    if (what === 'drop') drop()
    else if (typeof what === 'number') answer(Object.assign(new Error(`no, ${SMTP_PASSWORD}`), { responseCode: what }))
    return true
  }
  const server = new SMTPServer({
    authOptional: !needsLogin,
    disabledCommands: starttls ? [] : ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onConnect: (_session, done) => void (spoiled('connect', done) || done()),
    onAuth(auth, _session, done) {
      if (spoiled('auth', done)) return
      if (auth.username === SMTP_USER && auth.password === SMTP_PASSWORD) done(null, { user: auth.username })
      else done(new Error('wrong credentials'))
    },
    onMailFrom: (_address, _session, done) => void (spoiled('from', done) || done()),
    onRcptTo(address, _session, done) {
      if (spoiled('rcpt', done)) return
      if (address.address.startsWith('unknown')) done(Object.assign(new Error('no such mailbox'), { responseCode: 550 }))
      else done()
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (spoiled('data', done)) return
        const what = next?.what
        next = null
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString(),
          secure: session.secure,
          user: session.user === undefined ? null : String(session.user)
        })
        if (what === 'lost') drop()
        else if (what !== 'hang') done()
      })
    },
    ...more
  })
  // A client that hangs up is no news here.
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    mails,
    trouble: (given) => void (next = given),
    async close() {
      drop()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    }
  }
}
