// Approvals for those who ask: put a request to a person, see how it stands, read its receipt.
import * as z from 'zod'
import {
  derivedId,
  Email,
  fault,
  isRequester,
  JsonObject,
  judge,
  Name,
  readPayload,
  Receipt,
  resolve,
  RunId,
  type PolicyResult
} from '../../engine/index.ts'
import { lookAt } from '../approver.ts'
import { userAttributes } from '../attributes.ts'
import { requireUser } from '../auth.ts'
import type { Actor, Host } from '../host.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { idempotencyKeyOf } from '../run_id.ts'
import { count, pageOf, WaitQuery } from '../schema.ts'
import { requireTarget } from '../webhook_target.ts'

const Status = z.enum(['PENDING', 'APPROVED', 'DENIED', 'EXPIRED'])
export const HitlPath = z.strictObject({ id: RunId })

const Asked = z.strictObject({
  workflow: Name,
  payload: JsonObject,
  notify_email: Email,
  expires_in_seconds: z.int().min(5).max(2_592_000).default(3_600),
  callback_url: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    .optional(),
  /** How many different people must approve: with more than one, the team's approvers are asked as well. */
  needed: z.int().min(1).max(16).default(1),
  /** Whom the agent works for: shown to the approver, and nothing else. */
  user_email: Email.optional()
})

const Shown = z.strictObject({
  hitl_id: RunId,
  status: Status,
  workflow: z.string(),
  decided_at: z.string().nullable(),
  decided_by: z.string().nullable(),
  expires_at: z.string(),
  request_digest: z.string(),
  /** What an approver made of the payload: what may now be run instead of what was asked for. */
  edited_payload: JsonObject.optional()
})

const Listed = z.strictObject({
  hitl_id: RunId,
  workflow: z.string(),
  run_id: RunId.nullable(),
  status: Status,
  user_email: z.string(),
  created_at: z.string(),
  expires_at: z.string(),
  decided_at: z.string().nullable(),
  decided_by: z.string().nullable()
})

/** `POST /hitl/request`. */
export const requestApproval = route({
  id: 'requestApproval',
  method: 'POST',
  path: '/hitl/request',
  access: ['run'],
  title: 'Ask a person',
  about: 'For programs that act themselves once somebody has approved. The links go to that person alone.',
  tag: 'approvals',
  body: Asked,
  idempotent: true,
  answers: {
    201: {
      title: 'The person was asked',
      schema: z.strictObject({ hitl_id: RunId, status: z.literal('PENDING'), expires_at: z.string() })
    }
  },
  async handle({ host, actor, body, headers, url }) {
    const { payload, notify_email, callback_url = null, expires_in_seconds, needed } = body
    if (body.user_email !== undefined) requireUser(actor, body.user_email)
    if (callback_url !== null) requireTarget(host, '/callback_url', callback_url)
    const installation = host.installation(actor.team_id)
    // By its one id, as the run will be: an approval under another name would be of something else.
    const found = resolve(installation, body.workflow)
    const workflow = found !== null && 'target' in found ? found.target.id : body.workflow
    readPayload(installation, workflow, payload)
    const notify = await host.approver(actor.team_id, notify_email)
    if (notify === null) {
      const detail = `\`${notify_email}\` is not a registered approver of this team`
      throw fault('approver_unknown', detail, { errors: [{ pointer: '/notify_email', detail }] })
    }
    const { api_key_id, team_id, user_email } = actor
    const requester = { api_key_id, user_email: '', key_email: user_email, person_id: null }
    if (isRequester(notify, requester)) throw fault('own_request', 'nobody decides on what they ask for themselves')
    const id = await idOf(host, actor, headers)
    const asker = body.user_email ?? user_email ?? ''
    const { hitl_id, expires_at } = await host.approvals.open({
      team_id,
      hitl_id: id,
      workflow,
      payload,
      policy_results: await judgedNow(host, actor, { hitl_id: id, workflow, payload, user_email: asker }),
      notify,
      needed,
      user_email: asker,
      key_email: user_email,
      api_key_id,
      expires_in_seconds,
      callback_url,
      config_digest: installation.digest,
      origin: url.origin
    })
    return answer(201, { hitl_id, status: 'PENDING', expires_at }, { location: `/hitl/${hitl_id}` })
  }
})

