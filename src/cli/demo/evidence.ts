// All receipts of the demo as files, and what `enact receipts verify` says of them, of a changed copy too.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { Exit } from '../exit.ts'
import type { Verification } from '../receipts/check.ts'
import { exportLines, Jwks, type ExportEntry } from '../receipts/export_format.ts'
import { verifyReceipts } from '../receipts/verify.ts'
import { TEAM } from './agent.ts'
import type { Stage } from './stage.ts'

/** Paths of files that need no server and no secret to be checked. */
export interface Evidence {
  readonly folder: string
  readonly receipts: string
  readonly keys: string
  readonly checkpoint: string
  /** The receipts once more, with one byte changed. */
  readonly changed: string
}

/** What is changed: the receipt would say that one row less was deleted. */
export const CHANGE = { from: '"affected":5', to: '"affected":4' } as const

/** Writes the whole ledger: every entry with its proof, the published keys and the newest signed checkpoint. */
export async function exportEvidence(folder: string, entries: readonly ExportEntry[], { agent }: Stage): Promise<Evidence> {
  const { keys, checkpoint } = await agent.published()
  const header = {
    type: 'enact.export' as const,
    version: 1 as const,
    team_id: TEAM,
    exported_at: new Date().toISOString(),
    selection: null,
    keys: Jwks.parse(keys),
    checkpoint
  }
  let text = ''
  for await (const line of exportLines(header, inOrder(entries))) text += `${line}\n`
  const file = (name: string) => join(folder, name)
  const evidence = {
    folder,
    receipts: file('receipts.ndjson'),
    keys: file('keys.json'),
    checkpoint: file('checkpoint.txt'),
    changed: file('changed.ndjson')
  }
  await mkdir(folder, { recursive: true })
  await writeFile(evidence.receipts, text)
  await writeFile(evidence.changed, text.replace(CHANGE.from, CHANGE.to))
  await writeFile(evidence.keys, `${JSON.stringify(keys, null, 2)}\n`)
  await writeFile(evidence.checkpoint, checkpoint)
  return evidence
}

async function* inOrder(entries: readonly ExportEntry[]): AsyncGenerator<ExportEntry> {
  yield* entries.toSorted((a, b) => a.receipt.ledger!.seq - b.receipt.ledger!.seq)
}

/** What the command says of the files. */
export interface Proof {
  readonly verification: Verification
  /** Of the copy. */
  readonly changed: Verification
  readonly bytesChanged: number
}

/** Checks the receipts, and that the copy does not pass. */
export async function prove(files: Evidence): Promise<Proof> {
  const verification = await verifyOffline(files.receipts, files)
  const changed = await verifyOffline(files.changed, files)
  return { verification, changed, bytesChanged: await bytesChanged(files) }
}

/** Runs the command on one of the files, with the published keys and the signed checkpoint and nothing else. */
async function verifyOffline(receipts: string, { keys, checkpoint }: Evidence): Promise<Verification> {
  let result: Verification | null = null
  const nobody: Context = {
    env: {},
    out: () => undefined,
    note: () => undefined,
    input: () => process.stdin,
    json: (value) => void (result = value as Verification)
  }
  try {
    await verifyReceipts([receipts], { keys, checkpoint, json: true }, nobody)
  } catch (error) {
    // A failed verification is an answer; anything else is an error.
    if (!(error instanceof Exit) || !error.answered) throw error
  }
  return result!
}

/** How many bytes the two differ in. */
async function bytesChanged({ receipts, changed }: Evidence): Promise<number> {
  const [one, other] = await Promise.all([readFile(receipts), readFile(changed)])
  return one.reduce((count, byte, i) => count + (byte === other[i] ? 0 : 1), Math.abs(one.length - other.length))
}
