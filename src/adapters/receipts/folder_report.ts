// A whole folder of receipts as it stands, for reading and checking it offline. Changes nothing.
import { entryName, entrySeqs, findFolder, readReceipt, receiptName, receiptNames, unfinishedNames } from './folder.ts'
import type { FolderReceipt } from './folder.ts'

/** The team whose ledger the folder holds, by its newest readable entry; null where there is none. */
export async function folderTeam(dir: string): Promise<string | null> {
  const root = await findFolder(dir)
  if (root === null) return null
  for (const seq of (await entrySeqs(root)).toReversed()) {
    const read = await readReceipt(root, entryName(seq))
    if (read?.receipt) return read.receipt.team_id
  }
  return null
}

/** Everything in a folder, for reading and checking it offline. */
export interface FolderReport {
  /** By `seq` where the file has an entry. */
  readonly receipts: readonly FolderReceipt[]
  /** What is wrong with the folder itself: an entry without a file, a file without an entry, two that differ. */
  readonly problems: readonly string[]
  /** What may be innocent, but must be told. */
  readonly notes: readonly string[]
}

/** Reads a whole folder and compares its two sets of names; null where there is no folder. Changes nothing. */
export async function readFolder(dir: string): Promise<FolderReport | null> {
  const root = await findFolder(dir)
  if (root === null) return null
  const receipts: FolderReceipt[] = []
  const problems: string[] = []
  const files = new Set((await receiptNames(root)).map(({ file }) => file))
  for (const seq of await entrySeqs(root)) {
    const entry = (await readReceipt(root, entryName(seq)))!
    const name = entry.receipt === null ? null : receiptName(entry.receipt.run_id, entry.receipt.revision)
    const file = name === null || !files.delete(name) ? null : await readReceipt(root, name)
    if (entry.receipt !== null && entry.receipt.ledger?.seq !== seq)
      problems.push(`\`${entry.file}\` holds entry ${entry.receipt.ledger?.seq ?? 'none'} of the ledger`)
    if (file === null && name !== null) problems.push(`\`${name}\` is missing, the ledger has it as entry ${seq}`)
    if (file !== null && JSON.stringify(file.receipt) !== JSON.stringify(entry.receipt))
      problems.push(`\`${name}\` is not what the ledger has as entry ${seq}`)
    receipts.push(file ?? entry)
  }
  for (const name of files) {
    problems.push(`\`${name}\` is not in the folder's ledger`)
    receipts.push((await readReceipt(root, name))!)
  }
  const notes = (await unfinishedNames(root)).map(
    (name) => `\`${name}\` was left by an append that was cut off or is going on: it was never confirmed`
  )
  return { receipts, problems, notes }
}
