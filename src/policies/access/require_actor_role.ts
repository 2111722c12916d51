// Only some roles may ask.
import * as z from 'zod'
import { allow, definePolicy, deny } from '../../engine/index.ts'

/** Denies unless `actor_role`, which the gate takes from the key or the people facts, is listed. */
export const requireActorRole = definePolicy({
  id: 'require_actor_role',
  title: 'Only listed actor roles',
  params: z.strictObject({ allowed_roles: z.array(z.string()) }),
  reads: z.object({ actor_role: z.string().optional() }),
  evaluate({ reads: { actor_role } }, { allowed_roles }) {
    const remedy = allowed_roles.length === 0 ? 'no role is allowed at all' : `act with one of the roles ${allowed_roles.map((role) => `\`${role}\``).join(', ')}`
    if (actor_role === undefined) return deny('the actor has no role', { remedy })
    return allowed_roles.includes(actor_role) ? allow(`role \`${actor_role}\` is allowed`) : deny(`role \`${actor_role}\` is not allowed`, { remedy })
  }
})
