// The installation that a command talks to, through the agents' own client; every failure ends the command with its own exit code.
import type { Command } from 'commander'
import { EnactEdge } from '../client.ts'
import { EnactError } from '../client/errors.ts'
import { hostTime } from '../client/time.ts'
import { transport, type Asked } from '../client/transport.ts'
import type { Context } from './context.ts'
import { exit, type EXIT } from './exit.ts'

/** How an installation is named on the command line. */
export interface Named {
  readonly url?: string
  readonly key?: string
}

/** Adds `--url`, `--key` and `--json`. */
export function installation(command: Command): Command {
  return command
    .option('--url <address>', 'the installation (default: ENACT_URL)')
    .option('--key <key>', 'an API key (default: ENACT_API_KEY)')
    .option('--json', 'print JSON for programs')
}

const TIMEOUT_MS = 35_000
/** Of an attempt that met silence. */
const RETRIES = 1

/** Ends the command where it is not said which installation, or with which key. */
export function nameOf({ url: given, key: givenKey }: Named, { env }: Context): { url: string; apiKey: string } {
  const url = given ?? env.ENACT_URL
  const apiKey = givenKey ?? env.ENACT_API_KEY
  if (!url) throw exit('usage', 'say which installation: --url <address> (or ENACT_URL) with --key (or ENACT_API_KEY)')
  if (!apiKey) throw exit('auth', 'the key is missing: give --key or ENACT_API_KEY')
  return { url, apiKey }
}

/** For runs. */
export function edgeOf(named: Named, context: Context): EnactEdge {
  const { url, apiKey } = nameOf(named, context)
  return begun(() => new EnactEdge({ url, apiKey, timeoutMs: TIMEOUT_MS, retries: RETRIES }))
}

/** For everything else: the body of the answer, undefined where there is none. */
export function callerOf(named: Named, context: Context): (asked: Asked) => Promise<unknown> {
  const { url, apiKey } = nameOf(named, context)
  const send = begun(() =>
    transport({ url, apiKey, fetch: (input, init) => fetch(input, init), timeoutMs: TIMEOUT_MS, retries: RETRIES, time: hostTime })
  )
  return async (asked) => (await answered(send(asked))).body
}

function begun<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw exit('usage', (error as Error).message)
  }
}

/** The answer, or the end of the command. */
export async function answered<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (!(error instanceof EnactError)) throw error
    throw exit(whyOf(error), error.detail)
  }
}

function whyOf({ status, code }: EnactError): keyof typeof EXIT {
  if (code === 'signature_invalid') return 'verification'
  if (status === 401 || status === 403) return 'auth'
  if (status === 400 || status === 422) return 'usage'
  return status === 0 || status === 429 || status >= 502 ? 'network' : 'unexpected'
}
