// One gate decision: real policies against plain functions that do the same work and build the same reasons, but no results.
import * as z from 'zod'
import { nodeParsers } from '../src/adapters/parsers/node.ts'
import { contextOf, judgeAll } from '../src/engine/gate.ts'
import { allow, branchName, definePolicy, deny, isBranchName, isMainBranch, type JsonObject, type Policy } from '../src/engine/index.ts'
import { dontMergeToMain, dontPushToMain, maxFilesPerCommit, requireBranchPrefix } from '../src/policies/index.ts'
import { against, type Figure } from './measure.ts'

const payload: JsonObject = { repo: 'acme/app', branch: 'agent/fix-123', base: 'develop', file_count: 3, title: 'Handle an empty cart' }

const titleLength = definePolicy({
  id: 'title_length',
  title: 'Titles are short',
  params: z.strictObject({}),
  reads: z.object({ title: z.string().optional() }),
  evaluate: ({ reads: { title = '' } }) =>
    title.length > 200 ? deny(`title \`${title}\` is too long`) : allow(`title \`${title}\` is short enough`)
})

const FIVE: readonly Policy[] = [dontPushToMain(), requireBranchPrefix(), dontMergeToMain(), maxFilesPerCommit(), titleLength()]

/** The same five rules by hand: the same reading, the same sentences. */
const PLAIN: readonly ((payload: JsonObject) => string)[] = [
  ({ branch }) =>
    typeof branch !== 'string'
      ? ''
      : isMainBranch(branch)
        ? `branch \`${branch}\` is protected: it is main or master`
        : `branch \`${branch}\` is neither main nor master`,
  ({ branch }) => {
    const name = typeof branch === 'string' ? branchName(branch) : ''
    if (!name.startsWith('agent/')) return `branch \`${name}\` does not start with \`agent/\``
    return isBranchName(name) ? `branch \`${name}\` starts with \`agent/\`` : `\`${name}\` is not a name that git takes for a branch`
  },
  ({ base }) =>
    typeof base !== 'string'
      ? ''
      : isMainBranch(base)
        ? `base \`${base}\` is protected: it is main or master`
        : `base \`${base}\` is neither main nor master`,
  ({ file_count }) =>
    Number.isInteger(file_count) && Number(file_count) > 50
      ? `${Number(file_count)} files in one commit`
      : `${Number(file_count)} files, at most 50 are allowed`,
  ({ title }) =>
    typeof title === 'string' && title.length > 200 ? `title \`${title}\` is too long` : `title \`${String(title)}\` is short enough`
]

/** Decisions with 5 and 26 policies. */
export async function gateFigures(): Promise<Figure[]> {
  const parsers = nodeParsers()
  const subject = { team_id: 'acme', workflow: 'agent_pr_workflow', user_email: 'agent@company.com', user_attributes: {}, mode: 'mediated' }
  const nothing = new Map<string, string>()
  const figures: Figure[] = []
  for (const count of [5, 26]) {
    const policies = Array.from({ length: count }, (_, i) => FIVE[i % 5]!)
    const rules = Array.from({ length: count }, (_, i) => PLAIN[i % 5]!)
    const decide = () => judgeAll(policies, contextOf(subject, payload, {}, 1_700_000_000_000, { parsers }, null), nothing)
    const byHand = () => {
      let length = 0
      for (const rule of rules) length += rule(payload).length
      return length
    }
    figures.push(await against(`gate, ${count} policies`, '≤ 2', decide, byHand))
  }
  return figures
}
