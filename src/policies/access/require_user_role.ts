// Only users with some roles may have things done for them.
import * as z from 'zod'
import { allow, definePolicy, deny, quoted } from '../../engine/index.ts'

/** Denies unless the user's attribute `role` is listed; a role in the payload is the agent's own claim, and is ignored. */
export const requireUserRole = definePolicy({
  id: 'require_user_role',
  title: 'Only listed user roles',
  params: z.strictObject({ allowed_roles: z.array(z.string()) }),
  reads: z.object({}),
  evaluate({ user_attributes: { role } }, { allowed_roles }) {
    const listed = allowed_roles.map((one) => quoted(one)).join(', ') || 'no role at all'
    if (role === undefined || role === null)
      return deny(`the user has no role: allowed are ${listed}`, { remedy: 'act for a user with an allowed role' })
    if (typeof role !== 'string') return deny('attribute `role` is not a text', { code: 'policy_error' })
    if (allowed_roles.includes(role)) return allow(`role ${quoted(role)} is allowed`)
    return deny(`role ${quoted(role)} is not allowed: allowed are ${listed}`, { remedy: 'act for a user with an allowed role' })
  }
})
