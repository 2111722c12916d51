// One Postgres session, over Neon's WebSocket or over TCP, with one shape: text in, text out.
import type { Client as NeonClient } from '@neondatabase/serverless'

/** A bound value: text that Postgres reads by the type of the place it stands in; arrays become array literals. */
export type Bound = string | null | readonly Bound[]

/** Every cell as Postgres prints it: nothing is converted, so nothing is lost. */
export interface Answer {
  readonly rows: readonly (readonly (string | null)[])[]
  /** The command tag's verb: a COMMIT of a failed transaction answers `ROLLBACK`. */
  readonly command: string
  readonly count: number
}

/** One session. A query rejects with `Refused` where Postgres said no, with `Lost` where nobody knows. */
export interface Session {
  query(text: string, values?: readonly Bound[]): Promise<Answer>
  /** Resolves when the session is over, at once where the connection is broken already. */
  end(): Promise<void>
}

/** Where and how to connect. */
export interface Address {
  readonly database_url: string
  readonly driver: 'neon' | 'pg'
  readonly neon_local_url?: string | undefined
  /** Longer than any statement may take: past this the connection counts as lost. */
  readonly answerTimeoutMs: number
}

/** Postgres answered with an error: what was asked did not happen. `state` is its SQLSTATE. */
export class Refused extends Error {
  readonly state: string
  constructor(state: string, message: string) {
    super(message)
    this.name = 'Refused'
    this.state = state
  }
}

/** The connection broke or never came to be: what was asked may have happened. */
export class Lost extends Error {
  override readonly name = 'Lost'
}

const CONNECT_TIMEOUT_MS = 10_000

/** Opens a session; rejects with `Refused` (bad password, no such database) or `Lost`. Messages never hold the password. */
export async function openSession(address: Address): Promise<Session> {
  const tell = (error: unknown) => asFailure(error, secretsOf(address.database_url))
  let client: NeonClient
  let broken = false
  try {
    client = address.driver === 'neon' ? await neonClient(address) : await pgClient(address)
    // Without a listener a connection that breaks between two queries would end the process.
    client.on('error', () => {
      broken = true
    })
    await client.connect()
  } catch (error) {
    throw tell(error)
  }
  return {
    async query(text, values) {
      try {
        const result = await client.query({
          text,
          ...(values ? { values: [...values] } : {}),
          rowMode: 'array',
          types: PLAIN_TEXT
        } as never)
        return answerOf(result)
      } catch (error) {
        const failure = tell(error)
        broken ||= failure instanceof Lost
        throw failure
      }
    },
    async end() {
      // Neon's client gathers what it sends until the next turn, and closes before: the good-bye would be thrown at a closed socket.
      if (address.driver === 'neon') client.neonConfig.coalesceWrites = false
      const ended = client.end().catch(() => undefined)
      // Neon's client waits for the server to hang up after its good-bye, which not every server does.
      if (address.driver === 'neon') (client.connection.stream as { end(): void }).end()
      if (!broken) await ended
    }
  }
}

const PLAIN_TEXT = { getTypeParser: () => (text: string) => text }

function answerOf(result: unknown): Answer {
  const last = (Array.isArray(result) ? result.at(-1) : result) as {
    rows: (string | null)[][]
    command: string | null
    rowCount: number | null
  }
  return { rows: last.rows, command: last.command ?? '', count: last.rowCount ?? 0 }
}

function settings(address: Address) {
  return {
    connectionString: address.database_url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: address.answerTimeoutMs,
    application_name: 'enact'
  }
}

async function pgClient(address: Address): Promise<NeonClient> {
  const { default: pg } = await import('pg')
  return new pg.Client(settings(address)) as unknown as NeonClient
}

async function neonClient(address: Address): Promise<NeonClient> {
  const { Client } = await import('@neondatabase/serverless')
  const client = new Client(settings(address))
  if (typeof WebSocket === 'undefined') client.neonConfig.webSocketConstructor = await webSocketOfNode()
  if (address.neon_local_url !== undefined) {
    const proxy = new URL(address.neon_local_url)
    client.neonConfig.wsProxy = `${proxy.host}/v2`
    client.neonConfig.useSecureWebSocket = false
    client.neonConfig.pipelineTLS = false
    client.neonConfig.pipelineConnect = false
  }
  return client
}

/** Node 20 has no global WebSocket. The name is not a literal, so that bundles for other hosts leave `ws` out. */
async function webSocketOfNode() {
  const name = 'ws'
  return ((await import(name)) as typeof import('ws')).WebSocket as never
}

function secretsOf(databaseUrl: string): string[] {
  const secrets = [databaseUrl]
  try {
    const { password } = new URL(databaseUrl)
    secrets.push(password, decodeURIComponent(password))
  } catch {
    // Not a URL: the whole text is the secret.
  }
  return secrets.filter((secret) => secret !== '')
}

/** These end the session in mid-air (shutdown, idle time-out, crash): they say nothing of a COMMIT under way. */
const SESSION_OVER = /^(08|57P|25P03|25P04|XX)/

/** Message and SQLSTATE only: `detail`, `where` and `hint` of a Postgres error can show whole rows. */
function asFailure(error: unknown, secrets: readonly string[]): Refused | Lost {
  const { message, code, severity } = (typeof error === 'object' && error !== null ? error : {}) as {
    message?: unknown
    code?: unknown
    severity?: unknown
  }
  let text = typeof message === 'string' && message !== '' ? message : 'the connection failed'
  for (const secret of secrets) text = text.replaceAll(secret, '[secret]')
  // Only the server sends a severity; `EPIPE` alone looks like a SQLSTATE.
  const answered = typeof code === 'string' && typeof severity === 'string' && /^[0-9A-Z]{5}$/.test(code)
  return answered && !SESSION_OVER.test(code) ? new Refused(code, text) : new Lost(text)
}
