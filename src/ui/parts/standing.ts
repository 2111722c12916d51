// How a receipt stands, in one word and tone; and the sentence that heads it. The same on every page.
import type { Receipt } from '../../engine/schema.ts'
import type { Tone } from './badge.tsx'

export interface Standing {
  readonly tone: Tone
  readonly word: string
}

/** The one word. A rollback later counts more than what the run was. */
export function standingOf({ decision, outcome, links, workflow, run_mode }: Receipt): Standing {
  if (links.rolled_back_by !== undefined) return { tone: 'undone', word: 'Rolled back' }
  if (decision === 'BLOCK') return { tone: 'block', word: 'Blocked' }
  if (run_mode === 'dry_run') return { tone: 'none', word: 'Dry run' }
  if (outcome === 'UNKNOWN') return { tone: 'held', word: 'Unknown' }
  if (outcome === 'FAILED') return { tone: 'block', word: 'Failed' }
  if (decision === 'PARTIAL' || outcome === 'PARTIAL') return { tone: 'held', word: 'Partial' }
  if (workflow.startsWith('rollback:')) return { tone: 'undone', word: 'Undone' }
  return { tone: 'pass', word: 'Passed' }
}
