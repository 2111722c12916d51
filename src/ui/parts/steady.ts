// A list that follows what happens without moving under the reader's finger: what is shown changes in its place, what is new comes when asked for.
import { signal, type ReadonlySignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { Paged } from './paged.ts'

export interface Steady<T> extends Paged<T> {
  /** There is more, less or other than what is shown: `reload` shows it. */
  readonly isMoved: ReadonlySignal<boolean>
  /** Looks, and changes nothing but the rows that are shown. */
  poll(): Promise<void>
}

/** Rows as they are shown, each as it is now; those that are gone as they were. */
export function steadied<T>(
  shown: readonly T[],
  latest: readonly T[],
  idOf: (one: T) => string
): { readonly rows: readonly T[]; readonly isMoved: boolean } {
  const now = new Map(latest.map((one) => [idOf(one), one]))
  const rows = shown.map((one) => now.get(idOf(one)) ?? one)
  return { rows, isMoved: rows.length !== now.size || rows.some((one) => !now.has(idOf(one))) }
}

export function useSteady<T>(list: Paged<T>, idOf: (one: T) => string): Steady<T> {
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const steady = useMemo(() => steadyOf(list, idOf), [list])
  useEffect(() => list.items.subscribe(steady.begin), [list, steady])
  return steady
}

function steadyOf<T>(list: Paged<T>, idOf: (one: T) => string) {
  const items = signal(list.items.peek())
  const isMoved = signal(false)
  const adopt = () => {
    items.value = list.items.value
    isMoved.value = false
  }
  const and = (work: () => Promise<void>) => async () => {
    await work()
    adopt()
  }
  return {
    ...list,
    items,
    isMoved,
    more: and(list.more),
    reload: and(list.reload),
    /** The first answer is shown as it comes. */
    begin: () => {
      if (items.peek() === undefined) adopt()
    },
    async poll() {
      if (list.isLoading.value) return
      await list.reload()
      const [shown, latest] = [items.value, list.items.value]
      // Where nothing stands, nothing can be moved away.
      if (shown === undefined || latest === undefined || shown.length === 0) return adopt()
      const { rows, isMoved: moved } = steadied(shown, latest, idOf)
      items.value = rows
      isMoved.value = moved
    }
  }
}
