// One receipt, step by step: its shape, its signature, its leaf, its place in the tree that a signed checkpoint states.
import { publishedKeys } from '../../client/published_keys.ts'
import { hex } from '../../engine/bytes.ts'
import { openCheckpoint, originOf, type Checkpoint } from '../../engine/checkpoint.ts'
import { InclusionProof, leafOf, verifyPlace, verifyProof } from '../../engine/ledger.ts'
import type { PublicKey } from '../../engine/ports.ts'
import { verifyReceipt } from '../../engine/receipt.ts'
import type { LedgerPlace, Receipt } from '../../engine/schema.ts'
import { browserHash, canCheckEd25519 } from './hash.ts'

export type CheckName = 'shape' | 'signature' | 'hmac' | 'leaf' | 'checkpoint' | 'inclusion'

/** What became of one step: `none` = it could not be checked, and `says` why. */
export interface Check {
  readonly name: CheckName
  readonly status: 'ok' | 'failed' | 'none'
  readonly says: string
}

export interface Result {
  /** `ok` = signed and in the ledger, `signed` = signed and nothing failed, `failed` = something is wrong, `none` = nothing could be proven. */
  readonly verdict: 'ok' | 'signed' | 'failed' | 'none'
  readonly checks: readonly Check[]
}

/** What is to be checked. `receipt` is what the server answered, whatever that is; `proof` and `keys` likewise. */
export interface Given {
  readonly receipt: unknown
  readonly proof: unknown
  readonly keys: readonly PublicKey[]
  readonly teamId: string
  /** Set = the receipt was shared in part: its signed bytes are not here, only what the ledger says of it. */
  readonly isPartial?: boolean
  /** False = amended since: the server proves the newest revision alone. */
  readonly isNewest?: boolean
}

/** Never throws, whatever it is given. */
export async function checkReceipt(given: Given): Promise<Result> {
  const checks: Check[] = []
  const isAble = await canCheckEd25519()
  const receipt = given.receipt as Receipt
  if (!given.isPartial) checks.push(...(await signatureChecks(receipt, given.keys, isAble)), leafCheck(receipt))
  checks.push(...(await proofChecks(placeOf(receipt), given, isAble)))
  return { verdict: verdictOf(checks), checks }
}

function verdictOf(checks: readonly Check[]): Result['verdict'] {
  const status = (name: CheckName) => checks.find((check) => check.name === name)?.status
  if (checks.some((check) => check.status === 'failed')) return 'failed'
  if (status('signature') !== 'ok') return status('inclusion') === 'ok' ? 'signed' : 'none'
  return status('leaf') === 'ok' && status('inclusion') === 'ok' ? 'ok' : 'signed'
}

async function signatureChecks(receipt: Receipt, keys: readonly PublicKey[], isAble: boolean): Promise<Check[]> {
  const hmac: Check = {
    name: 'hmac',
    status: 'none',
    says: 'its key is the installation’s own secret: `enact receipts verify` checks it there'
  }
  const { signatures, problems } = await verifyReceipt(receipt, publishedKeys(keys), browserHash)
  if (signatures.length === 0) return [{ name: 'shape', status: 'failed', says: problems.join('; ') }]
  const shape: Check = { name: 'shape', status: 'ok', says: 'a whole receipt of version 1' }
  const own = signatures.filter(({ alg }) => alg === 'Ed25519')
  const [one] = own
  if (one === undefined || own.length > 1)
    return [shape, { name: 'signature', status: 'failed', says: 'there is not exactly one Ed25519 signature' }]
  if (!isAble)
    return [
      shape,
      { name: 'signature', status: 'none', says: 'this browser cannot check Ed25519: use a newer one, or `enact receipts verify`' },
      hmac
    ]
  const says = {
    valid: `over exactly these bytes, by the published key ${one.keyid}`,
    invalid: `the signature of key ${one.keyid} is not over this receipt: it was changed after it was signed`,
    unknown_key: `key ${one.keyid} is not among the published keys`
  }[one.status]
  return [shape, { name: 'signature', status: one.status === 'valid' ? 'ok' : 'failed', says }, hmac]
}

function leafCheck(receipt: Receipt): Check {
  try {
    const problems = verifyPlace(receipt, browserHash)
    if (receipt.ledger === undefined) return { name: 'leaf', status: 'none', says: 'the receipt has no place in a ledger' }
    if (problems.length > 0) return { name: 'leaf', status: 'failed', says: problems.join('; ') }
    return {
      name: 'leaf',
      status: 'ok',
      says: `its hash ${hex(leafOf(receipt, browserHash)).slice(0, 12)}… is entry #${receipt.ledger.seq}`
    }
  } catch {
    return { name: 'leaf', status: 'failed', says: 'what was answered has no canonical bytes' }
  }
}

function placeOf(receipt: Receipt): LedgerPlace | undefined {
  return typeof receipt === 'object' && receipt !== null ? receipt.ledger : undefined
}

async function proofChecks(place: LedgerPlace | undefined, given: Given, isAble: boolean): Promise<Check[]> {
  const none = (says: string): Check[] => [{ name: 'checkpoint', status: 'none', says }]
  if (place === undefined) return none('the receipt has no place in a ledger')
  if (given.isNewest === false) return none('the server proves the newest revision, which amends this one')
  if (given.proof === null || given.proof === undefined) return none('there is no proof yet: a checkpoint is signed at least once a minute')
  const proof = InclusionProof.safeParse(given.proof)
  if (!proof.success) return [{ name: 'checkpoint', status: 'failed', says: 'the proof is malformed' }]
  const { checkpoint: note } = proof.data
  if (note === null) return none('no checkpoint covers it yet: one is signed at least once a minute')
  if (!isAble) return none('this browser cannot check Ed25519')
  const verifier = publishedKeys(given.keys)
  const opened = await openCheckpoint(note, originOf(given.teamId), { verify: verifier.verify, publicKeys: given.keys }, browserHash)
  if (!opened.ok) return [{ name: 'checkpoint', status: 'failed', says: opened.problem }]
  const { checkpoint } = opened
  return [{ name: 'checkpoint', status: 'ok', says: checkpointText(checkpoint) }, inclusionCheck(place, proof.data, checkpoint)]
}

function inclusionCheck(place: LedgerPlace, proof: InclusionProof, checkpoint: Checkpoint): Check {
  const problems = verifyProof(place, proof, checkpoint, browserHash)
  if (problems.length > 0) return { name: 'inclusion', status: 'failed', says: problems.join('; ') }
  return { name: 'inclusion', status: 'ok', says: `${proof.path.length} hashes lead from entry #${place.seq} to the checkpoint’s root` }
}

function checkpointText({ size, timestamp }: Checkpoint): string {
  return `${size} entries${timestamp === null ? '' : `, signed ${timestamp.slice(0, 19).replace('T', ' ')} UTC`}`
}
