// Only some roles may ask.
import * as z from 'zod'
import { allow, definePolicy, deny, quoted } from '../../engine/index.ts'

/** Denies unless `actor_role`, which the gate takes from the key or the people facts, is listed. */
export const requireActorRole = definePolicy({
  id: 'require_actor_role',
  title: 'Only listed actor roles',
  params: z.strictObject({ allowed_roles: z.array(z.string()) }),
  reads: z.object({ actor_role: z.string().optional() }),
  evaluate({ reads: { actor_role } }, { allowed_roles }) {
    const listed = allowed_roles.map((role) => quoted(role)).join(', ') || 'no role at all'
    if (actor_role !== undefined && allowed_roles.includes(actor_role)) return allow(`role ${quoted(actor_role)} is allowed`)
    const role = actor_role === undefined ? 'the actor has no role' : `role ${quoted(actor_role)} is not allowed`
    return deny(`${role}: allowed are ${listed}`, { remedy: 'let somebody with an allowed role ask' })
  }
})
