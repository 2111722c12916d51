// Checks a compliance export with public keys alone: that it is whole, who signed it, and that everything in it bears out what it says.
import { nodeHash } from '../../adapters/hash/index.ts'
import { publicVerifier, webcryptoKeys } from '../../adapters/keys/index.ts'
import {
  EXPORT_TYPE,
  ExportManifest,
  isInRanges,
  MANIFEST_FILES,
  openEnvelope,
  preAuthEncoding,
  type PublicKey,
  type Verifier
} from '../../engine/index.ts'
import { checkCheckpoints, checkProofs, type Trees } from './export_checkpoints.ts'
import { checkPlaces, parsed, readErased, readReceipts, type Found } from './export_entries.ts'
import { Jwks } from './export_format.ts'
import type { Trust } from './check.ts'
import { openZip, type ZipFile } from './zip_file.ts'

/** What came of checking an export. `ok` needs a manifest that one of the keys signed, and nothing wrong. */
export interface ExportVerification {
  readonly file: string
  readonly ok: boolean
  readonly team_id: string | null
  readonly period: { readonly from: string; readonly to: string } | null
  readonly range: { readonly first_seq: number; readonly last_seq: number } | null
  readonly counts: ExportManifest['counts'] | null
  readonly problems: readonly string[]
  readonly notes: readonly string[]
}

/** More say nothing more. */
const PROBLEMS_MAX = 50

/** Everything there is to say about the file; `note` is a checkpoint from another source. Never throws for what is in it. */
export async function checkExport(file: string, trust: Trust, note: string | null): Promise<ExportVerification> {
  const zip = await openZip(file)
  const problems: string[] = []
  const notes: string[] = []
  let manifest: ExportManifest | null = null
  try {
    manifest = zip.problem === null ? await checkFiles(zip, problems) : (problems.push(zip.problem), null)
    // What is inside files that were changed says nothing, and may be made to be read for ever.
    const isWhole = manifest !== null && problems.length === 0
    const keys = isWhole ? await keysOf(zip, trust, problems, notes) : null
    if (manifest !== null && keys !== null) await checkInside(zip, manifest, keys, trust, note, problems, notes)
  } finally {
    await zip.close()
  }
  const { team_id = null, period = null, range = null, counts = null } = manifest ?? {}
  const shown = problems.slice(0, PROBLEMS_MAX)
  if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`)
  return { file, ok: manifest !== null && problems.length === 0, team_id, period, range, counts, problems: shown, notes }
}

/** The manifest, where there is one; every file has to be on it, and every file on it has to be there, byte for byte. */
async function checkFiles(zip: ZipFile, problems: string[]): Promise<ExportManifest | null> {
  const read = ExportManifest.safeParse(parsed(await zip.text('MANIFEST.json')))
  if (!read.success) {
    problems.push('there is no MANIFEST.json of version 1: this is no compliance export, or it was changed')
    return null
  }
  const manifest = read.data
  const listed = new Set(manifest.files.map(({ name }) => name))
  if (listed.size !== manifest.files.length) problems.push('MANIFEST.json names a file twice')
  for (const name of zip.files.keys())
    if (!listed.has(name) && !(MANIFEST_FILES as readonly string[]).includes(name))
      problems.push(`\`${name}\` was added: the manifest does not know it`)
  for (const { name, size, sha256 } of manifest.files) {
    const place = zip.files.get(name)
    if (place === undefined) problems.push(`\`${name}\` is missing`)
    else if (place.size !== size) problems.push(`\`${name}\` has ${place.size} bytes, the manifest says ${size}`)
    else {
      const digest = await zip.digest(name)
      if ('problem' in digest) problems.push(digest.problem)
      else if (digest.sha256 !== sha256) problems.push(`\`${name}\` was changed: its SHA-256 is not the one in the manifest`)
    }
  }
  return manifest
}

