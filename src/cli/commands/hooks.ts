// `enact hooks`: puts Enact's hooks into the settings of coding agents, proves that they fire, and takes them out again.
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { realpathSync } from 'node:fs'
import type { Command } from 'commander'
import { HOOK_AGENTS, type HookAgent, type HookCommand } from '../../integrations/hooks/index.ts'
import { confirm } from '../confirm.ts'
import type { Context } from '../context.ts'
import { exit, exitAfterAnswer } from '../exit.ts'
import { lineDiff } from '../hooks/diff.ts'
import { examine, type Check } from '../hooks/doctor.ts'
import { readText, replaceText } from '../hooks/files.ts'
import { installedIn, withHooks, withoutHooks } from '../hooks/settings.ts'
import { paint, visible } from '../print.ts'

interface Options {
  readonly project?: boolean
  readonly user?: boolean
  readonly yes?: boolean
  readonly json?: boolean
  readonly local?: boolean
  readonly failOpen?: boolean
  readonly url?: string
  readonly timeout?: string
  readonly program?: string
}

/** A file that would be changed. */
interface Change {
  readonly agent: string
  readonly file: string
  readonly before: string | null
  readonly after: string | null
}

/** Adds `install`, `doctor` and `uninstall`. */
export function register(hooks: Command, context: Context): void {
  common(hooks.command('install').description('show what would be written into the settings of agents, and write it'))
    .option('--url <address>', 'the installation (default: ENACT_URL)')
    .option('--local', 'judge on this machine, without an installation')
    .option('--fail-open', 'let everything through while the installation does not answer')
    .option('--timeout <seconds>', 'how long an agent waits, for people too', '600')
    .option('--program <command>', 'how to start `enact` (default: this one; with --project: enact)')
    .option('-y, --yes', 'do not ask')
    .action((agents: string[], options: Options) => install(agents, options, context))
  common(hooks.command('doctor').description('send canaries through what the settings files name: each must fire')).action(
    (agents: string[], options: Options) => doctor(agents, options, context)
  )
  common(hooks.command('uninstall').description('take out exactly what was installed'))
    .option('-y, --yes', 'do not ask')
    .action((agents: string[], options: Options) => uninstall(agents, options, context))
}

function common(command: Command): Command {
  return command
    .argument('[agent...]', `${Object.keys(HOOK_AGENTS).join(', ')} (default: all of them)`)
    .option('--project', 'the settings of the project in this folder')
    .option('--user', 'the settings of this user (default)')
    .option('--json', 'print JSON for programs')
}

async function install(names: readonly string[], options: Options, context: Context): Promise<void> {
  const how = howOf(options, context)
  const changes: Change[] = []
  for (const { agent, file } of placesOf(agentsOf(names), [options.project ? 'project' : 'user'], context)) {
    const before = await readText(file)
    const entries = agent.entries({ ...how, url: agent.id === 'claude-code' ? how.url : null })
    changes.push({ agent: agent.id, file, before, after: legible(file, () => withHooks(agent, before, entries)) })
  }
  await apply(changes, options, context)
  if (!options.json) context.note('now let every agent be tried: enact hooks doctor')
}

async function uninstall(names: readonly string[], options: Options, context: Context): Promise<void> {
  const changes: Change[] = []
  for (const { agent, file } of placesOf(agentsOf(names), scopesOf(options), context)) {
    const before = await readText(file)
    if (before !== null) changes.push({ agent: agent.id, file, before, after: legible(file, () => withoutHooks(agent, before)) })
  }
  await apply(changes, options, context)
}

/** Shows, asks, backs up, writes. */
async function apply(all: readonly Change[], options: Options, context: Context): Promise<void> {
  const changes = all.filter(({ before, after }) => before !== after)
  const done: { agent: string; file: string; backup: string | null }[] = []
  if (!options.json) for (const change of changes) context.out(shown(change))
  if (changes.length === 0 && !options.json) context.out('nothing is to be changed')
  if (
    changes.length > 0 &&
    !options.yes &&
    !(await confirm(`write ${changes.length === 1 ? 'this file' : `these ${changes.length} files`}?`))
  )
    throw exit('usage', 'nothing was written: say --yes')
  for (const { agent, file, after } of changes) done.push({ agent, file, backup: await replaceText(file, after, Date.now()) })
  if (options.json) return context.json({ changed: done, unchanged: all.filter((one) => !changes.includes(one)).map(({ file }) => file) })
  for (const { file, backup } of done) context.out(`${visible(file)}: written${backup === null ? '' : `, as it was: ${visible(backup)}`}`)
}

