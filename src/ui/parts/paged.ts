// A list of the server, page after page: what came stays, more is added behind it, and loading anew keeps what is shown until the answer is there.
import { signal, type ReadonlySignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { get, tell } from '../shell/api.ts'

/** A page as the API answers it. */
export interface Page<T> {
  readonly data: readonly T[]
  readonly next_cursor: string | null
  readonly has_more: boolean
}

/** `items` is undefined until the first answer. */
export interface Paged<T> {
  readonly items: ReadonlySignal<readonly T[] | undefined>
  readonly problem: ReadonlySignal<string | null>
  readonly isLoading: ReadonlySignal<boolean>
  readonly hasMore: ReadonlySignal<boolean>
  /** Adds the next page. */
  more(): Promise<void>
  /** As many as are shown, anew; at most one page. */
  reload(): Promise<void>
}

const LIMIT_MAX = 200

/** `path` null = nothing to load. */
export function usePaged<T>(path: string | null, params: Readonly<Record<string, string | null>> = {}, limit = 50): Paged<T> {
  const name = JSON.stringify([path, params])
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const list = useMemo(() => pagedOf<T>(path, params, limit), [name])
  useEffect(() => {
    void list.reload()
    return list.stop
  }, [list])
  return list
}

function pagedOf<T>(path: string | null, params: Readonly<Record<string, string | null>>, limit: number) {
  const items = signal<readonly T[] | undefined>(undefined)
  const problem = signal<string | null>(null)
  const isLoading = signal(false)
  const hasMore = signal(false)
  const stop = new AbortController()
  let cursor: string | null = null
  let turn = 0
  async function load(from: string | null, size: number): Promise<void> {
    if (path === null) return
    const mine = ++turn
    isLoading.value = true
    try {
      const page = await get<Page<T>>(path, { ...params, limit: size, cursor: from }, stop.signal)
      if (mine !== turn || stop.signal.aborted) return
      items.value = from === null ? page.data : [...(items.value ?? []), ...page.data]
      cursor = page.next_cursor
      hasMore.value = page.has_more
      problem.value = null
    } catch (error) {
      if (mine === turn && !stop.signal.aborted) problem.value = tell(error)
    } finally {
      if (mine === turn) isLoading.value = false
    }
  }
  return {
    items,
    problem,
    isLoading,
    hasMore,
    more: () => (isLoading.value ? Promise.resolve() : load(cursor, limit)),
    reload: () => load(null, Math.min(LIMIT_MAX, Math.max(limit, items.value?.length ?? 0))),
    stop: () => stop.abort()
  }
}
