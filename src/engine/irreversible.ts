// What cannot be taken back is said before it is done: in the receipt of a dry run, in the same words as to whoever approves.
import type { Installation, Target } from './config.ts'
import type { PolicyResult } from './schema.ts'
import type { Workflow } from './workflow.ts'

/** The name under which a receipt says so; it judges nothing. */
export const IRREVERSIBLE = 'irreversible'

/** One sentence for each action of this workflow or action that has no inverse; none where all can be undone. */
export function irreversibleIn(found: { workflow: Workflow } | { target: Target } | null, installation: Installation): string[] {
  if (found === null) return []
  const targets =
    'target' in found
      ? [found.target]
      : Object.entries(found.workflow.uses).flatMap(([system, actions]) =>
          Object.keys(actions).flatMap((name) => installation.target(system, name) ?? [])
        )
  return targets.filter(({ action }) => action.mutates && action.inverse === 'irreversible').map(cannotBeUndone)
}

/** In plain words. */
export function cannotBeUndone({ id }: Pick<Target, 'id'>): string {
  return `${id} CANNOT be undone`
}

/** The same as lines of a receipt, which allow everything. */
export function irreversibleNotes(sentences: readonly string[]): PolicyResult[] {
  return sentences.map((reason) => ({ policy: IRREVERSIBLE, passed: true, effect: 'allow', reason }))
}
