// Whether an agent's hooks fire: what the settings file says is read as the agent reads it, and then done.
import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../../engine/schema.ts'
import type { HookAgent } from '../../integrations/hooks/index.ts'
import { fire } from './fire.ts'
import { commandOf, hooksOf, installedIn, type Installed } from './settings.ts'

/** One thing that was looked at. */
export interface Check {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
}

type Env = Readonly<Record<string, string | undefined>>

/** Denied by the policies for coding agents, and never executed: it is only asked about. */
const DESTRUCTIVE = 'rm -rf ~'
const HARMLESS = 'git status'
/** A port at which nothing listens (discard). */
const NOWHERE = 'http://127.0.0.1:9'
const WRONG_KEY = 'enact_live_0000000000000000_wrong'

/** Everything about one settings file. Asks the installation a few questions, which leave receipts of a session `enact-doctor-…`. */
export async function examine(agent: HookAgent, text: string, env: Env): Promise<Check[]> {
  let installed: Installed[]
  try {
    installed = installedIn(agent, text)
  } catch (error) {
    return [failed('the file can be read', (error as Error).message)]
  }
  const before = installed.find(({ event }) => event === agent.before)
  const checks = [...misspelt(agent, text), ...missingEvents(agent, installed)]
  if (before === undefined) return checks
  checks.push(...read(agent, before, env))
  checks.push(...(await fired(agent, before, env)))
  return checks
}

/** An event that the agent does not know never fires, and nothing says so. */
function misspelt(agent: HookAgent, text: string): Check[] {
  const wrong = Object.keys(hooksOf(text)).filter((event) => !agent.events.includes(event))
  if (wrong.length === 0) return [passed('every event is one that fires', `${agent.title} knows all of them`)]
  return wrong.map((event) => {
    const like = agent.events.find((one) => one.toLowerCase() === event.toLowerCase()) ?? nearest(event, agent.events)
    return failed('every event is one that fires', `\`${event}\` never does${like === null ? '' : `: it is spelt \`${like}\``}`)
  })
}

function missingEvents(agent: HookAgent, installed: readonly Installed[]): Check[] {
  const wanted = Object.keys(agent.entries({ program: 'enact', flags: '', url: '', timeoutSeconds: 60 }))
  const missing = wanted.filter((event) => !installed.some((one) => one.event === event))
  if (missing.length === 0) return [passed('every event is listened to', wanted.join(', '))]
  return [failed('every event is listened to', `not ${missing.join(', ')}: run \`enact hooks install ${agent.id}\``)]
}

function read(agent: HookAgent, { entry, handler }: Installed, env: Env): Check[] {
  const checks = [timeouts(agent, handler), matcher(entry)]
  if (agent.id === 'cursor')
    checks.push(check('a hook that fails blocks', entry.failClosed === true, '`failClosed` is true', '`failClosed` is not true'))
  if (agent.id === 'claude-code')
    checks.push(check('a hook that fails blocks', handler.onFailure === 'block', '`onFailure` is block', '`onFailure` is not `block`'))
  return [...checks, ...variables(handler, env)]
}

function timeouts(agent: HookAgent, handler: JsonObject): Check {
  const name = 'the time-outs fit'
  const outer = agent.timeoutOf(handler)
  if (outer === null) return failed(name, 'the entry has no time-out')
  const said = /--timeout (\d+)/.exec(commandOf(handler) ?? '')?.[1] ?? URL.parse(String(handler.url))?.searchParams.get('timeout') ?? null
  const inner = said === null ? 60 : Number(said)
  return check(
    name,
    inner <= outer && inner >= 10,
    `${outer} s, answered 5 s before`,
    `the agent waits ${outer} s and the hook answers after up to ${inner - 5} s`
  )
}

function matcher({ matcher: given }: JsonObject): Check {
  const name = 'every tool is matched'
  if (given === undefined || given === '' || given === '*') return passed(name, 'no tool is left out')
  let holds = false
  try {
    const pattern = new RegExp(`^(?:${String(given)})$`)
    holds = ['Bash', 'Write', 'mcp__server__tool'].every((tool) => pattern.test(tool))
  } catch {
    // A pattern that is none matches nothing.
  }
  return check(name, holds, `\`${String(given)}\``, `\`${String(given)}\` leaves tools out, those of MCP servers perhaps`)
}

function variables(handler: JsonObject, env: Env): Check[] {
  const command = commandOf(handler)
  const needed =
    command === null
      ? [...JSON.stringify(handler.headers ?? {}).matchAll(/\$\{?(\w+)/g)].map((match) => match[1]!)
      : command.includes('--local')
        ? []
        : ['ENACT_API_KEY', ...(command.includes('--url ') ? [] : ['ENACT_URL'])]
  const allowed = command === null ? (Array.isArray(handler.allowedEnvVars) ? handler.allowedEnvVars : []) : needed
  return needed.map((name) => {
    if (!allowed.includes(name)) return failed(`${name} reaches the hook`, 'it is not among `allowedEnvVars`')
    return check(`${name} reaches the hook`, (env[name] ?? '') !== '', 'it is set here', 'it is not set in this environment')
  })
}

async function fired(agent: HookAgent, { handler }: Installed, env: Env): Promise<Check[]> {
  const session = `enact-doctor-${randomUUID()}`
  const ask = (command: string, n: number, as: Env = env, rewrite?: (text: string) => string) =>
    fire(agent, handler, agent.canary(command, `${session}-${n}`), as, rewrite)
  const bad = await ask(DESTRUCTIVE, 1)
  const good = await ask(HARMLESS, 2)
  const checks = [
    check(
      'a destructive command is denied',
      bad.blocks && good.said !== null && !good.blocks,
      `\`${DESTRUCTIVE}\`: ${bad.what}`,
      bad.blocks ? `everything is blocked: ${bad.what}` : `\`${DESTRUCTIVE}\` would run: ${bad.what}`
    ),
    check('a harmless command passes', good.said !== null && !good.blocks, `\`${HARMLESS}\``, `\`${HARMLESS}\` is blocked: ${good.what}`)
  ]
  const command = commandOf(handler)
  if (command?.includes('--local')) return checks
  const wrong = await ask(HARMLESS, 3, { ...env, ENACT_API_KEY: WRONG_KEY })
  checks.push(check('a wrong key is a block', wrong.blocks, wrong.what, `\`${HARMLESS}\` would run: ${wrong.what}`))
  const alone = await ask(HARMLESS, 4, { ...env, ENACT_URL: NOWHERE }, nowhere)
  const isMeant = command?.includes('--fail-open') === true
  checks.push(
    check(
      'an installation that is not reached is a block',
      alone.blocks || isMeant,
      alone.blocks ? alone.what : '--fail-open was asked for',
      `\`${HARMLESS}\` would run: ${alone.what}`
    )
  )
  return checks
}

function nowhere(text: string): string {
  return text.replace(/https?:\/\/[^\s'"/?]+/, NOWHERE)
}

function nearest(word: string, words: readonly string[]): string | null {
  const start = word.slice(0, 5).toLowerCase()
  return words.find((one) => one.toLowerCase().startsWith(start)) ?? null
}

function check(name: string, ok: boolean, good: string, bad: string): Check {
  return { check: name, ok, detail: ok ? good : bad }
}
function passed(name: string, detail: string): Check {
  return { check: name, ok: true, detail }
}
function failed(name: string, detail: string): Check {
  return { check: name, ok: false, detail }
}
