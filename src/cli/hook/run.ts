// `enact hook <agent>` as a process: reads, asks, answers, and is gone before the agent loses patience. Loads little before the event is there.
import type { Gate } from '../../client/decisions.ts'
import { HOOK_AGENTS, type HookAgent, type Said } from '../../integrations/hooks/index.ts'
import { answerHook, unanswered } from './answer.ts'
import { hookOptions, type HookOptions } from './options.ts'
import { join } from 'node:path'
import { folderSpool } from './spool.ts'

type Env = Readonly<Record<string, string | undefined>>

/** How long before the agent's time-out an answer is there. */
const MARGIN_MS = 5_000
/** A whole file may be in an event; more is none. */
const INPUT_BYTES_MAX = 8_388_608
/** Of a question that met silence. */
const RETRIES = 1

/** Never throws, and never takes longer than `--timeout` less 5 s. */
export async function runHook(words: readonly string[], input: AsyncIterable<Uint8Array | string>, env: Env): Promise<Said> {
  const began = Date.now()
  let options: HookOptions
  try {
    options = hookOptions(words, env)
  } catch (error) {
    return wrongUse((error as Error).message)
  }
  const agent = Object.hasOwn(HOOK_AGENTS, options.agent) ? HOOK_AGENTS[options.agent]! : null
  if (agent === null) return wrongUse(`there is no agent \`${options.agent}\`: ${Object.keys(HOOK_AGENTS).join(', ')}`)
  const patienceMs = options.timeoutSeconds * 1_000
  const deadline = began + Math.max(patienceMs - MARGIN_MS, patienceMs / 2)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), deadline - Date.now())
  const tooLate = new Promise<Said>((resolve) =>
    late.signal.addEventListener('abort', () => resolve(agent.deny('Enact blocked this: there was no verdict in time.', '')), {
      once: true
    })
  )
  try {
    return await Promise.race([answered(agent, options, input, env, deadline, late.signal), tooLate])
  } catch (error) {
    return unanswered(error, agent, '', false)
  } finally {
    clearTimeout(timer)
  }
}

async function answered(
  agent: HookAgent,
  options: HookOptions,
  input: AsyncIterable<Uint8Array | string>,
  env: Env,
  deadline: number,
  signal: AbortSignal
): Promise<Said> {
  const text = await wholeText(input)
  if (text === null) return agent.deny("Enact blocked this: the hook's event is too large to be judged.", '')
  if (agent.id === 'claude-code' && !options.local) {
    const { relay } = await import('./relay.ts')
    return relay(text, agent, options, signal)
  }
  return answerHook(text, {
    agent,
    gate: () => gateOf(options, env, signal),
    spool: folderSpool(join(options.dir, 'hooks')),
    userEmail: options.as,
    failOpen: options.failOpen,
    deadline,
    now: () => Date.now()
  })
}

async function gateOf(options: HookOptions, env: Env, signal: AbortSignal): Promise<Gate> {
  if (options.local) return (await import('./local_gate.ts')).localGate(options.dir, env.ENACT_SECRET || undefined, env)
  const { url, key } = named(options)
  const [{ EnactEdge }, { hookFetch }] = await Promise.all([import('../../client.ts'), import('./http.ts')])
  const edge = new EnactEdge({ url, apiKey: key, retries: RETRIES, fetch: hookFetch })
  return {
    decide: (asked, more) => edge.decide(asked, { ...more, signal }),
    reportOutcome: (runId, told) => edge.reportOutcome(runId, told, { signal })
  }
}

/** Throws where it is not said which installation to ask. */
export function named({ url, key }: HookOptions): { url: string; key: string } {
  if (url === undefined) throw new Error('ENACT_URL is not set: it names the installation to ask')
  if (key === undefined) throw new Error('ENACT_API_KEY is not set')
  return { url, key }
}

async function wholeText(input: AsyncIterable<Uint8Array | string>): Promise<string | null> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of input) {
    const bytes = Buffer.from(part as Uint8Array)
    size += bytes.length
    if (size > INPUT_BYTES_MAX) return null
    parts.push(bytes)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Exit code 2, which most agents take for a block; for the others the settings say what a failed hook means. */
function wrongUse(message: string): Said {
  return { stdout: '', stderr: `enact hook: ${message}`, exit: 2 }
}

/** The whole process: what is kept open by then (a connection, a stream that never ends) does not keep the agent waiting. */
export async function hookProcess(words: readonly string[]): Promise<never> {
  const said = await runHook(words, process.stdin, process.env)
  await written(process.stdout, said.stdout)
  await written(process.stderr, said.stderr)
  process.exit(said.exit)
}

function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return text === '' ? Promise.resolve() : new Promise((resolve) => stream.write(`${text}\n`, () => resolve()))
}
