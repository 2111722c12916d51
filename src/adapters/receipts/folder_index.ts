// What the receipts of a folder say, kept in memory for searching: read newest first, no further than somebody asks, each entry once.
import { hex, leafOf, type Hash, type LedgerPlace, type Receipt } from '../../engine/index.ts'
import { nodeHash } from '../hash/index.ts'
import { ledgerTree, type LedgerTree } from '../ledger/index.ts'
import { entryName, entrySeqs, findFolder, folderChange, readReceipt, receiptName, receiptNames } from './folder.ts'

/** Entries read at a time: enough to keep the disk busy, few enough to answer in between. */
const BATCH = 64

/** A run in the folder, standing for ever where its first revision was recorded. */
export interface FolderRow {
  readonly position: number
  /** The newest revision as it was read, without what nobody searches: outputs, facts and signatures. */
  readonly receipt: Receipt
}

/** A run's receipt as its file has it now, if that holds one, and what is wrong with it, if anything is. */
export interface FolderShown {
  readonly receipt: Receipt | null
  readonly problem: string | null
}

/** The whole ledger's tree, or why there is none. */
export type FolderTree = { readonly tree: LedgerTree; readonly problem: null } | { readonly tree: null; readonly problem: string }

/** Reads a folder that may grow at any time. Nothing here changes it. */
export interface FolderIndex {
  /** Looks for what is new, and gives the ledger's size. Costs next to nothing while nothing is. */
  refresh(): Promise<number>
  /** The runs as of the last `refresh`, newest first. */
  rows(): AsyncGenerator<FolderRow>
  /** Reads the file of a row again: what is shown is what is there. */
  show(row: FolderRow): Promise<FolderShown>
  /** Everything that was found not to be whole so far: all of it once all entries were read. */
  damaged(): string[]
  /** Over every entry, leaves being computed from the receipts. */
  tree(): Promise<FolderTree>
}

interface Entry {
  readonly receipt: Receipt
  readonly leaf: Uint8Array
  readonly place: LedgerPlace | undefined
}