function shown({ file, before, after }: Change): string {
  const lines = lineDiff(before ?? '', after ?? '').map(({ sign, line }) => {
    const text = `${sign} ${visible(line)}`
    return sign === ' ' ? text : paint(sign === '+' ? 'green' : 'red', text)
  })
  return [paint('bold', `${visible(file)}${before === null ? ' (new)' : after === null ? ' (removed)' : ''}`), ...lines, ''].join('\n')
}

async function doctor(names: readonly string[], options: Options, context: Context): Promise<void> {
  const results: { agent: string; file: string; checks: Check[] }[] = []
  for (const { agent, file } of placesOf(agentsOf(names), scopesOf(options), context)) {
    const text = await readText(file)
    if (text === null || !mentions(agent, text, names.includes(agent.id))) continue
    results.push({ agent: agent.id, file, checks: await examine(agent, text, context.env) })
  }
  const failures = results.flatMap(({ checks }) => checks).filter(({ ok }) => !ok).length
  const missing = names.filter((name) => !results.some(({ agent }) => agent === name))
  if (options.json) context.json({ ok: failures === 0 && results.length > 0 && missing.length === 0, results, missing })
  else
    for (const { file, checks } of results) {
      context.out(paint('bold', visible(file)))
      for (const { check, ok, detail } of checks)
        context.out(`${ok ? paint('green', 'ok  ') : paint('red', 'FAIL')}  ${visible(check)}: ${visible(detail.split('\n', 1)[0]!)}`)
    }
  if (results.length === 0 || missing.length > 0)
    throw exitAfterAnswer(
      'verification',
      `nothing is installed${missing.length === 0 ? '' : ` for ${missing.join(', ')}`}: enact hooks install`
    )
  if (failures > 0) throw exitAfterAnswer('verification', `${failures} checks failed: these hooks cannot be relied on`)
}

function mentions(agent: HookAgent, text: string, isNamed: boolean): boolean {
  try {
    return isNamed || installedIn(agent, text).length > 0
  } catch {
    return true
  }
}

function howOf(options: Options, context: Context): HookCommand {
  const given = options.url ?? context.env.ENACT_URL
  const url = options.local ? null : given === undefined || given === '' ? null : URL.parse(given)
  if (!options.local && (url === null || !/^https?:$/.test(url.protocol)))
    throw exit('usage', 'say which installation: --url <address> (or ENACT_URL), or --local for none')
  const seconds = Number(options.timeout)
  if (!/^\d{2,4}$/.test(options.timeout ?? '') || seconds > 3_600)
    throw exit('usage', `--timeout \`${options.timeout}\`: must be 10 to 3600 seconds`)
  const address = url === null ? null : `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  return {
    program: options.program ?? (options.project ? 'enact' : ownProgram()),
    flags: `${options.local ? ' --local' : ` --url ${quoted(address!)}`}${options.failOpen ? ' --fail-open' : ''}`,
    url: address,
    timeoutSeconds: seconds
  }
}

/** This very command: agents may be started where no PATH leads to it. */
function ownProgram(): string {
  return `${quoted(process.execPath)} ${quoted(realpathSync(process.argv[1] ?? ''))}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function agentsOf(names: readonly string[]): HookAgent[] {
  const unknown = names.find((name) => !Object.hasOwn(HOOK_AGENTS, name))
  if (unknown !== undefined) throw exit('usage', `there is no agent \`${unknown}\`: ${Object.keys(HOOK_AGENTS).join(', ')}`)
  return (names.length === 0 ? Object.keys(HOOK_AGENTS) : names).map((name) => HOOK_AGENTS[name]!)
}

type Place = 'project' | 'user'

function scopesOf({ project, user }: Options): Place[] {
  return project === user ? ['user', 'project'] : [project ? 'project' : 'user']
}

/** Each file once: the project may be the home folder. */
function placesOf(agents: readonly HookAgent[], scopes: readonly Place[], { env }: Context): { agent: HookAgent; file: string }[] {
  const home = env.HOME || homedir()
  const project = env.ENACT_PROJECT_DIR ?? '.'
  const fileOf = (agent: HookAgent, scope: Place) => (scope === 'user' ? join(home, agent.userFile) : resolve(project, agent.projectFile))
  return agents.flatMap((agent) => [...new Set(scopes.map((scope) => fileOf(agent, scope)))].map((file) => ({ agent, file })))
}

function legible<T>(file: string, change: () => T): T {
  try {
    return change()
  } catch (error) {
    throw exit('usage', `\`${file}\` is left as it is: ${(error as Error).message}`)
  }
}
