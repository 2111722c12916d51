// Claude Code's events as they are, to the route that is its hook: the same answers as over HTTP, for settings that can only name commands.
import { EnactError, errorOf } from '../../client/errors.ts'
import type { HookAgent, Said } from '../../integrations/hooks/index.ts'
import { unanswered } from './answer.ts'
import { hookFetch } from './http.ts'
import type { HookOptions } from './options.ts'
import { named } from './run.ts'

/** The installation answers 5 s before the time-out that it is told, and this process has to be earlier than its own. */
const SOONER_S = 2
const SECONDS_MIN = 6

/** The installation's answer, word for word; anything else is a deny. */
export async function relay(text: string, agent: HookAgent, options: HookOptions, signal: AbortSignal): Promise<Said> {
  let event = ''
  try {
    const given = JSON.parse(text) as { hook_event_name?: unknown }
    event = typeof given?.hook_event_name === 'string' ? given.hook_event_name : ''
  } catch {
    return agent.deny("Enact blocked this: the hook's event cannot be read: it is not JSON.", '')
  }
  try {
    const { url, key } = named(options)
    const seconds = Math.max(SECONDS_MIN, options.timeoutSeconds - SOONER_S)
    const response = await hookFetch(`${url.replace(/\/+$/, '')}/hooks/claude-code?timeout=${seconds}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: text,
      signal
    }).catch((error: unknown) => {
      throw new EnactError('network', `no answer from ${url}`, { cause: error })
    })
    const body = parsed(await response.text())
    if (!response.ok) throw errorOf(response.status, body, null)
    if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Error('the answer is not one of an installation')
    return { stdout: JSON.stringify(body), stderr: '', exit: 0 }
  } catch (error) {
    return unanswered(error, agent, event, options.failOpen)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
