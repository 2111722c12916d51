// Merging into the main branch stays with people.
import * as z from 'zod'
import { allow, definePolicy, deny, isMainBranch, quoted } from '../../engine/index.ts'

/** Denies a merge whose `base` is main or master, in any spelling. Opening a pull request against main stays possible. */
export const dontMergeToMain = definePolicy({
  id: 'dont_merge_to_main',
  title: 'No merges into the main branch',
  params: z.strictObject({}),
  reads: z.object({ base: z.string().optional() }),
  on: ['merge_pr'],
  evaluate({ reads: { base } }) {
    if (base === undefined) return allow('no base branch is named')
    if (!isMainBranch(base)) return allow(`base ${quoted(base)} is neither main nor master`)
    return deny(`base ${quoted(base)} is protected: it is main or master`, { remedy: 'leave the pull request open for a person to merge' })
  }
})
