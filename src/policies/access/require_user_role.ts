// Only users with some roles may have things done for them.
import * as z from 'zod'
import { allow, definePolicy, deny } from '../../engine/index.ts'

/** Denies unless the user's attribute `role` is listed; a role in the payload is the agent's own claim, and is ignored. */
export const requireUserRole = definePolicy({
  id: 'require_user_role',
  title: 'Only listed user roles',
  params: z.strictObject({ allowed_roles: z.array(z.string()) }),
  reads: z.object({}),
  evaluate({ user_attributes: { role } }, { allowed_roles }) {
    const remedy = allowed_roles.length === 0 ? 'no role is allowed at all' : `act for a user with one of the roles ${allowed_roles.map((one) => `\`${one}\``).join(', ')}`
    if (role === undefined || role === null) return deny('the user has no role', { remedy })
    if (typeof role !== 'string') return deny('attribute `role` is not a text', { code: 'policy_error' })
    return allowed_roles.includes(role) ? allow(`role \`${role}\` is allowed`) : deny(`role \`${role}\` is not allowed`, { remedy })
  }
})
