// Fires an installed hook the way its agent would: the very command or address of the settings file, with that environment and that event.
import { spawn } from 'node:child_process'
import type { JsonObject } from '../../engine/schema.ts'
import type { HookAgent, Said } from '../../integrations/hooks/index.ts'
import { commandOf } from './settings.ts'

type Env = Readonly<Record<string, string | undefined>>

/** What a hook answered to one event. */
export interface Fired {
  readonly said: Said | null
  /** Whether the agent would not use the tool. */
  readonly blocks: boolean
  /** In few words, for a person. */
  readonly what: string
}

const PATIENCE_MS = 30_000

/** `rewrite` changes the command or the address first: to see what happens when nobody is there. */
export async function fire(
  agent: HookAgent,
  handler: JsonObject,
  event: JsonObject,
  env: Env,
  rewrite: (text: string) => string = (text) => text
): Promise<Fired> {
  const command = commandOf(handler)
  return command === null ? post(agent, handler, event, env, rewrite) : execute(agent, rewrite(command), event, env)
}

function execute(agent: HookAgent, command: string, event: JsonObject, env: Env): Promise<Fired> {
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', command], { env: env as NodeJS.ProcessEnv, stdio: 'pipe', detached: true })
    const said = { stdout: '', stderr: '', exit: 0 }
    const timer = setTimeout(() => {
      // The shell and what it started.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, PATIENCE_MS)
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
    child.stdin.on('error', () => undefined)
    child.on('error', (error) => resolve({ said: null, blocks: false, what: `it cannot be started: ${error.message}` }))
    child.on('close', (code) => {
      clearTimeout(timer)
      if (code === null) return resolve({ said: null, blocks: false, what: `it was still running after ${PATIENCE_MS / 1_000} s` })
      const whole = { ...said, exit: code }
      resolve({ said: whole, blocks: agent.blocks(whole), what: (said.stderr || said.stdout || `exit code ${code}`).trim().slice(0, 300) })
    })
    child.stdin.end(JSON.stringify(event))
  })
}

async function post(agent: HookAgent, handler: JsonObject, event: JsonObject, env: Env, rewrite: (text: string) => string): Promise<Fired> {
  const isBlockedOnFailure = handler.onFailure === 'block'
  try {
    const response = await fetch(rewrite(String(handler.url)), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersOf(handler, env) },
      body: JSON.stringify(event),
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS)
    })
    const stdout = await response.text()
    const said = { stdout, stderr: '', exit: 0 }
    const what = response.ok ? stdout.slice(0, 300) : `status ${response.status}`
    return { said, blocks: response.ok ? agent.blocks(said) : isBlockedOnFailure, what }
  } catch (error) {
    return { said: null, blocks: isBlockedOnFailure, what: error instanceof Error ? error.message : 'no answer' }
  }
}

/** Only variables that the entry lists are put in, as the agent does it; the others are empty. */
function headersOf({ headers, allowedEnvVars }: JsonObject, env: Env): Record<string, string> {
  const allowed = Array.isArray(allowedEnvVars) ? allowedEnvVars : []
  const given = typeof headers === 'object' && headers !== null ? Object.entries(headers) : []
  return Object.fromEntries(
    given.map(([name, value]) => [
      name,
      String(value).replaceAll(/\$\{?(\w+)\}?/g, (_whole, variable: string) => (allowed.includes(variable) ? (env[variable] ?? '') : ''))
    ])
  )
}
