// Branches are never deleted.
import * as z from 'zod'
import { definePolicy, deny, quoted } from '../../engine/index.ts'

/** Denies every deletion of a branch. */
export const dontDeleteBranch = definePolicy({
  id: 'dont_delete_branch',
  title: 'No branch is deleted',
  params: z.strictObject({}),
  reads: z.object({}),
  on: ['delete_branch'],
  evaluate({ payload: { branch } }) {
    const name = typeof branch === 'string' ? `branch ${quoted(branch)}` : 'a branch'
    return deny(`${name} would be deleted, and branches must not be`, { remedy: 'leave the branch, or ask a person to delete it' })
  }
})
