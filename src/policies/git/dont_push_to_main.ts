// Nothing is created, changed or deleted on the main branch.
import * as z from 'zod'
import { allow, definePolicy, deny, isMainBranch, quoted } from '../../engine/index.ts'

/** Denies when `branch` is main or master, in any spelling. */
export const dontPushToMain = definePolicy({
  id: 'dont_push_to_main',
  title: 'No pushes to the main branch',
  params: z.strictObject({}),
  reads: z.object({ branch: z.string().optional() }),
  on: ['github.writes'],
  evaluate({ reads: { branch } }) {
    if (branch === undefined) return allow('no branch is named')
    if (!isMainBranch(branch)) return allow(`branch ${quoted(branch)} is neither main nor master`)
    return deny(`branch ${quoted(branch)} is protected: it is main or master`, {
      remedy: 'push to a branch of your own and open a pull request'
    })
  }
})
