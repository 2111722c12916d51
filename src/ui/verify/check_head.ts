// The newest checkpoint and the receipts that are shown, held against each other and against what this browser saw before.
import { publishedKeys } from '../../client/published_keys.ts'
import { hex } from '../../engine/bytes.ts'
import { openCheckpoint, originOf } from '../../engine/checkpoint.ts'
import { checkChain, verifyPlace } from '../../engine/ledger.ts'
import type { PublicKey } from '../../engine/ports.ts'
import type { Receipt } from '../../engine/schema.ts'
import { browserHash, canCheckEd25519 } from './hash.ts'

/** `size` is the checkpoint's; `problems` empty = everything that could be checked is right; null = nothing could. */
export interface HeadCheck {
  readonly size: number
  readonly root: string
  readonly at: string | null
  readonly problems: readonly string[] | null
}

/** A checkpoint that this browser verified before: the ledger may only have grown since. */
export interface Seen {
  readonly size: number
  readonly root: string
}

export interface HeadGiven {
  readonly teamId: string
  readonly note: string
  readonly keys: readonly PublicKey[]
  /** The ledger's size by the list's own word; null where it does not tell. */
  readonly head: number | null
  readonly receipts: readonly Receipt[]
  readonly seen: Seen | null
}

/** Never throws. */
export async function checkHead({ teamId, note, keys, head, receipts, seen }: HeadGiven): Promise<HeadCheck> {
  if (!(await canCheckEd25519())) return { size: 0, root: '', at: null, problems: null }
  const { verify } = publishedKeys(keys)
  const opened = await openCheckpoint(note, originOf(teamId), { verify, publicKeys: keys }, browserHash)
  if (!opened.ok) return { size: 0, root: '', at: null, problems: [opened.problem] }
  const { size, root: bytes, timestamp } = opened.checkpoint
  const root = hex(bytes)
  const problems: string[] = []
  if (head !== null && size > head) problems.push(`the checkpoint counts ${size} entries, the list ${head}`)
  if (seen !== null && size < seen.size) problems.push(`the ledger had ${seen.size} entries before, and has ${size} now`)
  if (seen?.size === size && seen.root !== root) problems.push(`the ledger of ${size} entries had another root before`)
  const placed = receipts.filter((receipt) => receipt.ledger !== undefined)
  for (const receipt of placed) problems.push(...verifyPlace(receipt, browserHash).map((problem) => `${receipt.run_id}: ${problem}`))
  // Gaps are a search's nature; a link that does not fit its neighbour never is.
  problems.push(
    ...checkChain(
      placed.map((receipt) => receipt.ledger!),
      browserHash
    ).breaks
  )
  return { size, root, at: timestamp, problems }
}
