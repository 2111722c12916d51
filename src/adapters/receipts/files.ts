// Receipts in a folder, one file each, with a ledger that several processes may append to at once.
import { fault, hex, leafOf, matchesFilter, nextPlace, receiptPage } from '../../engine/index.ts'
import type { Clock, Hash, LedgerPlace, Receipt, ReceiptRow } from '../../engine/index.ts'
import { systemClock } from '../clock/system.ts'
import { nodeHash } from '../hash/index.ts'
import { commitEntry, entryName, entrySeqs, findFolder, makeFolder, nameEntry, readReceipt, receiptName, receiptNames } from './folder.ts'
import type { FolderReceipt } from './folder.ts'
import { checkReceipt, isRunId, samePlace } from './store.ts'
import type { ReceiptStore } from './store.ts'

/** How many of the newest entries are looked at in any case; older ones only where the numbers of entries and files differ. */
const RECENT = 16

/** A run's place in lists, and the newest revision known. */
interface Row {
  readonly position: number
  revision: number
}

/**
 * A store in the folder `dir`, which holds one team's ledger and is made on the first append:
 * `<run_id>.<revision>.json` for people, and the same file under its number in `.ledger`, where the chain is.
 * An append is durable once resolved. A file that is not whole is told, by an error or in `damaged`, never skipped in silence.
 */
export function fileReceipts(dir: string, hash: Hash = nodeHash, clock: Clock = systemClock): ReceiptStore {
  const get: ReceiptStore['get'] = async (teamId, runId, revision) => {
    const root = isRunId(runId) ? await findFolder(dir) : null
    if (root === null) return null
    const wanted = revision ?? Math.max(...(await receiptNames(root)).filter((name) => name.runId === runId).map((name) => name.revision))
    if (!Number.isSafeInteger(wanted) || wanted < 0) return null
    const receipt = whole(await readReceipt(root, receiptName(runId, wanted)))
    return receipt?.team_id === teamId ? receipt : null
  }
  return { append: folderLedger(dir, hash), get, latest: (teamId, runId) => get(teamId, runId), list: folderList(dir, clock) }
}

/** Appends one after the other: a process need not race itself, only others. */
function folderLedger(dir: string, hash: Hash): ReceiptStore['append'] {
  let root: string | undefined
  let last: Receipt | null | undefined
  let work: Promise<unknown> = Promise.resolve()

  async function append(teamId: string, unplaced: Receipt, leaf: Uint8Array): Promise<LedgerPlace> {
    root ??= await makeFolder(dir)
    if (last === undefined) last = await newestEntry(root)
    const name = receiptName(unplaced.run_id, unplaced.revision)
    for (;;) {
      if (last !== null && last.team_id !== teamId) {
        throw fault('misconfigured', `the folder holds the receipts of team \`${last.team_id}\`: give every team its own`)
      }
      // INVARIANT: every entry up to `last` has its readable name, so a receipt that is stored is found here.
      const stored = whole(await readReceipt(root, name))
      if (stored !== null) return samePlace(stored, hex(leaf))
      const ledger = nextPlace(last?.ledger ?? null, leaf, hash)
      const receipt: Receipt = { ...unplaced, ledger }
      if (await commitEntry(root, ledger.seq, name, `${JSON.stringify(receipt, null, 2)}\n`)) {
        last = receipt
        return ledger
      }
      last = await readEntry(root, ledger.seq)
      await nameEntry(root, ledger.seq, receiptName(last.run_id, last.revision))
    }
  }

  return async (teamId, receipt) => {
    const unplaced = structuredClone(checkReceipt(teamId, receipt))
    const leaf = leafOf(unplaced, hash)
    const done = work.then(() => append(teamId, unplaced, leaf))
    work = done.catch(() => undefined)
    return done
  }
}

/** Lists by an index of the entries, which is read once and then only what is new. */
function folderList(dir: string, clock: Clock): ReceiptStore['list'] {
  const index = folderIndex()
  return async (teamId, query) => {
    const root = await findFolder(dir)
    if (root === null) return receiptPage([], query.limit)
    await index.refresh(root)
    const damaged = [...index.damaged]
    const rows: ReceiptRow[] = []
    for (const [runId, { position, revision }] of [...index.rows].toReversed()) {
      if (query.cursor !== undefined && position >= query.cursor) continue
      const file = receiptName(runId, revision)
      const read = await readReceipt(root, file)
      if (read === null || read.receipt === null) damaged.push(`${file}: ${read?.problem ?? 'missing'}`)
      else if (read.receipt.team_id === teamId && matchesFilter(read.receipt, query, clock.now()))
        rows.push({ position, receipt: read.receipt })
      if (rows.length > query.limit) break
    }
    const page = receiptPage(rows, query.limit)
    return damaged.length === 0 ? page : { ...page, damaged }
  }
}

/** What is known of the entries read so far; `refresh` reads only those that are new. */
function folderIndex() {
  const rows = new Map<string, Row>()
  const damaged: string[] = []
  let known = 0
  return {
    rows,
    damaged,
    async refresh(root: string): Promise<void> {
      for (const seq of (await entrySeqs(root)).filter((each) => each >= known)) {
        if (seq > known) damaged.push(`${entryName(known)}: missing${seq > known + 1 ? `, and all up to ${entryName(seq - 1)}` : ''}`)
        known = seq + 1
        const { receipt, file, problem } = (await readReceipt(root, entryName(seq)))!
        if (receipt === null) damaged.push(`${file}: ${problem}`)
        else {
          const row = rows.get(receipt.run_id)
          if (row === undefined) rows.set(receipt.run_id, { position: seq, revision: receipt.revision })
          else row.revision = Math.max(row.revision, receipt.revision)
        }
      }
    }
  }
}

/** The newest entry, every older one having its readable name: a writer that died between the two names is made good for here. */
async function newestEntry(root: string): Promise<Receipt | null> {
  const seqs = await entrySeqs(root)
  let unnamed = seqs.length - (await receiptNames(root)).length
  for (const [age, seq] of seqs.toReversed().entries()) {
    if (unnamed <= 0 && age >= RECENT) break
    const entry = await readEntry(root, seq)
    const name = receiptName(entry.run_id, entry.revision)
    if ((await readReceipt(root, name)) === null) {
      await nameEntry(root, seq, name)
      unnamed--
    }
  }
  const newest = seqs.at(-1)
  return newest === undefined ? null : readEntry(root, newest)
}

async function readEntry(root: string, seq: number): Promise<Receipt> {
  const receipt = whole(await readReceipt(root, entryName(seq)))
  if (receipt?.ledger?.seq !== seq) throw fault('unavailable', `the ledger cannot be continued: \`${entryName(seq)}\` is not entry ${seq}`)
  return receipt
}

/** The receipt, or null where there is no file; throws fault `unavailable` where the file is not whole. */
function whole(read: FolderReceipt | null): Receipt | null {
  if (read === null) return null
  if (read.receipt === null) throw fault('unavailable', `\`${read.file}\`: ${read.problem}`)
  return read.receipt
}
