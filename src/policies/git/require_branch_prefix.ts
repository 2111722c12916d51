// Agents work on branches that can be told from people's.
import * as z from 'zod'
import { allow, branchName, definePolicy, deny, isBranchName, quoted } from '../../engine/index.ts'

/** Denies unless `branch` is named and begins with `prefix`, case and all, with something after it. */
export const requireBranchPrefix = definePolicy({
  id: 'require_branch_prefix',
  title: 'Branches begin with a prefix',
  params: z.strictObject({ prefix: z.string().min(1).default('agent/') }),
  reads: z.object({ branch: z.string().optional() }),
  on: ['github.writes'],
  evaluate({ reads: { branch } }, { prefix }) {
    const remedy = `use a branch that starts with ${quoted(prefix)}`
    if (branch === undefined) return deny(`no branch is named, and it must start with ${quoted(prefix)}`, { remedy })
    const name = branchName(branch)
    if (!name.startsWith(prefix)) return deny(`branch ${quoted(branch)} does not start with ${quoted(prefix)}`, { remedy })
    if (name === prefix || !isBranchName(name)) return deny(`${quoted(branch)} is not a name that git takes for a branch`, { remedy })
    return allow(`branch ${quoted(branch)} starts with ${quoted(prefix)}`)
  }
})
