// An approval in words, the same by mail, in Slack and on the page: who asks, what exactly, why, and what can be taken back.
import type { ApprovalSight } from './approval_sight.ts'
import type { Installation, Target } from './config.ts'
import { cannotBeUndone, IRREVERSIBLE } from './irreversible.ts'
import type { Json, PolicyResult } from './schema.ts'
import { resolve } from './run.ts'
import { visible, visibleLines } from './visible.ts'

/** One thing to know. `code` is a text of several lines, to be set as it is. INVARIANT: hidden characters are marked in both. */
export interface Said {
  readonly label: string
  readonly text: string
  readonly isCode: boolean
}

const NOTHING_SEEN = 'nothing could be looked up beforehand'

/** Everything that a person decides on, in the order to be read. */
export function wordsOf(sight: ApprovalSight, installation: Installation): Said[] {
  const { missing, needed, votes } = sight
  // What cannot be undone has a line of its own.
  const policy_results = sight.policy_results.filter(({ policy }) => policy !== IRREVERSIBLE)
  const why = policy_results.filter((result) => result.effect !== 'allow')
  const passed = policy_results.filter((result) => result.effect === 'allow').map((result) => result.policy)
  const seen = Object.keys(sight.preview).length > 0
  return [
    line('Asks', sight.user_email === '' ? askerOf(sight) : `${sight.user_email} (says the agent), with API key ${sight.api_key_id}`),
    line('Team', sight.team_id),
    line('What', titleOf(sight.workflow, installation)),
    ...(sight.is_edited ? [line('Changed', 'an approver has changed what was asked for at first; this is the newest')] : []),
    code('With', sight.payload),
    seen ? code('What it touches', sight.preview) : line('What it touches', NOTHING_SEEN),
    ...why.map((result) => line(isDenied(result) ? 'A policy denies it' : 'Why you are asked', `${result.policy}: ${result.reason}`)),
    ...(policy_results.length === 0 ? [line('Why you are asked', 'the agent’s program asks for it; no policy has judged it')] : []),
    ...(passed.length > 0 ? [line('Policies that allow it', passed.join(', '))] : []),
    ...consequencesOf(sight.workflow, installation).map((text) => line('Afterwards', text)),
    ...votes.map((one) =>
      line('Decided so far', `${String(one.by)}: ${String(one.choice)}${typeof one.reason === 'string' ? `, “${one.reason}”` : ''}`)
    ),
    ...(needed > 1 ? [line('Needs', `${needed} people, ${missing} more`)] : []),
    line('Until', sight.expires_at),
    line('Digest', sight.request_digest)
  ]
}

/** Who asks, in a word. */
export function askerOf({ user_email, api_key_id }: Pick<ApprovalSight, 'user_email' | 'api_key_id'>): string {
  return user_email === '' ? `API key ${api_key_id}` : user_email
}

/** What can be undone and what cannot, one sentence an action. */
export function consequencesOf(workflow: string, installation: Installation): string[] {
  const found = resolve(installation, workflow)
  if (workflow.startsWith('rollback:')) return ['it takes an earlier run back']
  if (found === null) return [`Enact does not carry out \`${workflow}\` itself, so it cannot say whether it can be undone`]
  if ('target' in found) return [consequenceOf(found.target)]
  return Object.entries(found.workflow.uses).flatMap(([system, actions]) =>
    Object.keys(actions).flatMap((name) => {
      const target = installation.target(system, name)
      return target === null || !target.action.mutates ? [] : [consequenceOf(target)]
    })
  )
}

function consequenceOf(target: Target): string {
  const { id, action } = target
  if (!action.mutates) return `${id} only reads`
  return action.inverse === 'irreversible' ? cannotBeUndone(target) : `${id} can be undone`
}

/** Denied for want of the very approval that is asked for, it is not denied to whoever gives it. */
function isDenied({ effect, code }: PolicyResult): boolean {
  return effect === 'deny' && code !== 'approval_needed'
}

function titleOf(id: string, installation: Installation): string {
  const found = resolve(installation, id)
  if (found === null) return id
  return `${id}: ${'workflow' in found ? found.workflow.title : found.target.action.title}`
}

function line(label: string, text: string): Said {
  return { label, text: visible(text), isCode: false }
}

function code(label: string, value: Json): Said {
  return { label, text: visibleLines(JSON.stringify(value, null, 2)), isCode: true }
}
