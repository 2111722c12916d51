// The locks of all teams, over one object a team.
import type { LeaseReply, LocksCalls } from '../../../durable/locks.ts'
import { fault, type LeaseEvent, type LockDoor } from '../../engine/index.ts'

/** INVARIANT: the object is named by the team alone, so that no team's id leads to another's lock. */
export function edgeLocks(namespace: DurableObjectNamespace): LockDoor {
  const stub = (teamId: string) => namespace.get(namespace.idFromName(teamId)) as unknown as LocksCalls
  const ask = (teamId: string, event: LeaseEvent) => withRetry(() => stub(teamId).ask(event))
  return {
    async ask(teamId, event) {
      const reply = await ask(teamId, event)
      if ('answer' in reply) return reply.answer
      throw fault(reply.refused.code, reply.refused.detail, { errors: reply.refused.errors })
    },
    list: (teamId, after, limit) => stub(teamId).list(after, limit),
    queue: (teamId) => stub(teamId).inLine(),
    break: (order) => stub(order.team_id).break(order)
  }
}

/** Once more where the object moved or restarted. Asking twice under one id is asking once; who waited goes to the end of the queue. */
async function withRetry(work: () => Promise<LeaseReply>): Promise<LeaseReply> {
  try {
    return await work()
  } catch (error) {
    if ((error as { retryable?: boolean }).retryable !== true || (error as { overloaded?: boolean }).overloaded === true) throw error
    return work()
  }
}
