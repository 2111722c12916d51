// Share links: one receipt, redacted, for whoever has the link, until it expires or is revoked.
import * as z from 'zod'
import {
  base64url,
  derivedId,
  Fault,
  fault,
  hex,
  InclusionProof,
  leafOf,
  Receipt,
  RunId,
  SHARE_PARTS,
  sharedView,
  SHARES_MAX,
  timeText,
  unhex,
  verifyPlace,
  verifyReceipt,
  type Json,
  type ShareRecord
} from '../../engine/index.ts'
import { addressOf, GUESS_COST, hashKey } from '../auth.ts'
import { applyChange, changeOf, type Written } from '../change.ts'
import type { Actor, Host } from '../host.ts'
import { answer } from '../problem.ts'
import { takeRate } from '../rate.ts'
import { route } from '../route.ts'
import { idempotencyKeyOf } from '../run_id.ts'
import { RunPath } from '../schema.ts'

const DAY_S = 86_400
const TOKEN_BYTES = 32
/** A receipt that is amended while it is shown is read again so many times. */
const ATTEMPTS_MAX = 3

const Parts = z
  .array(z.enum(SHARE_PARTS))
  .refine((parts) => new Set(parts).size === parts.length, 'names a part twice')
  .default([])
const NewShare = z.strictObject({
  expires_in_seconds: z
    .int()
    .min(60)
    .max(90 * DAY_S),
  show: Parts
})
const ShareListed = z.strictObject({
  share_id: RunId,
  run_id: RunId,
  show: z.array(z.enum(SHARE_PARTS)),
  shared_by: z.string(),
  created_at: z.string(),
  expires_at: z.string(),
  revoked_at: z.string().nullable()
})
const ShareMade = ShareListed.pick({ share_id: true, expires_at: true, show: true }).extend({ url: z.string(), token: z.string() })
const Checked = z.strictObject({ keyid: z.string(), alg: z.string(), status: z.enum(['valid', 'invalid', 'unknown_key']) })
const Shared = z.strictObject({
  receipt: Receipt,
  hidden: z.array(z.string()),
  verification: z.strictObject({ valid: z.boolean(), signatures: z.array(Checked), leaf: z.string() }),
  proof: InclusionProof,
  keys: z.array(z.record(z.string(), z.string())),
  expires_at: z.string(),
  shared_by: z.string()
})

/** `POST /receipts/{run_id}/shares`. */
export const shareReceipt = route({
  id: 'shareReceipt',
  method: 'POST',
  path: '/receipts/:run_id/shares',
  access: ['audit'],
  title: 'Make a link that shows a receipt',
  about: `Whoever has it sees what was decided, that it is signed and where it stands in the ledger; payload, outputs and people only where \`show\` names them. The token is shown this once. A receipt has at most ${SHARES_MAX} live links; making and revoking one is receipted.`,
  tag: 'receipts',
  params: RunPath,
  body: NewShare,
  idempotent: true,
  answers: { 201: { title: 'The link', schema: ShareMade } },
  async handle({ host, actor, params: { run_id }, body: { expires_in_seconds, show }, headers, url }) {
    const { clock, ledger } = host.ports
    if ((await ledger.latest(actor.team_id, run_id)) === null) throw noReceipt(run_id)
    const { token, share_id } = await tokenFor(host, actor, run_id, headers)
    const created_at = clock.now()
    const wanted: ShareRecord = {
      share_id,
      team_id: actor.team_id,
      run_id,
      show,
      shared_by: actor.user_email ?? '',
      created_at,
      expires_at: created_at + expires_in_seconds * 1_000,
      revoked_at: null
    }
    const { value: share } = await applyChange(host, () => made(host, actor, wanted, hashKey(host, token)))
    return answer(201, { share_id, url: `${url.origin}/app/shared#${token}`, token, expires_at: timeText(share.expires_at), show })
  }
})

/** `GET /receipts/{run_id}/shares`. */
export const listShares = route({
  id: 'listShares',
  method: 'GET',
  path: '/receipts/:run_id/shares',
  access: ['audit'],
  title: "List a receipt's links",
  about: 'Newest first, those that are over too; never a token.',
  tag: 'receipts',
  params: RunPath,
  answers: { 200: { title: 'The links', schema: z.strictObject({ data: z.array(ShareListed) }) } },
  async handle({ host, actor, params: { run_id } }) {
    const data = (await host.shares.list(actor.team_id, run_id)).map(listed)
    if (data.length === 0 && (await host.ports.ledger.latest(actor.team_id, run_id)) === null) throw noReceipt(run_id)
    return answer(200, { data })
  }
})

/** `DELETE /shares/{id}`. */
export const revokeShare = route({
  id: 'revokeShare',
  method: 'DELETE',
  path: '/shares/:id',
  access: ['audit'],
  title: 'Revoke a link',
  about: 'It shows nothing from now on. Revoked again it stays so.',
  tag: 'receipts',
  params: z.strictObject({ id: RunId }),
  answers: { 204: { title: 'It is revoked' } },
  async handle({ host, actor, params: { id } }) {
    await applyChange(host, () => revoked(host, actor, id))
    return answer(204)
  }
})

