// `enact receipts verify`: gathers what is to be checked and what to check it with; `check.ts` does the checking.
import { readFile } from 'node:fs/promises'
import { RunId } from '../../engine/index.ts'
import type { PublicKey } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { exit, exitAfterAnswer } from '../exit.ts'
import { checkEvidence } from './check.ts'
import { checkExport, type ExportVerification } from './check_export.ts'
import { Jwks, readExport } from './export_format.ts'
import type { Evidence } from './export_format.ts'
import { exportText, verificationText } from './show.ts'
import { secretsOf, sourceFor } from './source.ts'
import type { SourceOptions } from './source.ts'
import { isZip } from './zip_file.ts'

const TIMEOUT_MS = 30_000

interface VerifyOptions extends SourceOptions {
  readonly keys?: string
  readonly checkpoint?: string
  readonly json?: boolean
}

/** Ends with exit code 5 unless at least one receipt was checked and nothing failed. */
export async function verifyReceipts(what: readonly string[], options: VerifyOptions, context: Context): Promise<void> {
  const zips: string[] = []
  for (const each of what) if (!RunId.safeParse(each).success && (await isZip(each))) zips.push(each)
  if (zips.length > 0) return verifyExports(zips, what.length, options, context)
  const gathered = together(await gather(what, options, context))
  const evidence =
    options.checkpoint === undefined ? gathered : { ...gathered, checkpoint: noteIn(await textOf(options.checkpoint)), complete: true }
  const secrets = secretsOf(context)
  const given = options.keys === undefined ? [] : await keysFrom(options.keys)
  const keys = given.length > 0 || secrets !== null ? given : evidence.keys
  if (keys.length === 0 && secrets === null && evidence.items.length > 0) {
    throw exit('usage', "there is nothing to check signatures with: give the team's published keys with --keys, or set ENACT_SECRET")
  }
  const borrowed = keys.length > 0 && given.length === 0
  const notes = borrowed
    ? [
        ...evidence.notes,
        'the keys came with the receipts: this shows that nothing was changed since, not who signed (give --keys for that)'
      ]
    : evidence.notes
  const result = await checkEvidence({ ...evidence, notes }, { keys, secrets })
  if (options.json) context.json(result)
  else context.out(verificationText(result))
  if (!result.ok) throw exitAfterAnswer('verification', 'verification failed')
}

/** Compliance exports: each by itself, with the same keys. */
async function verifyExports(zips: readonly string[], count: number, options: VerifyOptions, context: Context): Promise<void> {
  if (zips.length < count) throw exit('usage', 'a compliance export (ZIP) is verified by itself: leave out the other files and run ids')
  const keys = options.keys === undefined ? [] : await keysFrom(options.keys)
  const note = options.checkpoint === undefined ? null : noteIn(await textOf(options.checkpoint))
  const results: ExportVerification[] = []
  for (const zip of zips) results.push(await checkExport(zip, { keys, secrets: secretsOf(context) }, note))
  const ok = results.every((result) => result.ok)
  if (options.json) context.json({ ok, exports: results })
  else for (const result of results) context.out(exportText(result))
  if (!ok) throw exitAfterAnswer('verification', 'verification failed')
}

async function gather(what: readonly string[], options: VerifyOptions, context: Context): Promise<Evidence[]> {
  if (what.length === 0) return [await sourceFor(options, context).evidence(null)]
  const found: Evidence[] = []
  for (const each of what) {
    const isId = RunId.safeParse(each).success
    found.push(isId ? await sourceFor(options, context).evidence(each) : readExport(await textOf(each), each))
  }
  return found
}

/** Several pieces of evidence as one. Only a single one can claim to be the whole of a ledger. */
function together(found: readonly Evidence[]): Evidence {
  if (found.length === 1) return found[0]!
  return {
    items: found.flatMap(({ items, checkpoint }) =>
      items.map((item) => (item.proof?.checkpoint === null ? { ...item, proof: { ...item.proof, checkpoint } } : item))
    ),
    keys: found.flatMap(({ keys }) => keys),
    checkpoint: null,
    complete: false,
    problems: found.flatMap(({ problems }) => problems),
    notes: [...new Set(found.flatMap(({ notes }) => notes))]
  }
}

/** The Ed25519 keys of a JWKS in a file or at an address; ends the command where there are none. */
export async function keysFrom(place: string): Promise<PublicKey[]> {
  const text = /^https?:\/\//.test(place) ? await download(place) : await textOf(place)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw exit('usage', `\`${place}\` holds no JSON`)
  }
  const parsed = Jwks.safeParse(value)
  if (!parsed.success || parsed.data.length === 0) throw exit('usage', `\`${place}\` holds no Ed25519 keys (JWKS)`)
  return parsed.data
}

/** A signed note: bare, as `/checkpoints/latest` answers it, or from the beginning of an export. */
function noteIn(text: string): string {
  try {
    const value = JSON.parse(text.split('\n', 1)[0]!) as { note?: unknown; checkpoint?: unknown } | null
    return String(value?.note ?? value?.checkpoint ?? '')
  } catch {
    return text
  }
}

async function download(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: Error) => {
    throw exit('network', `\`${url}\` does not answer: ${(error.cause as Error | undefined)?.message ?? error.message}`)
  })
  if (!response.ok) throw exit('network', `\`${url}\` answered ${response.status}`)
  return response.text()
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw exit('usage', `\`${file}\` cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`)
  }
}
