// Approvals for those who decide: a page that shows everything, and the POST that decides. A GET or a HEAD changes nothing.
import * as z from 'zod'
import { consequencesOf, fault, Fault, FAULTS, type ApprovalSight, previewOfEdit, type JsonObject } from '../../engine/index.ts'
import {
  approverOf,
  endedText,
  fieldsOf,
  granted,
  lookAt,
  NO_FIELDS,
  personBehind,
  viewerOf,
  wantsJson,
  type Approver
} from '../approver.ts'
import type { Actor, Host } from '../host.ts'
import { approvalPage, statusPage, type Offer } from '../pages/approval.ts'
import { answer, type Answer } from '../problem.ts'
import { route, type Call, type Route } from '../route.ts'
import { HitlPath } from './hitl.ts'

const Link = z.strictObject({ t: z.string().max(256).optional() })
type HitlCall = Call<z.output<typeof HitlPath>, z.output<typeof Link>, unknown, null>
type Choice = 'approve' | 'deny'

const PAGE = { type: 'text/html' } as const
const COMMON = { params: HitlPath, query: Link, access: 'public', tag: 'approvals' } as const
const BY =
  'By the link of a message, or by a registered approver with an API key (scope `approve`) or signed in. `Accept: application/json` gets JSON.'
const SEEN_BY = 'By the link of a message, by a key or a session with scope `read` or `approve`. `Accept: application/json` gets JSON.'

const see = (choice: Choice): Route =>
  route({
    ...COMMON,
    id: choice === 'approve' ? 'seeApprove' : 'seeDeny',
    method: 'GET',
    path: `/hitl/:id/${choice}`,
    title: choice === 'approve' ? 'See what would be approved or denied' : 'See what would be denied',
    about: `Changes nothing. ${SEEN_BY}`,
    answers: { 200: { title: 'Everything that will be done', ...PAGE }, 409: { title: 'It was decided, or is over', ...PAGE } },
    handle: (call) => asAsked(call, () => show(call, choice))
  })

const decide = (choice: Choice): Route =>
  route({
    ...COMMON,
    id: choice,
    method: 'POST',
    path: `/hitl/:id/${choice}`,
    title: choice === 'approve' ? 'Approve' : 'Deny',
    about: `${BY} Takes \`reason\`; after an edit, a key names in \`request_digest\` what it saw.`,
    reads: 'text',
    answers: { 200: { title: 'It is decided, or one vote nearer', ...PAGE }, 409: { title: 'It was decided, or is over', ...PAGE } },
    handle: (call) => asAsked(call, () => vote(call, choice))
  })

/** `GET /hitl/{id}/approve`. */
export const seeApprove = see('approve')
/** `GET /hitl/{id}/deny`. */
export const seeDeny = see('deny')
/** `POST /hitl/{id}/approve`. */
export const approve = decide('approve')
/** `POST /hitl/{id}/deny`. */
export const deny = decide('deny')

/** `POST /hitl/{id}/edit`. */
export const editApproval = route({
  ...COMMON,
  id: 'editApproval',
  method: 'POST',
  path: '/hitl/:id/edit',
  title: 'Change what is asked for',
  about: `${BY} All policies judge \`payload\` again; what they deny is dropped. Either way everybody is asked anew.`,
  reads: 'text',
  answers: { 200: { title: 'It is judged; new messages are on their way', ...PAGE } },
  handle: (call) => asAsked(call, () => edit(call))
})

/** `POST /hitl/{id}/delegate`. */
export const delegateApproval = route({
  ...COMMON,
  id: 'delegateApproval',
  method: 'POST',
  path: '/hitl/:id/delegate',
  title: 'Hand it on to another approver',
  about: `${BY} \`to\` is a registered approver; the one who hands on is out.`,
  reads: 'text',
  answers: { 200: { title: 'They are asked now', ...PAGE } },
  handle: (call) => asAsked(call, () => handOn(call))
})

async function show(call: HitlCall, choice: Choice): Promise<Answer> {
  const { host, params, query, headers } = call
  const viewer = await viewerOf(call)
  if (viewer !== null) return showTo(viewer, call)
  const approver = await approverOf(call, NO_FIELDS)
  if (approver.credential.kind === 'key') throw new Error('a link was read as a key')
  const seen = await host.approvals.examine(approver.team_id, params.id, approver.credential.token)
  if (seen === null) throw fault('token_invalid', 'this link is not one of this request')
  const { found, sight } = seen
  let choices: Offer['choices'] = null
  if ('kind' in found) {
    if (found.kind !== 'already_voted') granted(found)
  } else if (choice === 'approve' && !found.canApprove) throw fault('token_invalid', 'this link can only deny')
  else choices = choice
  if (wantsJson(headers)) return answer(200, publicSight(sight))
  return approvalPage(host.ports.hash, sight, host.installation(approver.team_id), {
    t: query.t ?? '',
    choices,
    now: host.ports.clock.now()
  })
}

