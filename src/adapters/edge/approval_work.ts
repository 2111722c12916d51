// What an approval's object has done: notices out, edits judged, receipt issued, run woken. Each piece may come twice and has one effect.
import type { ApprovalHost } from '../../../durable/approval.ts'
import {
  approvalReceiptDraft,
  endingOf,
  examineToken,
  fault,
  Fault,
  issueReceipt,
  judge,
  receiptDigest,
  sightOf,
  timeText,
  type ApprovalList,
  type ApprovalState,
  type ApprovalWork,
  type Events,
  type Installation,
  type JsonObject,
  type Notices,
  type Ports,
  type RunWake,
  type SentMessage,
  type WebhookEvent,
  type WorkDone
} from '../../engine/index.ts'
import { composeAsk, composeEnd, linksOf } from '../notices/index.ts'

export interface ApprovalWorkParts {
  readonly ports: Ports
  installation(teamId: string): Installation
  readonly notices: Notices
  readonly events: Events
  readonly wake: RunWake
  readonly list: ApprovalList
  /** Role, clearance and the like of the key that asks: what policies may believe of it when they judge an edit. */
  attributesOf(teamId: string, apiKeyId: string, userEmail: string): Promise<JsonObject>
}

interface Job<K extends ApprovalWork['kind']> {
  readonly parts: ApprovalWorkParts
  readonly state: ApprovalState
  readonly work: Extract<ApprovalWork, { kind: K }>
  readonly id: string
  readonly origin: string
  readonly sent: readonly SentMessage[]
}

type Jobs = { readonly [K in ApprovalWork['kind']]: (job: Job<K>) => Promise<WorkDone> }

const JOBS: Jobs = { notify, withdraw, judge: judgeEdit, list, tell, receipt, wake, close }

/** The work of approvals over these parts. */
export function approvalWork(parts: ApprovalWorkParts): ApprovalHost['work'] {
  return (state, work, id, origin, sent) => JOBS[work.kind]({ parts, state, work, id, origin, sent } as never)
}

async function notify({ parts, state, work, id, origin }: Job<'notify'>): Promise<WorkDone> {
  const { ports, notices } = parts
  const { team_id } = state.request
  // A message that comes late must not offer what cannot be done any more.
  if ('kind' in examineToken(state, work.tokens.deny, ports.clock.now(), ports.hash)) return {}
  const sight = sightOf(state)
  const links = linksOf(origin, sight, work.tokens)
  const { person, channel, why } = work
  const composed = composeAsk(sight, parts.installation(team_id), why, channel.kind === 'mail' ? links : null)
  const ref = await notices.send(team_id, { id, channel, ...composed, links })
  return ref === null ? {} : { sent: { person_id: person.person_id, channel, ref } }
}

async function withdraw({ parts, state, work, sent }: Job<'withdraw'>): Promise<WorkDone> {
  const text = composeEnd(sightOf(state), work.why)
  for (const { person_id, channel, ref } of sent)
    if (work.person_ids.includes(person_id)) await parts.notices.change(state.request.team_id, channel, ref, text)
  return {}
}

async function close({ parts, state, sent }: Job<'close'>): Promise<WorkDone> {
  const text = composeEnd(sightOf(state), 'decided')
  for (const { channel, ref } of sent) await parts.notices.change(state.request.team_id, channel, ref, text)
  return {}
}

/** All policies, over the edited payload, for the one who asked at first. Whatever cannot be judged is denied. */
async function judgeEdit({ parts, state, work }: Job<'judge'>): Promise<WorkDone> {
  const { team_id, hitl_id, workflow, requester } = state.request
  const { api_key_id, user_email } = requester
  const { request_digest, payload } = work
  const asked = {
    run_id: hitl_id,
    team_id,
    mode: 'mediated',
    // A person is being asked already: an `ask` is no deny here.
    run_mode: 'dry_run',
    workflow,
    user_email,
    user_attributes: await parts.attributesOf(team_id, api_key_id, user_email),
    actor: { api_key_id, session_id: null },
    payload,
    links: {}
  } as const
  try {
    const { results } = await judge(parts.installation(team_id), asked, parts.ports)
    return { judged: { request_digest, policy_results: results } }
  } catch (error) {
    if (!(error instanceof Fault) || error.status >= 500) throw error
    const denied = { policy: 'payload', passed: false, effect: 'deny', reason: error.detail, code: error.code } as const
    return { judged: { request_digest, policy_results: [denied] } }
  }
}

async function list({ parts, state }: Job<'list'>): Promise<WorkDone> {
  const { hitl_id, workflow, run_id, status, user_email, created_at, expires_at, decided_at, decided_by } = sightOf(state)
  await parts.list.put(state.request.team_id, {
    hitl_id,
    workflow,
    run_id,
    status,
    user_email,
    created_at,
    expires_at,
    decided_at,
    decided_by
  })
  return {}
}

async function tell({ parts, state, work }: Job<'tell'>): Promise<WorkDone> {
  const { team_id, callback_url } = state.request
  await parts.events.emit(team_id, eventOf(state, work.status), callback_url)
  return {}
}

/** The event of the beginning or of the end; the end's is told by how it ended, whatever the state was when the work was made. */
function eventOf(state: ApprovalState, status: ApprovalState['status']): WebhookEvent {
  const { hitl_id, workflow, run_id, createdAtMs, expiresAtMs } = state.request
  const data = { hitl_id, workflow, ...(run_id === null ? {} : { run_id }) }
  const ending = endingOf(state)
  if (status === 'PENDING' || ending === null)
    return {
      type: 'hitl.requested',
      timestamp: timeText(createdAtMs),
      data: { ...data, status: 'PENDING', expires_at: timeText(expiresAtMs) }
    }
  const { decided_at, decided_by } = ending
  if (ending.decision === 'EXPIRED')
    return { type: 'hitl.expired', timestamp: decided_at, data: { ...data, decided_at, status: 'EXPIRED' } }
  const decided = { ...data, decided_at, decided_by: decided_by ?? '' }
  return ending.decision === 'APPROVED'
    ? { type: 'hitl.approved', timestamp: decided_at, data: { ...decided, status: 'APPROVED' } }
    : { type: 'hitl.denied', timestamp: decided_at, data: { ...decided, status: 'DENIED' } }
}

/**
 * The signed receipt, appended. The same state gives the same bytes, so that a second attempt changes nothing.
 * An agent knows the id before the end: what it pushed under it does not stand in the way, the receipt is then the next revision.
 */
async function receipt({ parts: { ports }, state }: Job<'receipt'>): Promise<WorkDone> {
  const draft = approvalReceiptDraft(state)
  const { team_id, run_id } = draft
  const first = await issueReceipt(draft, ports)
  try {
    await ports.ledger.append(team_id, first)
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'receipt_conflict') throw error
    const there = await ports.ledger.latest(team_id, run_id)
    if (there === null) throw fault('unavailable', 'the ledger holds another receipt, and does not show it')
    if (there.mode === 'mediated' && there.approval?.hitl_id === run_id) return {}
    const next = { ...draft, revision: there.revision + 1, amends: receiptDigest(there, ports.hash) }
    await ports.ledger.append(team_id, await issueReceipt(next, ports))
  }
  return {}
}

async function wake({ parts, state }: Job<'wake'>): Promise<WorkDone> {
  const { team_id, run_id, hitl_id } = state.request
  if (run_id !== null) await parts.wake.wake(team_id, run_id, hitl_id)
  return {}
}