/** `POST /shared`. */
export const readShared = route({
  id: 'readShared',
  method: 'POST',
  path: '/shared',
  access: 'public',
  title: 'See what a link shows',
  about:
    'The token travels in the body, where no log and no Referer has it. `hidden` has a JSON pointer to everything that is left out. `verification` is what this installation found over the whole receipt; `leaf`, `proof` and `keys` let anybody check its place in the ledger. A link that is unknown, expired or revoked, and one whose receipt was erased, look alike.',
  tag: 'receipts',
  body: z.strictObject({ token: z.string().min(1).max(128) }),
  answers: { 200: { title: 'The receipt, as far as it is shown', schema: Shared } },
  async handle({ host, body: { token }, headers }) {
    const share = await host.shares.find(hashKey(host, token))
    const shown = share !== null && isLive(share, host.ports.clock.now()) ? await proven(host, share) : null
    if (share !== null && shown !== null) return answer(200, shown)
    await takeRate(host, `ip:${addressOf(headers)}`, GUESS_COST)
    throw fault('not_found', 'this link shows nothing: it never did, has expired, or was revoked')
  }
})

function noReceipt(runId: string): Fault {
  return fault('not_found', `there is no receipt \`${runId}\``)
}

function isLive({ expires_at, revoked_at }: ShareRecord, now: number): boolean {
  return revoked_at === null && expires_at > now
}

/** Drawn, or the same every time under this Idempotency-Key, though it is stored nowhere. */
async function tokenFor(host: Host, actor: Actor, runId: string, headers: Headers): Promise<{ token: string; share_id: string }> {
  const { ids, hash, keys } = host.ports
  const idempotencyKey = idempotencyKeyOf(headers)
  if (idempotencyKey === null) return { token: base64url(ids.random(TOKEN_BYTES)), share_id: ids.runId() }
  const ring = await keys.team(actor.team_id)
  const what = `${actor.api_key_id}\n${runId}\n${idempotencyKey}`
  const committed = await ring.commit(hash.utf8(`enact/share/token\n${what}`))
  const token = base64url(unhex(committed.slice('hmac-sha256:'.length))!)
  return { token, share_id: await derivedId(`enact/share/id\n${what}`, ring, hash) }
}

/** Throws `too_many_shares`, and `idempotency_key_reused` where the link was made by another request. */
async function made(host: Host, actor: Actor, share: ShareRecord, tokenHash: string): Promise<Written<ShareRecord>> {
  const change = changeOf(host, actor, `receipt_shared:${share.run_id}`, share.share_id, null, told(share))
  if ((await host.shares.create(share, tokenHash, change)) === 'written') return { again: false, value: share, change }
  const known = await host.shares.find(tokenHash)
  if (known === null) throw fault('too_many_shares', `receipt \`${share.run_id}\` has ${SHARES_MAX} live links: revoke one first`)
  const asked = ({ show, created_at, expires_at }: ShareRecord) => JSON.stringify([show, expires_at - created_at])
  if (asked(known) !== asked(share)) throw fault('idempotency_key_reused', 'this Idempotency-Key was used for another request')
  return { again: false, value: known, change: null }
}

async function revoked(host: Host, actor: Actor, shareId: string) {
  const share = await host.shares.get(actor.team_id, shareId)
  if (share === null) throw fault('not_found', `there is no link \`${shareId}\``)
  if (share.revoked_at !== null) return { again: false as const, value: null, change: null }
  const change = changeOf(host, actor, `share_revoked:${share.run_id}`, shareId, told(share), null)
  const written = await host.shares.revoke(share, host.ports.clock.now(), change)
  return written === 'moved_on' ? { again: true as const } : { again: false as const, value: null, change }
}

/** Null where the receipt is gone. The proof is always of the revision that is shown. */
async function proven(host: Host, { team_id, run_id, show, expires_at, shared_by }: ShareRecord) {
  const { hash, keys } = host.ports
  const ring = await keys.team(team_id)
  for (let i = 0; i < ATTEMPTS_MAX; i++) {
    const receipt = await host.ports.ledger.latest(team_id, run_id).catch(nothingWhereErased)
    const proof = receipt === null ? null : await host.ledger.proof(team_id, run_id)
    if (receipt === null || proof === null) return null
    if (proof.leaf !== receipt.ledger?.leaf) continue
    const { valid, signatures } = await verifyReceipt(receipt, ring, hash)
    const verification = { valid: valid && verifyPlace(receipt, hash).length === 0, signatures, leaf: hex(leafOf(receipt, hash)) }
    return { ...sharedView(receipt, show), verification, proof, keys: await ring.publicKeys(), expires_at: timeText(expires_at), shared_by }
  }
  throw fault('unavailable', 'the receipt changes just now', { retryAfterSeconds: 1 })
}

function nothingWhereErased(error: unknown): null {
  if (error instanceof Fault && error.code === 'erased') return null
  throw error
}

function listed({ share_id, run_id, show, shared_by, created_at, expires_at, revoked_at }: ShareRecord) {
  const times = { created_at: timeText(created_at), expires_at: timeText(expires_at) }
  return { share_id, run_id, show, shared_by, ...times, revoked_at: revoked_at === null ? null : timeText(revoked_at) }
}

/** What the receipt of the change says of a share. */
function told({ run_id, show, expires_at }: ShareRecord): Json {
  return { run_id, show: [...show], expires_at: timeText(expires_at) }
}