/** For the team's own: everything, and whether they can decide. Signed in they decide by JSON: a form's `Origin` says nothing from a page without referrer. */
async function showTo(actor: Actor, { host, params, headers }: HitlCall): Promise<Answer> {
  const sight = await lookAt(host, actor.team_id, params.id)
  const installation = host.installation(actor.team_id)
  if (!wantsJson(headers)) return approvalPage(host.ports.hash, sight, installation, { t: '', choices: null, now: host.ports.clock.now() })
  const can_decide = await canDecide(host, actor, sight)
  return answer(200, { ...sight, can_decide, consequences: consequencesOf(sight.workflow, installation) })
}

/** What the machine would say now. It is asked again when they do. */
async function canDecide(host: Host, actor: Actor, { status, is_judging, approvers, api_key_id, votes }: ApprovalSight): Promise<boolean> {
  const person = await personBehind(host, actor)
  const isAsked = person !== null && approvers.includes(person.email) && !votes.some(({ by }) => by === person.email)
  return isAsked && status === 'PENDING' && !is_judging && api_key_id !== actor.api_key_id
}

async function vote(call: HitlCall, choice: Choice): Promise<Answer> {
  const { host, params } = call
  const fields = fieldsOf(call)
  const approver = await approverOf(call, fields)
  const reason = fields.text('reason')?.trim() || null
  const { credential, team_id } = approver
  const done = granted(await host.approvals.decide(team_id, params.id, { type: 'vote', choice, credential, reason }))
  if (done.kind === 'decided') return report(call, approver, done.decision, endedText(done))
  const missing = done.kind === 'voted' || done.kind === 'already_voted' ? done.missing : 0
  return report(call, approver, 'Your approval counts', `${missing} more must approve`)
}

async function edit(call: HitlCall): Promise<Answer> {
  const { host, params } = call
  const fields = fieldsOf(call)
  const approver = await approverOf(call, fields)
  const { credential, team_id } = approver
  const payload = fields.json('payload')
  if (payload === undefined || payload === null || typeof payload !== 'object' || Array.isArray(payload))
    throw fault('invalid', '`payload` must be an object', { errors: [{ pointer: '/payload', detail: 'must be an object' }] })
  const preview = await previewFor(host, approver, params.id, payload as JsonObject)
  granted(await host.approvals.decide(team_id, params.id, { type: 'edit', credential, payload: payload as JsonObject, preview }))
  const after = await lookAt(host, team_id, params.id)
  const accepted = after.history.findLast((entry) => entry.what === 'edited')?.accepted ?? null
  const text =
    accepted === null
      ? 'policies are judging the change; a new message follows'
      : accepted
        ? 'the change is accepted; a new message with new links is on its way'
        : 'a policy denies the change: the request stands as it was; a new message with new links is on its way'
  return report(call, approver, accepted === false ? 'Not changed' : 'Changed', text)
}

/** What the world looks like where the changed request would act; where nothing can be looked up, or nobody's run waits, it stays what it was. */
async function previewFor(
  host: Host,
  { team_id, credential }: Approver,
  id: string,
  payload: JsonObject
): Promise<ApprovalSight['preview']> {
  const seen = credential.kind === 'token' ? await host.approvals.examine(team_id, id, credential.token) : null
  if (credential.kind === 'token' && (seen === null || 'kind' in seen.found)) {
    granted(seen === null ? null : (seen.found as never))
  }
  const { run_id, workflow, preview } = await lookAt(host, team_id, id)
  const found = run_id === null ? null : await previewOfEdit(host.installation(team_id), workflow, payload, host.ports)
  return found ?? preview
}

async function handOn(call: HitlCall): Promise<Answer> {
  const { host, params } = call
  const fields = fieldsOf(call)
  const approver = await approverOf(call, fields)
  const { credential, team_id } = approver
  const address = fields.text('to')
  // Who is registered is nobody's business who may not decide.
  if (credential.kind === 'token') {
    const seen = await host.approvals.examine(team_id, params.id, credential.token)
    if (seen === null || 'kind' in seen.found) granted(seen === null ? null : (seen.found as never))
  }
  const to = address === null ? null : await host.approver(team_id, address)
  if (to === null) throw fault('approver_unknown', 'this is not a registered approver of this team')
  granted(await host.approvals.decide(team_id, params.id, { type: 'delegate', credential, to }))
  return report(call, approver, 'Handed on', `${to.email} is asked now`)
}

async function report(call: HitlCall, { team_id }: Approver, title: string, text: string): Promise<Answer> {
  const { host, params, headers } = call
  if (!wantsJson(headers)) return statusPage(host.ports.hash, 200, title, text)
  return answer(200, publicSight(await lookAt(host, team_id, params.id)))
}

/** A fault as a page for a person, as a problem for a program. */
async function asAsked({ host, headers }: HitlCall, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Fault) || error.status >= 500 || wantsJson(headers)) throw error
    return statusPage(host.ports.hash, error.status, FAULTS[error.code].title, error.detail)
  }
}

/** For programs: no more than the page shows. */
function publicSight({ is_redacted: _redacted, is_judging: _judging, api_key_id: _key, ...sight }: ApprovalSight) {
  return sight
}
