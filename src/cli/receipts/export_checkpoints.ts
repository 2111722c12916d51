// The checkpoints of a compliance export, that they are one history, and the proofs that lead to them.
import * as z from 'zod'
import { nodeHash } from '../../adapters/hash/index.ts'
import {
  hex,
  InclusionProof,
  openCheckpoint,
  originOf,
  unhex,
  verifyConsistency,
  verifyProof,
  type CheckpointKeys,
  type ExportManifest,
  type LedgerPlace
} from '../../engine/index.ts'
import { parsed } from './export_entries.ts'
import type { ZipFile } from './zip_file.ts'

/** Roots by tree size, as signed. */
export type Trees = ReadonlyMap<number, Uint8Array>

const Hex64 = z.string().regex(/^[0-9a-f]{64}$/)
const Size = z.int().positive()
const Shown = z.strictObject({ tree_size: Size, root_hash: Hex64, created_at: z.string(), note: z.string() })
const Consistency = z.strictObject({ from: Size, to: Size, path: z.array(Hex64).max(128) })

/** Every checkpoint that one of the keys signed; each must contain the one before. `note` is one from another source. */
export async function checkCheckpoints(
  zip: ZipFile,
  { team_id, counts, tree_size, newest_tree_size }: ExportManifest,
  keys: CheckpointKeys,
  note: string | null,
  problems: string[],
  notes: string[]
): Promise<Trees> {
  const trees = new Map<number, Uint8Array>()
  const sizes: number[] = []
  for await (const line of zip.lines('checkpoints.ndjson')) {
    const shown = Shown.safeParse(parsed(line))
    const opened = shown.success ? await openCheckpoint(shown.data.note, originOf(team_id), keys, nodeHash) : null
    if (!shown.success || opened === null) problems.push('checkpoints.ndjson holds a line that is no checkpoint')
    else if (!opened.ok) problems.push(`the checkpoint of ${shown.data.tree_size} entries: ${opened.problem}`)
    else if (opened.checkpoint.size !== shown.data.tree_size || hex(opened.checkpoint.root) !== shown.data.root_hash)
      problems.push(`the checkpoint of ${shown.data.tree_size} entries says something else in its note`)
    else {
      trees.set(shown.data.tree_size, opened.checkpoint.root)
      sizes.push(shown.data.tree_size)
    }
  }
  if (sizes.length !== counts.checkpoints) problems.push(`the manifest counts ${counts.checkpoints} checkpoints, here are ${sizes.length}`)
  for (const size of [tree_size, newest_tree_size]) if (!trees.has(size)) problems.push(`the checkpoint of ${size} entries is missing`)
  await checkConsistency(zip, sizes, trees, problems)
  if (note !== null) await compare(note, team_id, keys, trees, problems, notes)
  return trees
}

async function checkConsistency(zip: ZipFile, sizes: readonly number[], trees: Trees, problems: string[]): Promise<void> {
  let at = 1
  for await (const line of zip.lines('consistency.ndjson')) {
    const proof = Consistency.safeParse(parsed(line))
    const [from, to] = [sizes[at - 1], sizes[at]]
    const path = proof.success ? proof.data.path.map((step) => unhex(step)!) : []
    const isProven =
      proof.success &&
      from !== undefined &&
      to !== undefined &&
      from < to &&
      proof.data.from === from &&
      proof.data.to === to &&
      verifyConsistency(from, to, trees.get(from)!, trees.get(to)!, path, nodeHash)
    if (!isProven) problems.push(`it is not proven that the checkpoint of ${to ?? '?'} entries contains the one before`)
    at++
  }
  if (at < sizes.length) problems.push('consistency.ndjson does not speak of every checkpoint')
}

async function compare(
  note: string,
  teamId: string,
  keys: CheckpointKeys,
  trees: Trees,
  problems: string[],
  notes: string[]
): Promise<void> {
  const opened = await openCheckpoint(note, originOf(teamId), keys, nodeHash)
  if (!opened.ok) {
    problems.push(`the checkpoint given: ${opened.problem}`)
    return
  }
  const { size, root } = opened.checkpoint
  const own = trees.get(size)
  if (own === undefined) notes.push(`the checkpoint given is of ${size} entries, of which the export has none: they could not be compared`)
  else if (hex(own) !== hex(root))
    problems.push(`the checkpoint given says something else of the first ${size} entries: the history was rewritten`)
}

/** One proof for every place and no other, each leading to the tree's root. */
export async function checkProofs(
  zip: ZipFile,
  name: string,
  root: Uint8Array | null,
  places: ReadonlyMap<number, LedgerPlace>,
  problems: string[]
): Promise<void> {
  const seen = new Set<number>()
  for await (const line of zip.lines(name)) {
    const proof = InclusionProof.safeParse(parsed(line))
    const place = proof.success ? places.get(proof.data.seq) : undefined
    if (!proof.success || place === undefined || seen.has(place.seq)) {
      problems.push(`${name} holds a line that is no proof of an entry here`)
      continue
    }
    seen.add(place.seq)
    if (root !== null) problems.push(...verifyProof(place, proof.data, { size: proof.data.tree_size, root }, nodeHash))
  }
  if (seen.size < places.size) problems.push(`${name} has no proof of ${places.size - seen.size} of the entries`)
}
