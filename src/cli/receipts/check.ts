// Checks receipts with nothing but what is given: says of each what was checked, what failed, and what could not be checked.
import { nodeHash } from '../../adapters/hash/index.ts'
import { publicVerifier, webcryptoKeys } from '../../adapters/keys/index.ts'
import { ledgerTree } from '../../adapters/ledger/index.ts'
import {
  checkChain,
  equalBytes,
  openCheckpoint,
  originOf,
  Receipt,
  unhex,
  verifyPlace,
  verifyProof,
  verifyReceipt
} from '../../engine/index.ts'
import type { Checkpoint, PublicKey, ReceiptCheck } from '../../engine/index.ts'
import type { Evidence, Item } from './export_format.ts'

/** What signatures are checked with. Without either nothing can be said of them: `not_checked`. */
export interface Trust {
  /** Published keys, and where they came from. */
  readonly keys: readonly PublicKey[]
  /** `ENACT_SECRET` and its predecessors, for the HMAC; null where there is none. */
  readonly secrets: readonly [string, ...string[]] | null
}

export type Status = 'ok' | 'failed' | 'not_checked'
export type Aspect = 'shape' | 'hmac' | 'ed25519' | 'leaf' | 'proof'

/** One receipt's result; `checks` says of every aspect what became of it. */
export interface ItemResult {
  readonly label: string
  readonly run_id: string | null
  readonly revision: number | null
  readonly team_id: string | null
  readonly ok: boolean
  readonly checks: Readonly<Record<Aspect, Status>>
  readonly problems: readonly string[]
}

/** A team's receipts taken together. `chain` is ok where every two neighbours that are here follow one another. */
export interface LedgerResult {
  readonly team_id: string
  readonly from: number
  readonly to: number
  readonly chain: Status
  /** Whether all entries are here, from the first to the last that the checkpoint counts. */
  readonly complete: Status
  readonly problems: readonly string[]
  readonly notes: readonly string[]
}

/** The whole answer. `ok` needs at least one receipt, and nothing failed. */
export interface Verification {
  readonly ok: boolean
  readonly receipts: readonly ItemResult[]
  readonly ledgers: readonly LedgerResult[]
  readonly problems: readonly string[]
  readonly notes: readonly string[]
}

/** Checks everything in `evidence`; a failure never hides another. */
export async function checkEvidence(evidence: Evidence, trust: Trust): Promise<Verification> {
  const bench = benchOf(trust)
  const receipts: ItemResult[] = []
  for (const item of evidence.items) receipts.push(await checkItem(item, evidence.checkpoint, bench))
  const ledgers = await checkLedgers(evidence, bench)
  const problems = [...evidence.problems, ...(evidence.items.length === 0 ? ['there is no receipt to verify'] : [])]
  const ok = problems.length === 0 && receipts.every((receipt) => receipt.ok) && ledgers.every((ledger) => ledger.problems.length === 0)
  return { ok, receipts, ledgers, problems, notes: evidence.notes }
}

type Opened = Awaited<ReturnType<typeof openCheckpoint>>

/** The keys at work, each checkpoint being opened once. */
interface Bench {
  hmac(receipt: unknown, teamId: string): Promise<ReceiptCheck | null>
  ed25519(receipt: unknown, teamId: string): Promise<ReceiptCheck | null>
  open(note: string, teamId: string): Promise<Opened>
}

function benchOf({ keys, secrets }: Trust): Bench {
  const published = keys.length === 0 ? null : publicVerifier(keys)
  const own = secrets === null ? null : webcryptoKeys({ secret: secrets[0], previousSecrets: secrets.slice(1) })
  const opened = new Map<string, Promise<Opened>>()
  const open = async (note: string, teamId: string): Promise<Opened> => {
    const ring = published === null ? await own?.team(teamId) : undefined
    const trusted =
      published === null ? { verify: ring!.verify, publicKeys: await ring!.publicKeys() } : { verify: published.verify, publicKeys: keys }
    return openCheckpoint(note, originOf(teamId), trusted, nodeHash)
  }
  return {
    hmac: async (receipt, teamId) => (own === null ? null : verifyReceipt(receipt, await own.team(teamId), nodeHash)),
    // Published keys go before those of the secret: who gives them wants to know whether it is they that signed.
    ed25519: async (receipt, teamId) => {
      const keys = published ?? (await own?.team(teamId))
      return keys === undefined ? null : verifyReceipt(receipt, keys, nodeHash)
    },
    open: (note, teamId) => {
      const id = `${teamId}\n${note}`
      const result = opened.get(id) ?? open(note, teamId)
      opened.set(id, result)
      return result
    }
  }
}

