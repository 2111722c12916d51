// The manifest of a compliance export: every file with its digest, and what the whole claims to be. It is what the team's key signs.
import * as z from 'zod'
import type { ExportState } from './export_state.ts'
import { timeText } from './plain.ts'
import type { Hash } from './ports.ts'
import { preAuthEncoding } from './receipt.ts'
import { TeamId } from './schema.ts'
import { ENGINE_VERSION } from './version.ts'

/** The payload type under which manifests are signed: no receipt's signature ever passes for one. */
export const EXPORT_TYPE = 'application/vnd.enact.export.v1+json'

/** Beside every other file: the manifest, and its signature. */
export const MANIFEST_FILES = ['MANIFEST.json', 'MANIFEST.dsse.json'] as const

const Count = z.int().nonnegative()
const Time = z.iso.datetime()

/** `MANIFEST.json`. */
export const ExportManifest = z.strictObject({
  type: z.literal('enact.compliance_export'),
  version: z.literal(1),
  team_id: TeamId,
  period: z.strictObject({ from: Time, to: Time }),
  engine_version: z.string().max(64),
  /** The entries that are in it, first and last included; null where there are none. */
  range: z.strictObject({ first_seq: Count, last_seq: Count }).nullable(),
  counts: z.strictObject({ entries: Count, receipts: Count, erased: Count, unreadable: Count, checkpoints: Count }),
  /** Of the checkpoint that all proofs of the period lead to, and of the newest one. */
  tree_size: Count,
  newest_tree_size: Count,
  files: z.array(z.strictObject({ name: z.string().max(100), size: Count, sha256: z.string().regex(/^[0-9a-f]{64}$/) })).max(65_000)
})
export type ExportManifest = z.infer<typeof ExportManifest>

/** The manifest's text, which is what is signed, and the bytes that the key signs. */
export function manifestOf(state: ExportState, hash: Hash): { readonly text: string; readonly signed: Uint8Array } {
  const { order, range, receipts, erased, unreadable, checkpoints, head } = state
  const first = range!.first
  const entries = range!.end - first
  const count = (ranges: ExportState['erased']) => ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)
  const manifest: ExportManifest = {
    type: 'enact.compliance_export',
    version: 1,
    team_id: order.team_id,
    period: { from: timeText(order.from), to: timeText(order.to) },
    engine_version: ENGINE_VERSION,
    range: entries === 0 ? null : { first_seq: first, last_seq: first + entries - 1 },
    counts: { entries, receipts, erased: count(erased), unreadable: count(unreadable), checkpoints },
    tree_size: range!.tree_size,
    newest_tree_size: head,
    files: state.files.map(({ name, size, sha256 }) => ({ name, size, sha256: sha256! })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  return { text, signed: preAuthEncoding(hash.utf8(text), hash, EXPORT_TYPE) }
}
