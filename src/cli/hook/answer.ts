// One hook event from its text to what the process ends with. Whatever goes wrong on the way is a deny.
import { EnactError } from '../../client/errors.ts'
import type { DecisionAnswer, Gate } from '../../client/decisions.ts'
import { toolAction } from '../../engine/tool_call.ts'
import type { JsonObject } from '../../engine/schema.ts'
import { outputOf, refusalText } from '../../integrations/guard.ts'
import type { HookAgent, HookEvent, Said } from '../../integrations/hooks/index.ts'
import type { Spool } from './spool.ts'

/** What an event is answered with. */
export interface Answering {
  readonly agent: HookAgent
  /** Who decides; loaded after the event was read. */
  gate(): Promise<Gate>
  readonly spool: Spool
  /** Who acts, where the event does not say. */
  readonly userEmail: string | null
  /** What a server that does not answer means. Everything else that goes wrong is a deny in any case. */
  readonly failOpen: boolean
  /** Milliseconds since the epoch. */
  readonly deadline: number
  now(): number
}

/** A hold is given up this long before the deadline: the last question takes time too. */
const LAST_QUESTION_MS = 1_000

/** Never throws. */
export async function answerHook(input: string, { agent, ...how }: Answering): Promise<Said> {
  let event: HookEvent = { kind: 'unreadable', why: 'it is not a JSON object' }
  try {
    const given = JSON.parse(input) as unknown
    if (typeof given === 'object' && given !== null && !Array.isArray(given)) event = agent.read(given as JsonObject)
  } catch {
    // Stays unreadable.
  }
  if (event.kind === 'unreadable') return agent.deny(`Enact blocked this: the hook's event cannot be read: ${event.why}.`, '')
  if (event.kind === 'other') return agent.pass(event.event)
  try {
    if (event.kind === 'after') await report(event, agent, how)
    else return await judge(event, agent, how)
  } catch (error) {
    if (event.kind === 'before') return unanswered(error, agent, event.event, how.failOpen)
    // What cannot be told stays UNKNOWN in the receipt, which is true.
  }
  return agent.pass(event.event)
}

async function judge(event: HookEvent & { kind: 'before' }, agent: HookAgent, how: Omit<Answering, 'agent'>): Promise<Said> {
  const asked = {
    ...toolAction(event.call),
    ...(event.session_id === null ? {} : { session_id: event.session_id.slice(0, 256) }),
    ...(event.tool_use_id === null ? {} : { tool_use_id: event.tool_use_id.slice(0, 256) })
  }
  const gate = await how.gate()
  const decide = (user_email: string) =>
    gate.decide({ ...asked, user_email }, { waitMs: Math.max(0, how.deadline - how.now() - LAST_QUESTION_MS) })
  const decided = await decide(how.userEmail ?? event.user_email ?? `${agent.id}@hooks.invalid`).catch((error: unknown) => {
    const owner = ownerOf(error)
    if (owner === null || how.userEmail !== null) throw error
    return decide(owner)
  })
  if (decided.decision !== 'PASS') return agent.deny(refusal(decided), event.event)
  await how.spool.keep(agent.id, event, decided.run_id)
  return agent.pass(event.event)
}

async function report(event: HookEvent & { kind: 'after' }, agent: HookAgent, how: Omit<Answering, 'agent'>): Promise<void> {
  const runId = await how.spool.take(agent.id, event)
  if (runId === null) return
  const { success, output, error } = event
  await (await how.gate()).reportOutcome(runId, { success, output: outputOf(output), ...(error === null ? {} : { error }) })
}

/** The user whom a key is bound to: it may act as nobody else, and the refusal names them. */
function ownerOf(error: unknown): string | null {
  if (!(error instanceof EnactError) || error.code !== 'forbidden') return null
  return /may act only as `([^`]+)`/.exec(error.detail)?.[1] ?? null
}

function refusal(decided: DecisionAnswer): string {
  if (decided.decision !== 'HOLD') return `${refusalText(decided)} (receipt ${decided.run_id})`
  const why = decided.policy_results.filter(({ passed }) => !passed).map(({ policy, reason }) => `${policy}: ${reason}`)
  const where = decided.approval_url ?? "the installation's approvals page"
  return `Enact holds this until a person approves it at ${where}: ${why.join('; ')}. Nobody has decided yet: run exactly the same command again once approved.`
}

/** The answer where there was no verdict. */
export function unanswered(error: unknown, agent: HookAgent, event: string, failOpen: boolean): Said {
  const detail = error instanceof Error ? error.message : String(error)
  // A key that is refused is an answer, and so is a request that is not valid.
  const isSilence = error instanceof EnactError && (error.status === 0 || error.status >= 500 || error.status === 429)
  if (!failOpen || !isSilence) return agent.deny(`Enact blocked this: it could not be judged: ${detail}.`, event)
  const said = agent.pass(event)
  return { ...said, stderr: `Enact does not answer, and --fail-open lets this through unjudged: ${detail}` }
}
