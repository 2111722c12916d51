// The sessions of agents: each lives in an object named by team, key and session.
import type { AgentSessionCalls } from '../../../durable/agent_session.ts'
import type { SessionPlace, AgentSessions } from '../../engine/index.ts'

/** INVARIANT: team and key are part of the name, so that no session id leads into another's session. */
export function edgeAgentSessions(namespace: DurableObjectNamespace): AgentSessions {
  const stub = ({ team_id, api_key_id, session_id }: SessionPlace) =>
    namespace.get(namespace.idFromName(JSON.stringify([team_id, api_key_id, session_id]))) as unknown as AgentSessionCalls
  return {
    begin: (place, step, digest) => stub(place).begin(step, digest, place.session_id !== null),
    end: (place, end) => stub(place).end(end),
    blocked: (place, limit) => stub(place).blocked(limit)
  }
}