/** `GET /hitl/{id}`. */
export const readApproval = route({
  id: 'readApproval',
  method: 'GET',
  path: '/hitl/:id',
  access: ['run', 'read', 'approve'],
  title: 'See how an approval stands',
  about: 'With `wait` the answer comes as soon as it is decided, at the latest after that many seconds.',
  tag: 'approvals',
  params: HitlPath,
  query: WaitQuery,
  answers: { 200: { title: 'How it stands', schema: Shown } },
  async handle({ host, actor, params: { id }, query }) {
    const sight = await lookAt(host, actor.team_id, id, query.wait * 1_000)
    const { hitl_id, status, workflow, decided_at, decided_by, expires_at, request_digest } = sight
    const edited_payload = await host.approvals.editedPayload(actor.team_id, id)
    const edited = edited_payload === null ? {} : { edited_payload }
    return answer(200, { hitl_id, status, workflow, decided_at, decided_by, expires_at, request_digest, ...edited })
  }
})

/** `GET /hitl/{id}/receipt`. */
export const readApprovalReceipt = route({
  id: 'readApprovalReceipt',
  method: 'GET',
  path: '/hitl/:id/receipt',
  access: ['run', 'read', 'approve'],
  title: 'Read the receipt of an approval',
  about: 'Signed, for every ending: approved, denied, expired. 404 while nobody has decided.',
  tag: 'approvals',
  params: HitlPath,
  answers: { 200: { title: 'The receipt', schema: Receipt } },
  async handle({ host, actor, params: { id } }) {
    const sight = await lookAt(host, actor.team_id, id)
    if (sight.status === 'PENDING') throw fault('not_found', 'nobody has decided yet: the receipt comes with the decision')
    const receipt = await host.ports.ledger.latest(actor.team_id, id)
    if (receipt === null || receipt.approval?.hitl_id !== id)
      throw fault('unavailable', 'the receipt is being issued', { retryAfterSeconds: 1 })
    return answer(200, receipt)
  }
})

/** `GET /hitl`. */
export const listApprovals = route({
  id: 'listApprovals',
  method: 'GET',
  path: '/hitl',
  access: ['read', 'approve'],
  title: "List the team's approvals",
  about: 'Newest first; `status=PENDING` is the inbox.',
  tag: 'approvals',
  query: z.strictObject({
    status: Status.optional(),
    limit: count(1, 200, 50),
    cursor: z
      .string()
      .regex(/^[0-9TZ:.-]{20,30}\/[0-9a-f-]{36}$/, 'must be the next_cursor of the page before')
      .optional()
  }),
  answers: { 200: { title: 'A page of approvals', schema: pageOf(Listed) } },
  async handle({ host, actor, query: { status, limit, cursor } }) {
    const now = host.ports.clock.now()
    const found = await host.approvalList.list(actor.team_id, status ?? null, cursor ?? null, limit + 1, now)
    const data = found.slice(0, limit)
    const last = data.at(-1)
    const has_more = found.length > limit
    return answer(200, { data, next_cursor: has_more && last ? `${last.created_at}/${last.hitl_id}` : null, has_more })
  }
})

/** What policies say of it now, for the approver to see: a run that redeems the approval is judged again. */
async function judgedNow(
  host: Host,
  actor: Actor,
  { hitl_id, ...asked }: { hitl_id: string; workflow: string; payload: JsonObject; user_email: string }
): Promise<readonly PolicyResult[]> {
  const { team_id, api_key_id } = actor
  const installation = host.installation(team_id)
  if (resolve(installation, asked.workflow) === null) return []
  const user_attributes = asked.user_email === '' ? actor.attributes : await userAttributes(host, actor, asked.user_email)
  // A dry run, since the answer to an `ask` is just being looked for.
  const run = {
    ...asked,
    run_id: hitl_id,
    team_id,
    user_attributes,
    actor: { api_key_id, session_id: null },
    mode: 'mediated',
    run_mode: 'dry_run',
    links: {}
  } as const
  return (await judge(installation, run, host.ports)).results
}

async function idOf(host: Host, actor: Actor, headers: Headers): Promise<string> {
  const key = idempotencyKeyOf(headers)
  if (key === null) return host.ports.ids.runId()
  return derivedId(`enact/hitl-request\n${actor.api_key_id}\n${key}`, await host.ports.keys.team(actor.team_id), host.ports.hash)
}
