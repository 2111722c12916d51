// Who decides: whoever holds a link that was sent to a person, or the person themselves, with their API key (scope `approve`) or signed in.
import {
  fault,
  parseJsonBytes,
  TeamId,
  type ApprovalAnswer,
  type ApprovalSight,
  type Credential,
  type Json,
  type Person
} from '../engine/index.ts'
import { authenticate, hasKey, requireScope } from './auth.ts'
import { sessionToken } from './cookie.ts'
import type { Actor, Host } from './host.ts'
import type { Call } from './route.ts'

type HitlCall = Pick<
  Call<{ id: string }, { t?: string }, unknown, null>,
  'host' | 'params' | 'query' | 'method' | 'headers' | 'url' | 'text'
>

/** What was sent with the decision, from a form or as JSON. */
export interface Fields {
  /** A field that is no text counts as not given. */
  text(name: string): string | null
  json(name: string): Json | undefined
}

/** Somebody who may have a say in this approval; what the machine then says of it is final. */
export interface Approver {
  readonly team_id: string
  readonly credential: Credential
}

/** True where a program asks: what it gets is JSON. */
export function wantsJson(headers: Headers): boolean {
  const accept = headers.get('accept') ?? ''
  return hasKey(headers) || (accept.includes('application/json') && !accept.includes('text/html'))
}

/** The fields of a body. Throws `unsupported_media_type`, `bad_json` or `invalid`. */
export function fieldsOf({ headers, text, host }: Pick<HitlCall, 'headers' | 'text' | 'host'>): Fields {
  const type = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (text === '') return { text: () => null, json: () => undefined }
  if (type === 'application/x-www-form-urlencoded') {
    const form = new URLSearchParams(text)
    // A browser sends line breaks as CR LF.
    const field = (name: string) => form.get(name)?.replaceAll('\r\n', '\n') ?? null
    return { text: field, json: (name) => (field(name) === null ? undefined : parse(host, field(name)!)) }
  }
  if (type !== 'application/json') throw fault('unsupported_media_type', 'send `application/json` or a form')
  const body = parse(host, text)
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw fault('invalid', 'the body must be an object')
  const given = new Map(Object.entries(body as Record<string, Json>))
  return {
    text: (name) => (typeof given.get(name) === 'string' ? (given.get(name) as string) : null),
    json: (name) => given.get(name)
  }
}

/**
 * Who this is. Throws `not_found` for another team's approval, `forbidden` for a key that does not decide, `token_invalid` for a link that is
 * none, and what `authenticate` throws.
 */
export async function approverOf(call: HitlCall, fields: Fields): Promise<Approver> {
  const t = linkOf(call, fields)
  if (t === null) return approverByActor(call, await authenticate(call.host, call), fields)
  const [team_id = '', token = '', ...rest] = t.split('.')
  if (!TeamId.safeParse(team_id).success || token === '' || rest.length > 0)
    throw fault('token_invalid', 'this link is not whole: open the one in your message again')
  return { team_id, credential: { kind: 'token', token, signed_in_as: null } }
}

/** An approval for somebody with a key of its team. */
export async function lookAt(host: Host, teamId: string, hitlId: string, waitMs = 0): Promise<ApprovalSight> {
  const sight = await host.approvals.look(teamId, hitlId, waitMs)
  if (sight === null) throw fault('not_found', `there is no approval \`${hitlId}\``)
  return sight
}

/** The answer, or the fault it is: links of nothing and forged ones look alike. */
export function granted(answer: ApprovalAnswer | null): Exclude<ApprovalAnswer, { kind: 'refused' | 'already_decided' }> {
  if (answer === null) throw fault('token_invalid', 'this link is not one of this request')
  if (answer.kind === 'already_decided') throw fault('already_decided', endedText(answer))
  if (answer.kind !== 'refused') return answer
  const { code, detail } = answer
  if (code.startsWith('approval_') && code !== 'approver_unknown') throw new Error(`a person was answered \`${code}\``)
  throw fault(code as 'invalid', detail)
}

/** How it ended, in a sentence. */
export function endedText({
  decision,
  decided_at,
  decided_by
}: {
  decision: string
  decided_at: string
  decided_by: string | null
}): string {
  return decided_by === null ? `${decision}: nobody decided before ${decided_at}` : `${decision} by ${decided_by} at ${decided_at}`
}

/** Somebody of the team who may see the request, without being able to decide; null where the request shows a link. */
export async function viewerOf(call: HitlCall): Promise<Actor | null> {
  if (linkOf(call, NO_FIELDS) !== null) return null
  const actor = await authenticate(call.host, call)
  requireScope(actor, ['read', 'approve'])
  return actor
}

/** The registered approver that this actor is; null for everybody else. INVARIANT: who may ask or administer never decides. */
export async function personBehind(host: Host, { team_id, scopes, user_email }: Actor): Promise<Person | null> {
  const mayDecide = scopes.includes('approve') && !scopes.includes('run') && !scopes.includes('admin')
  return mayDecide && user_email !== null ? host.approver(team_id, user_email) : null
}

/**
 * The link's text; null where a key came instead, or the browser's session has to say who this is. INVARIANT: a link counts by itself: whatever
 * a browser sends along is not looked at, so that nobody is made to decide by a form of somebody else's.
 */
function linkOf({ headers, query }: HitlCall, fields: Fields): string | null {
  if (hasKey(headers)) return null
  const t = fields.text('t') ?? query.t ?? null
  const isSignedIn = sessionToken(headers) !== null || headers.has('cf-access-jwt-assertion')
  return t === null && isSignedIn ? null : (t ?? '')
}

async function approverByActor({ host, params }: HitlCall, actor: Actor, fields: Fields): Promise<Approver> {
  const sight = await lookAt(host, actor.team_id, params.id)
  requireScope(actor, ['approve'])
  const person = await personBehind(host, actor)
  if (person === null) throw fault('forbidden', 'this key is no registered approver’s: its `user_email` must be one')
  // What was never edited can only have been shown as it is; after an edit the key has to say which it saw.
  const wasEdited = sight.history.some((entry) => entry.what === 'edited')
  const request_digest = fields.text('request_digest') ?? (wasEdited ? '' : sight.request_digest)
  const { api_key_id, scopes, team_id, via } = actor
  const { person_id } = person
  return { team_id, credential: { kind: 'key', api_key_id, scopes, person_id, request_digest, via: via === 'key' ? 'api' : 'ui' } }
}

/** Of a look: it brings nothing but its address. */
export const NO_FIELDS: Fields = { text: () => null, json: () => undefined }

function parse(host: Host, text: string): Json {
  const { hash } = host.ports
  return parseJsonBytes(hash.utf8(text), hash)
}
