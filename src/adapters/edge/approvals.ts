// The doors of approvals: each lives in an object named by team and id.
import type { ApprovalCalls } from '../../../durable/approval.ts'
import {
  APPROVAL_VALID_MS,
  derivedId,
  digestOf,
  fault,
  isRequester,
  isSamePerson,
  type ApprovalAsk,
  type ApprovalDoor,
  type ApprovalOpening,
  type Clock,
  type Hash,
  type Keys,
  type People,
  type Person,
  type Requester
} from '../../engine/index.ts'

export interface ApprovalParts {
  readonly namespace: DurableObjectNamespace
  readonly people: People
  readonly keys: Keys
  readonly hash: Hash
  readonly clock: Clock
  /** The user that a key of this team is bound to; null = none, or no such key. */
  keyEmail(teamId: string, apiKeyId: string): Promise<string | null>
  /** Where this installation is reached, for the links of runs. Throws `misconfigured` where nobody can tell. */
  origin(): string
  /** A person who is not registered: in development any address will do; everywhere else null. */
  stranger(address: string): Person | null
}

/** INVARIANT: the name begins with the team, so that no team's id leads to another's approval. */
export function edgeApprovals(parts: ApprovalParts): ApprovalDoor {
  const { namespace, clock, hash } = parts
  const stub = (teamId: string, hitlId: string) => namespace.get(namespace.idFromName(`${teamId}/${hitlId}`)) as unknown as ApprovalCalls
  const open = async (opening: ApprovalOpening, asked: string, origin: string) => {
    const opened = await stub(opening.request.team_id, opening.request.hitl_id).open(opening, asked, origin)
    if (!opened.ok) throw fault(opened.code, opened.detail)
    return opened
  }
  return {
    async request(ask) {
      const hitl_id = await derivedId(`enact/hitl\n${ask.run_id}\n${ask.ordinal}`, await parts.keys.team(ask.team_id), hash)
      const { request_digest, expires_at } = await open(await openingOf(parts, ask, hitl_id), '', parts.origin())
      return { hitl_id, request_digest, expires_at }
    },
    async open(ask) {
      const { hitl_id, team_id, workflow, payload, notify, needed, origin, user_email, expires_in_seconds } = ask
      const requester = { api_key_id: ask.api_key_id, user_email, key_email: ask.key_email, person_id: null }
      const { first, escalation } = await parts.people.approvers(team_id)
      const approvers = needed > 1 ? [notify, ...others(first, [notify], requester)] : [notify]
      const asked = digestOf({ workflow, payload, notify: notify.email, needed, expires_in_seconds, callback_url: ask.callback_url }, hash)
      const times = timesOf(clock.now(), expires_in_seconds)
      const { callback_url, config_digest } = ask
      const opened = await open(
        {
          request: {
            hitl_id,
            team_id,
            workflow,
            run_id: null,
            requester,
            needed,
            escalation: others(escalation, approvers, requester),
            ...times,
            callback_url,
            config_digest
          },
          subject: { payload, preview: {}, policy_results: ask.policy_results },
          approvers
        },
        asked,
        origin
      )
      if (opened.asked !== asked) throw fault('idempotency_key_reused', 'this Idempotency-Key was used for another request')
      return { hitl_id, expires_at: opened.expires_at }
    },
    async consume(teamId, hitlId, run_id, request_digest) {
      const answer = await stub(teamId, hitlId).consume(run_id, request_digest)
      if (answer === null) throw fault('not_found', 'there is no such approval')
      return answer
    },
    async stands(teamId, hitlId, runId) {
      const approval = stub(teamId, hitlId)
      const sight = await approval.look(0)
      if (sight === null) return null
      const by = await approval.consumedBy()
      return { hitl_id: hitlId, status: sight.status, action: sight.workflow, consumed: by !== null && by !== runId }
    },
    look: (teamId, hitlId, waitMs) => stub(teamId, hitlId).look(waitMs),
    editedPayload: (teamId, hitlId) => stub(teamId, hitlId).editedPayload(),
    examine: (teamId, hitlId, token) => stub(teamId, hitlId).examine(token),
    decide: (teamId, hitlId, event) => stub(teamId, hitlId).decide(event)
  }
}

/** Whom a run's question is put to: the person it names, or the team's approvers without the one who asks. */
async function openingOf(parts: ApprovalParts, ask: ApprovalAsk, hitl_id: string): Promise<ApprovalOpening> {
  const { team_id, run_id, workflow, user_email, payload, preview, policy_results, callback_url, config_digest } = ask
  // A run without a key is the installation's own; no key of a person is ever called this.
  const api_key_id = ask.api_key_id ?? 'embedded'
  const key_email = ask.api_key_id === null ? null : await parts.keyEmail(team_id, ask.api_key_id)
  const requester: Requester = { api_key_id, user_email, key_email, person_id: null }
  const { first, escalation } = await parts.people.approvers(team_id)
  const named = ask.notify_email === null ? [] : [await approverNamed(parts, team_id, ask.notify_email)]
  const approvers = named.length > 0 && ask.needed === 1 ? named : [...named, ...others(first, named, requester)]
  return {
    request: {
      hitl_id,
      team_id,
      workflow,
      run_id: ask.is_grant === true ? null : run_id,
      requester,
      needed: ask.needed,
      escalation: others(escalation, approvers, requester),
      ...timesOf(parts.clock.now(), ask.expires_in_seconds),
      callback_url,
      config_digest
    },
    subject: { payload, preview, policy_results },
    approvers
  }
}

/** The registered approver with this address. Throws `approver_unknown`. */
export async function approverNamed(parts: Pick<ApprovalParts, 'people' | 'stranger'>, teamId: string, address: string): Promise<Person> {
  const person = (await parts.people.find(teamId, address)) ?? parts.stranger(address)
  if (person === null) throw fault('approver_unknown', `\`${address}\` is not a registered approver of this team`)
  return person
}

/** Without those who are asked already, and without the one who asks. */
function others(people: readonly Person[], asked: readonly Person[], requester: Requester): Person[] {
  return people.filter((person) => !isRequester(person, requester) && !asked.some((one) => isSamePerson(one, person)))
}

function timesOf(now: number, expiresInSeconds: number) {
  return { createdAtMs: now, expiresAtMs: now + expiresInSeconds * 1_000, validMs: APPROVAL_VALID_MS }
}
