// A folder of receipts as files: safe names, whole files, nothing followed out of the folder. It decides nothing about ledgers.
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { link, lstat, mkdir, open, readdir, realpath, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fault, Receipt } from '../../engine/index.ts'

/** The hidden folder that gives every entry of the ledger its name: 12 digits. */
const LEDGER = '.ledger'
const RECEIPT_NAME = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.(0|[1-9]\d{0,8})\.json$/
const ENTRY_NAME = /^(\d{12})\.json$/
const UNFINISHED = /^unfinished-[0-9a-f-]{36}\.json$/
const FILE_BYTES_MAX = 16 * 1024 * 1024
/** Some file systems count time in whole seconds, or in two. */
const FRESH_MS = 3_000
// Where the system has them: never follow a link that someone put in place of a file, never wait for a pipe's other end.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** A file that should hold a receipt: the receipt, or what is wrong with it. */
export type FolderReceipt =
  | { readonly file: string; readonly receipt: Receipt; readonly problem: null }
  | { readonly file: string; readonly receipt: null; readonly problem: string }

/** The file name of a receipt; the caller has checked the id. */
export function receiptName(runId: string, revision: number): string {
  return `${runId}.${revision}.json`
}

/** The file name of a ledger entry. */
export function entryName(seq: number): string {
  return `${LEDGER}/${String(seq).padStart(12, '0')}.json`
}

/** Makes the folder and its ledger, for this user alone, and gives its real path. */
export async function makeFolder(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const root = await realpath(dir)
  await mkdir(join(root, LEDGER), { recursive: true, mode: 0o700 })
  await checkLedger(root)
  return root
}

/** The folder's real path; null where there is none. */
export async function findFolder(dir: string): Promise<string | null> {
  try {
    const root = await realpath(dir)
    if (!(await stat(root)).isDirectory()) throw fault('invalid', `\`${dir}\` is not a folder`)
    await checkLedger(root)
    return root
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Run ids and revisions of the receipt files, in no order. Anything else in the folder is not ours. */
export async function receiptNames(root: string): Promise<Array<{ file: string; runId: string; revision: number }>> {
  return (await readdir(root)).flatMap((file) => {
    const [, runId, revision] = RECEIPT_NAME.exec(file) ?? []
    return runId === undefined ? [] : [{ file, runId, revision: Number(revision) }]
  })
}

/** The `seq` of every entry, ascending. */
export async function entrySeqs(root: string): Promise<number[]> {
  const names = await ledgerNames(root)
  return names
    .flatMap((name) => ENTRY_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

/** A text that is another one after every file that came or went; null while the last change is too fresh for a clock to tell it from the next. */
export async function folderChange(root: string): Promise<string | null> {
  const times = await Promise.all([root, join(root, LEDGER)].map(async (path) => (await stat(path).catch(() => null))?.mtimeMs ?? 0))
  return Math.max(...times) > Date.now() - FRESH_MS ? null : times.join(' ')
}

/** What appends left behind that were cut off, or are going on just now: nobody was told that these are stored. */
export async function unfinishedNames(root: string): Promise<string[]> {
  const found: string[] = []
  for (const name of (await ledgerNames(root)).filter((each) => UNFINISHED.test(each))) {
    const links = await lstat(join(root, LEDGER, name)).then(
      ({ nlink }) => nlink,
      () => 2
    )
    if (links === 1) found.push(`${LEDGER}/${name}`)
  }
  return found
}

/** The receipt in a file; null where there is no such file. A file that does not hold one whole receipt comes with a problem, never as null. */
export async function readReceipt(root: string, file: string): Promise<FolderReceipt | null> {
  const bad = (problem: string): FolderReceipt => ({ file, receipt: null, problem })
  let text: string
  try {
    const handle = await open(join(root, file), READ)
    try {
      const info = await handle.stat()
      if (!info.isFile()) return bad('not a file')
      if (info.size > FILE_BYTES_MAX) return bad('too large for a receipt')
      text = await handle.readFile('utf8')
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return null
    return bad(code === 'ELOOP' ? 'a symbolic link, which is not followed' : `cannot be read (${code ?? 'unknown reason'})`)
  }
  return parseReceipt(file, text)
}

/** A receipt's text, or what is wrong with it. What is given out is what was read, not a parsed copy that may have lost a key. */
export function parseReceipt(file: string, text: string): FolderReceipt {
  try {
    const value: unknown = JSON.parse(text)
    const parsed = Receipt.safeParse(value)
    if (parsed.success) return { file, receipt: value as Receipt, problem: null }
    const [issue] = parsed.error.issues
    return { file, receipt: null, problem: `not a receipt: \`/${issue?.path.join('/') ?? ''}\` ${issue?.message ?? 'is wrong'}` }
  } catch {
    return {
      file,
      receipt: null,
      problem: text.trim() === '' ? 'empty: its write was cut off' : 'not whole JSON: its write was cut off, or it was changed'
    }
  }
}

/**
 * Stores `text` as entry `seq` and under `name`, all or nothing; false where that entry exists already.
 * INVARIANT: `link` is the commit. It is atomic and refuses an existing name, so of any number of processes exactly one gets a
 * `seq`, with a whole, synced file; no lock is held that a dying process could leave behind.
 */
export async function commitEntry(root: string, seq: number, name: string, text: string): Promise<boolean> {
  const unfinished = join(root, LEDGER, `unfinished-${randomUUID()}.json`)
  const handle = await open(unfinished, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    if (!(await linkNew(unfinished, join(root, entryName(seq))))) return false
    await syncFolder(join(root, LEDGER))
    await linkNew(unfinished, join(root, name))
    await syncFolder(root)
    return true
  } finally {
    await unlink(unfinished)
  }
}

/** Gives an entry the readable name that its writer, having died in between, did not; keeps whatever has that name. */
export async function nameEntry(root: string, seq: number, name: string): Promise<void> {
  await linkNew(join(root, entryName(seq)), join(root, name))
}

async function checkLedger(root: string): Promise<void> {
  const info = await lstat(join(root, LEDGER)).catch(() => null)
  if (info !== null && !info.isDirectory()) throw fault('misconfigured', `\`${LEDGER}\` in the receipts' folder is not a folder`)
}

async function ledgerNames(root: string): Promise<string[]> {
  try {
    return await readdir(join(root, LEDGER))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return false
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') {
      throw fault('misconfigured', "the file system of the receipts' folder has no hard links: choose a folder on a local disk")
    }
    throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  // Some systems cannot open or sync a folder; there the file's own sync has to do.
  const handle = await open(path, 'r').catch(() => null)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code
}
