// What a rollback will do, or did, step by step, in words; what cannot be undone comes first.
import type { ActionTaken, Receipt } from '../../engine/schema.ts'
import { callName } from './call_name.ts'
import { rowsAt, objectAt, textAt } from './read_json.ts'
import { counted } from './counted.ts'
import { plainTable } from './target.ts'

export type StepWord = 'REVERTED' | 'ALREADY' | 'CONFLICT' | 'IRREVERSIBLE' | 'FAILED' | 'UNKNOWN'

export interface Step {
  readonly word: StepWord
  readonly call: string
  /** What the step touches: `customers · 3 rows`. */
  readonly target: string | null
  readonly message: string | null
}

/** How each word reads before the rollback and after it, and what it means. */
export const WORDS: Readonly<Record<StepWord, { will: string; did: string; means: string; tone: 'pass' | 'block' | 'held' | 'none' }>> = {
  CONFLICT: {
    will: 'Conflict',
    did: 'Conflict',
    means: 'Somebody changed this after the run. Their newer work is never overwritten: it stays as it is.',
    tone: 'held'
  },
  IRREVERSIBLE: {
    will: 'Cannot be undone',
    did: 'Not undone',
    means: 'This kind of call has no inverse: it stays as it is.',
    tone: 'block'
  },
  FAILED: {
    will: 'Would fail',
    did: 'Failed',
    means: 'The system refuses or does not answer. Rolling back again tries it again.',
    tone: 'block'
  },
  UNKNOWN: {
    will: 'Not known',
    did: 'Not known',
    means: 'Nobody can say beforehand, or whether it took effect: look by hand.',
    tone: 'held'
  },
  REVERTED: { will: 'Will be undone', did: 'Undone', means: 'Everything is as the run left it, and is set back.', tone: 'pass' },
  ALREADY: { will: 'Undone already', did: 'Was undone already', means: 'It is as it was before the run: nothing to do.', tone: 'none' }
}

const ORDER = Object.keys(WORDS) as StepWord[]

/** The steps of a rollback's receipt, dry or done: trouble first, else in the order in which they are made. */
export function stepsOf({ actions_taken }: Pick<Receipt, 'actions_taken'>): Step[] {
  return actions_taken
    .map((taken) => ({ word: wordOf(taken), call: callName(taken), target: targetOf(taken), message: taken.error?.message ?? null }))
    .toSorted((a, b) => ORDER.indexOf(a.word) - ORDER.indexOf(b.word))
}

/** How many of the steps a rollback would really make. */
export function openSteps(steps: readonly Step[]): number {
  return steps.filter(({ word }) => word === 'REVERTED' || word === 'UNKNOWN').length
}

function wordOf({ status, output }: ActionTaken): StepWord {
  const word = status === 'SKIPPED' ? textAt(output, 'would') : status === 'DONE' ? 'REVERTED' : status
  return ORDER.find((known) => known === word) ?? 'UNKNOWN'
}

function targetOf({ output, resources }: ActionTaken): string | null {
  const input = objectAt(output, 'input') ?? output
  const table = textAt(input, 'table')
  const rows = rowsAt(input, 'rows') ?? rowsAt(input, 'keys') ?? rowsAt(input, 'after')
  if (table !== null) return rows === null ? plainTable(table) : `${plainTable(table)} · ${counted(rows.length, 'row')}`
  const repo = textAt(input, 'repo')
  const what = textAt(input, 'branch')
  if (repo !== null) return what === null ? repo : `${repo} → ${what}`
  return what ?? resources[0] ?? null
}