/** An index of the folder `dir`, which need not exist yet. */
export function folderIndex(dir: string, hash: Hash = nodeHash): FolderIndex {
  /** Every entry there is, ascending; beside it what it holds, null where that is damaged. Read from `low` upwards. */
  const seqs: number[] = []
  const entries: (Entry | null)[] = []
  const newest = new Map<string, Receipt>()
  const troubles = new Map<number, string>()
  let lowest = new Map<string, number>()
  let unentered = new Set<string>()
  let root: string | null = null
  let low = 0
  let seen: string | null = null
  let loading: Promise<void> | null = null
  let looking: Promise<unknown> = Promise.resolve()
  const grow = growingTree(hash)

  async function load(i: number): Promise<void> {
    const seq = seqs[i]!
    const { receipt, file, problem } = (await readReceipt(root!, entryName(seq))) ?? {
      file: entryName(seq),
      receipt: null,
      problem: 'missing'
    }
    entries[i] = null
    if (receipt === null) return void troubles.set(seq, `${file}: ${problem}`)
    const leaf = leafOf(receipt, hash)
    const wrong = strangeness(receipt, seq, leaf)
    if (wrong !== null) troubles.set(seq, `${file}: ${wrong}`)
    const kept = searchable(receipt, seq)
    entries[i] = { receipt: kept, leaf, place: receipt.ledger }
    unentered.delete(receiptName(receipt.run_id, receipt.revision))
    if ((newest.get(receipt.run_id)?.revision ?? -1) < receipt.revision) newest.set(receipt.run_id, kept)
  }

  async function loadRange(from: number, to: number): Promise<void> {
    for (let at = to; at > from; at -= BATCH) {
      const first = Math.max(from, at - BATCH)
      await Promise.all(Array.from({ length: at - first }, (_, i) => load(first + i)))
    }
  }

  /** One batch further into the past, whoever asks. */
  function loadOlder(): Promise<void> {
    loading ??= (async () => {
      const first = Math.max(0, low - BATCH)
      await loadRange(first, low)
      low = first
    })().finally(() => (loading = null))
    return loading
  }

  async function look(): Promise<number> {
    const head = (seqs.at(-1) ?? -1) + 1
    root = await findFolder(dir)
    if (root === null) return head
    const change = await folderChange(root)
    if (change !== null && change === seen) return head
    // Entries before names: an entry gets its own name first, so what has a name by now and no entry below never had one.
    const fresh = (await entrySeqs(root)).filter((seq) => seq >= head)
    const names = await receiptNames(root)
    lowest = new Map()
    for (const { runId, revision } of names) lowest.set(runId, Math.min(revision, lowest.get(runId) ?? revision))
    unentered = new Set(names.map(({ file }) => file))
    for (const entry of entries) if (entry) unentered.delete(receiptName(entry.receipt.run_id, entry.receipt.revision))
    noteGaps(head, fresh)
    const known = seqs.length
    seqs.push(...fresh)
    if (known === 0) low = seqs.length
    else await loadRange(known, seqs.length)
    seen = change
    return (seqs.at(-1) ?? -1) + 1
  }

  function noteGaps(from: number, fresh: readonly number[]): void {
    let next = from
    for (const seq of fresh) {
      if (seq > next) troubles.set(next, `${entryName(next)}: missing${seq > next + 1 ? `, and all up to ${entryName(seq - 1)}` : ''}`)
      next = seq + 1
    }
  }

  function strangeness({ ledger }: Receipt, seq: number, leaf: Uint8Array): string | null {
    if (ledger?.seq !== seq) return `holds entry ${ledger?.seq ?? 'none'} of the ledger`
    return ledger.leaf === hex(leaf) ? null : 'changed since it was appended'
  }

  return {
    refresh() {
      const done = looking.then(look)
      looking = done.catch(() => undefined)
      return done
    },
    async *rows() {
      for (let i = seqs.length - 1; i >= 0; i--) {
        while (i < low) await loadOlder()
        const entry = entries[i]
        if (!entry) continue
        const { run_id, revision } = entry.receipt
        if (revision === (lowest.get(run_id) ?? 0)) yield { position: seqs[i]!, receipt: newest.get(run_id) ?? entry.receipt }
      }
    },
    async show({ receipt: { run_id, revision, ledger } }) {
      const name = receiptName(run_id, revision)
      const seq = ledger!.seq
      const [file, entry] = await Promise.all([readReceipt(root!, name), readReceipt(root!, entryName(seq))])
      // The newest entry's writer may just be between its two names.
      if (file === null && entry?.receipt && seq === seqs.at(-1)) return { receipt: entry.receipt, problem: null }
      if (file === null) return { receipt: entry?.receipt ?? null, problem: `${name}: missing, the ledger has it as entry ${seq}` }
      if (file.receipt === null) return { receipt: null, problem: `${name}: ${file.problem}` }
      if (JSON.stringify(file.receipt) !== JSON.stringify(entry?.receipt ?? null))
        return { receipt: file.receipt, problem: `${name}: not what the ledger has as entry ${seq}` }
      const wrong = strangeness(file.receipt, seq, leafOf(file.receipt, hash))
      return { receipt: file.receipt, problem: wrong === null ? null : `${name}: ${wrong}` }
    },
    damaged() {
      const found = [...troubles].toSorted(([a], [b]) => a - b).map(([, problem]) => problem)
      return low > 0 ? found : [...found, ...[...unentered].toSorted().map((name) => `${name}: not in the folder's ledger`)]
    },
    async tree() {
      while (low > 0) await loadOlder()
      return grow(seqs, entries)
    }
  }
}

/** Grows with the ledger: every leaf is appended once. INVARIANT: an entry that is not what its place says ends the tree for good. */
function growingTree(hash: Hash): (seqs: readonly number[], entries: readonly (Entry | null)[]) => FolderTree {
  const tree = ledgerTree(hash)
  let problem: string | null = null
  return (seqs, entries) => {
    while (problem === null && tree.size < entries.length) {
      const seq = tree.size
      const entry = seqs[seq] === seq ? entries[seq] : null
      const place = entry ? tree.append(entry.leaf) : null
      if (place === null || place.leaf !== entry!.place?.leaf || place.prev !== entry!.place.prev || entry!.place.seq !== seq)
        problem = `the folder's ledger is not whole: entry ${seq} is ${place === null ? 'damaged or missing' : 'not what was appended there'}`
    }
    if (problem !== null) return { tree: null, problem }
    return tree.size === 0 ? { tree: null, problem: 'there is no receipt yet' } : { tree, problem: null }
  }
}

/** The same receipt without what may be large and is not searched. */
function searchable(receipt: Receipt, seq: number): Receipt {
  return {
    ...receipt,
    user_attributes: {},
    facts: {},
    actions_taken: receipt.actions_taken.map((action) => ({ ...action, output: {}, rollback_data: null })),
    signatures: [],
    ledger: receipt.ledger?.seq === seq ? receipt.ledger : { seq, leaf: '', prev: '' }
  }
}