/** The keys to trust: those that were given, or, saying so, those in the file. */
async function keysOf(zip: ZipFile, trust: Trust, problems: string[], notes: string[]): Promise<readonly PublicKey[] | null> {
  if (trust.keys.length > 0) return trust.keys
  const own = Jwks.safeParse(parsed(await zip.text('keys.json')))
  if (!own.success || own.data.length === 0) {
    problems.push('keys.json holds no Ed25519 keys')
    return null
  }
  notes.push('the keys came with the export: this shows that nothing was changed since, not who signed (give --keys for that)')
  return own.data
}

async function checkInside(
  zip: ZipFile,
  manifest: ExportManifest,
  keys: readonly PublicKey[],
  { secrets }: Trust,
  note: string | null,
  problems: string[],
  notes: string[]
): Promise<void> {
  let verifier: Verifier
  try {
    verifier = publicVerifier(keys)
  } catch (error) {
    problems.push((error as Error).message)
    return
  }
  if (!(await isSigned(zip, verifier, problems))) return
  const hmac =
    secrets === null ? null : await webcryptoKeys({ secret: secrets[0], previousSecrets: secrets.slice(1) }).team(manifest.team_id)
  const trees = await checkCheckpoints(zip, manifest, { verify: verifier.verify, publicKeys: keys }, note, problems, notes)
  const found: Found = { places: new Map(), erasures: new Map(), receipts: 0, first: null, last: null }
  for (const name of [...zip.files.keys()].filter((one) => one.startsWith('receipts/')).sort())
    await readReceipts(zip, name, manifest, verifier, hmac, found, problems)
  const beyond: Found = { places: new Map(), erasures: found.erasures, receipts: 0, first: null, last: null }
  await readReceipts(zip, 'erasures.ndjson', manifest, verifier, hmac, beyond, problems)
  const erased = await readErased(zip, found, problems)
  checkErased(erased, found, problems)
  await checkPlaces(zip, manifest, found, erased, problems)
  await checkEveryProof(zip, manifest, trees, found, beyond, problems)
  if (manifest.counts.erased > 0) notes.push(`${manifest.counts.erased} of the entries were erased, each by a receipt that is here`)
}

/** INVARIANT: nothing else is believed before this: what is not signed says nothing about itself. */
async function isSigned(zip: ZipFile, verifier: Verifier, problems: string[]): Promise<boolean> {
  const envelope = openEnvelope(parsed(await zip.text('MANIFEST.dsse.json')), EXPORT_TYPE, nodeHash)
  if (typeof envelope === 'string') problems.push(`MANIFEST.dsse.json: ${envelope}`)
  else if (envelope.text !== (await zip.text('MANIFEST.json'))) problems.push('MANIFEST.json is not what was signed')
  else {
    const [check, ...more] = await verifier.verify(preAuthEncoding(envelope.bytes, nodeHash, EXPORT_TYPE), envelope.signatures)
    if (check?.status === 'valid' && check.alg === 'Ed25519' && more.length === 0) return true
    problems.push(
      check?.status === 'unknown_key'
        ? `the manifest was signed by \`${check.keyid}\`, which is none of the keys given`
        : 'the manifest’s signature does not verify'
    )
  }
  return false
}

function checkErased(erased: Awaited<ReturnType<typeof readErased>>, { erasures }: Found, problems: string[]): void {
  for (const { seq, erased_by } of erased) {
    const ranges = erased_by === null ? undefined : erasures.get(erased_by)
    if (erased_by === null)
      problems.push(`entry ${seq} is unreadable: the ledger has lost or changed its receipt, and nothing says that it was erased`)
    else if (ranges === undefined) problems.push(`entry ${seq} is said to be erased by run \`${erased_by}\`, whose receipt is not here`)
    else if (!isInRanges(ranges, seq))
      problems.push(`entry ${seq} is said to be erased by run \`${erased_by}\`, whose receipt does not say so`)
  }
}

async function checkEveryProof(
  zip: ZipFile,
  manifest: ExportManifest,
  trees: Trees,
  found: Found,
  beyond: Found,
  problems: string[]
): Promise<void> {
  await checkProofs(zip, 'proofs.ndjson', trees.get(manifest.tree_size) ?? null, found.places, problems)
  await checkProofs(zip, 'erasures_proofs.ndjson', trees.get(manifest.newest_tree_size) ?? null, beyond.places, problems)
}