async function checkItem({ label, value, proof }: Item, sharedNote: string | null, bench: Bench): Promise<ItemResult> {
  const checks: Record<Aspect, Status> = {
    shape: 'failed',
    hmac: 'not_checked',
    ed25519: 'not_checked',
    leaf: 'not_checked',
    proof: 'not_checked'
  }
  const problems: string[] = []
  const parsed = Receipt.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    problems.push(`not a receipt of version 1: \`/${issue?.path.join('/') ?? ''}\` ${issue?.message ?? 'is wrong'}`)
    return { label, run_id: null, revision: null, team_id: null, ok: false, checks, problems }
  }
  const receipt = value as Receipt
  const fail = (aspect: Aspect, found: readonly string[]) => {
    checks[aspect] = found.length === 0 ? 'ok' : 'failed'
    problems.push(...found)
  }
  const hmac = await bench.hmac(value, receipt.team_id)
  const ed25519 = await bench.ed25519(value, receipt.team_id)
  checks.shape = 'ok'
  if (hmac !== null) fail('hmac', signatureProblems(hmac, 'HMAC-SHA256'))
  if (ed25519 !== null) fail('ed25519', signatureProblems(ed25519, 'Ed25519'))
  if (receipt.ledger !== undefined) fail('leaf', verifyPlace(receipt, nodeHash))
  const note = proof?.checkpoint ?? sharedNote
  if (proof !== null && note !== null && receipt.ledger !== undefined) {
    const opened = await bench.open(note, receipt.team_id)
    fail('proof', opened.ok ? verifyProof(receipt.ledger, proof, opened.checkpoint, nodeHash) : [opened.problem])
  }
  return {
    label,
    run_id: receipt.run_id,
    revision: receipt.revision,
    team_id: receipt.team_id,
    ok: problems.length === 0,
    checks,
    problems
  }
}

/** What is wrong with the one signature of this kind that the keys given must be able to check. */
function signatureProblems(check: ReceiptCheck, alg: string): string[] {
  const statuses = check.signatures.filter((signature) => signature.alg === alg)
  if (statuses.length === 1 && statuses[0]!.status === 'valid') return []
  if (statuses.length === 1 && statuses[0]!.status === 'unknown_key')
    return [`the ${alg} signature is by \`${statuses[0]!.keyid}\`, which is none of the keys given`]
  const mine = check.problems.filter((problem) => problem.includes(alg))
  return mine.length > 0 ? mine : [...check.problems]
}

/** Chain and completeness, a team at a time; the same receipt twice counts once. */
async function checkLedgers(evidence: Evidence, bench: Bench): Promise<LedgerResult[]> {
  const teams = new Map<string, Map<string, Receipt>>()
  for (const { value } of evidence.items) {
    if (!Receipt.safeParse(value).success) continue
    const receipt = value as Receipt
    if (receipt.ledger === undefined) continue
    const team = teams.get(receipt.team_id) ?? new Map<string, Receipt>()
    teams.set(receipt.team_id, team.set(`${receipt.ledger.seq} ${receipt.ledger.leaf} ${receipt.ledger.prev}`, receipt))
  }
  return Promise.all([...teams].map(([teamId, receipts]) => checkLedger(teamId, [...receipts.values()], evidence, bench)))
}

async function checkLedger(teamId: string, receipts: readonly Receipt[], evidence: Evidence, bench: Bench): Promise<LedgerResult> {
  const places = receipts.map(({ ledger }) => ledger!)
  const chain = checkChain(places, nodeHash)
  const problems = [...chain.breaks, ...(evidence.complete ? chain.gaps : [])]
  const notes = evidence.complete || places.length === 1 ? [] : chain.gaps.map((gap) => `${gap} here`)
  let complete: Status = 'not_checked'
  if (evidence.complete && evidence.checkpoint === null) {
    notes.push(`that nothing came after entry ${chain.to} cannot be shown without a checkpoint`)
  } else if (evidence.complete && evidence.checkpoint !== null) {
    const opened = await bench.open(evidence.checkpoint, teamId)
    const found = !opened.ok
      ? [opened.problem]
      : chain.whole
        ? againstCheckpoint(
            places.toSorted((a, b) => a.seq - b.seq),
            opened.checkpoint
          )
        : []
    problems.push(...found)
    complete = found.length === 0 && chain.whole ? 'ok' : 'failed'
  }
  const status = chain.breaks.length > 0 ? 'failed' : chain.links > 0 ? 'ok' : 'not_checked'
  return { team_id: teamId, from: chain.from!, to: chain.to!, chain: status, complete, problems, notes }
}

/** Whether a whole chain has everything that the checkpoint counted, and has it unchanged. */
function againstCheckpoint(places: readonly { leaf: string }[], { size, root }: Checkpoint): string[] {
  if (places.length < size) return [`the checkpoint counts ${size} entries, here are ${places.length}: the last are missing`]
  const tree = ledgerTree(nodeHash)
  for (const { leaf } of places.slice(0, size)) tree.append(unhex(leaf)!)
  return equalBytes(tree.root(), root) ? [] : [`the first ${size} entries are not those that the checkpoint was signed over`]
}
