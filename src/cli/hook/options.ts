// The options of `enact hook`, read without the command parser, whose loading would cost every tool call its time.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/** As on the command line. */
export interface HookOptions {
  readonly agent: string
  readonly timeoutSeconds: number
  readonly local: boolean
  readonly failOpen: boolean
  readonly dir: string
  readonly url: string | undefined
  readonly key: string | undefined
  readonly as: string | null
}

const TIMEOUT_S = 60
const TIMEOUT_S_MAX = 3_600

type Env = Readonly<Record<string, string | undefined>>

/** Throws a `TypeError` that says what is wrong. */
export function hookOptions(words: readonly string[], env: Env): HookOptions {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      timeout: { type: 'string' },
      local: { type: 'boolean' },
      'fail-open': { type: 'boolean' },
      dir: { type: 'string' },
      url: { type: 'string' },
      key: { type: 'string' },
      as: { type: 'string' },
      json: { type: 'boolean' }
    }
  })
  const [agent, ...more] = positionals
  if (agent === undefined || more.length > 0) throw new TypeError('name one agent: enact hook <agent>')
  const seconds = values.timeout ?? String(TIMEOUT_S)
  if (!/^\d{1,4}$/.test(seconds) || Number(seconds) < 2 || Number(seconds) > TIMEOUT_S_MAX)
    throw new TypeError(`--timeout \`${seconds}\`: must be 2 to ${TIMEOUT_S_MAX} seconds`)
  return {
    agent,
    timeoutSeconds: Number(seconds),
    local: values.local === true,
    failOpen: values['fail-open'] === true,
    dir: values.dir ?? localFolder(env),
    url: values.url ?? (env.ENACT_URL || undefined),
    key: values.key ?? (env.ENACT_API_KEY || undefined),
    as: values.as ?? (env.ENACT_USER_EMAIL || null)
  }
}

/** Where `--local` keeps everything: `ENACT_HOME`, else `~/.enact`, which no tool of an agent may change. */
export function localFolder(env: Env): string {
  return env.ENACT_HOME || join(env.HOME || homedir(), '.enact')
}
