// The list of receipts as it is held: pages that were loaded, what came since, and what was amended meanwhile. It moves nothing that is being read.
import { signal, type ReadonlySignal } from '@preact/signals'
import type { Receipt } from '../../../engine/schema.ts'
import { get, tell } from '../../shell/api.ts'

export interface ReceiptPage {
  readonly data: readonly Receipt[]
  readonly next_cursor: string | null
  readonly has_more: boolean
  /** The ledger's size that the page is current to. */
  readonly head?: number
  /** Of a folder: what is not whole in it. */
  readonly damaged?: readonly string[]
}

export const PAGE = 50
const CHANGES_MAX = 200
/** With more in memory than this the list starts anew. */
const ROWS_MAX = 2_000

export interface Feed {
  /** Undefined until the first answer. */
  readonly rows: ReadonlySignal<readonly Receipt[] | undefined>
  /** New ones, newest first, that are not among the rows yet. */
  readonly fresh: ReadonlySignal<readonly Receipt[]>
  readonly hasMore: ReadonlySignal<boolean>
  readonly damaged: ReadonlySignal<readonly string[]>
  readonly isLoading: ReadonlySignal<boolean>
  readonly problem: ReadonlySignal<string | null>
  /** Whether the last question for news was answered. */
  readonly isLost: ReadonlySignal<boolean>
  reload(): Promise<void>
  more(): Promise<void>
  /** Asks what happened since; gives how many runs are new. */
  follow(): Promise<number>
  /** Puts what is new on top. */
  takeIn(): void
  stop(): void
}

/** The receipts that `search` finds, newest first. */
export function feedOf(search: string): Feed {
  const rows = signal<readonly Receipt[] | undefined>(undefined)
  const fresh = signal<readonly Receipt[]>([])
  const hasMore = signal(false)
  const damaged = signal<readonly string[]>([])
  const isLoading = signal(false)
  const isLost = signal(false)
  const problem = signal<string | null>(null)
  const stop = new AbortController()
  let cursor: string | null = null
  let head: number | null = null
  let isFollowing = false

  /** What one answer found stays found: another page need not have looked at the same files. */
  function tellDamage(page: ReceiptPage): void {
    const unknown = (page.damaged ?? []).filter((file) => !damaged.value.includes(file))
    if (unknown.length > 0) damaged.value = [...damaged.value, ...unknown]
  }

  async function load(from: string | null): Promise<void> {
    if (isLoading.value) return
    isLoading.value = true
    try {
      const page = await get<ReceiptPage>('/receipts', { search, limit: PAGE, cursor: from }, stop.signal)
      if (stop.signal.aborted) return
      tellDamage(page)
      const known = new Set(from === null ? [] : (rows.value ?? []).map(({ run_id }) => run_id))
      rows.value = from === null ? page.data : [...(rows.value ?? []), ...page.data.filter(({ run_id }) => !known.has(run_id))]
      if (from === null) {
        fresh.value = []
        head = page.head ?? null
      }
      cursor = page.next_cursor
      hasMore.value = page.has_more
      problem.value = null
    } catch (error) {
      if (!stop.signal.aborted) problem.value = tell(error)
    } finally {
      isLoading.value = false
    }
  }

  async function follow(): Promise<number> {
    if (isFollowing || isLoading.value || rows.value === undefined || head === null) return fresh.value.length
    isFollowing = true
    try {
      const page = await get<ReceiptPage>('/receipts', { search, limit: CHANGES_MAX, changed_after: head }, stop.signal)
      if (stop.signal.aborted) return 0
      tellDamage(page)
      const since = head
      head = page.head ?? head
      isLost.value = false
      const changed = new Map(page.data.map((receipt) => [receipt.run_id, receipt]))
      const swap = (receipt: Receipt) => changed.get(receipt.run_id) ?? receipt
      const isKnown = new Set([...rows.value, ...fresh.value].map(({ run_id }) => run_id))
      const isNew = await Promise.all(page.data.map((receipt) => !isKnown.has(receipt.run_id) && beganAfter(receipt, since)))
      const added = page.data.filter((_, i) => isNew[i])
      if (page.data.length > 0) {
        rows.value = rows.value.map(swap)
        fresh.value = [...added, ...fresh.value.map(swap)]
      }
    } catch {
      if (!stop.signal.aborted) isLost.value = true
    } finally {
      isFollowing = false
    }
    return fresh.value.length
  }

  /** An amended run that is older than the list goes on standing where it is. */
  async function beganAfter({ run_id, revision, ledger }: Receipt, since: number): Promise<boolean> {
    if (revision === 0) return (ledger?.seq ?? since) >= since
    const first = await get<Receipt>(`/receipts/${run_id}`, { revision: 0 }, stop.signal).catch(() => null)
    return (first?.ledger?.seq ?? -1) >= since
  }

  return {
    rows,
    fresh,
    hasMore,
    damaged,
    isLoading,
    isLost,
    problem,
    reload: () => load(null),
    more: () => load(cursor),
    follow,
    takeIn() {
      if ((rows.value?.length ?? 0) + fresh.value.length > ROWS_MAX) return void load(null)
      rows.value = [...fresh.value, ...(rows.value ?? [])]
      fresh.value = []
    },
    stop: () => stop.abort()
  }
}
