// A list as every page shows it: loading in the place it will take, what went wrong, what stands where there is nothing, and more at its end.
import type { ComponentChildren } from 'preact'
import type { Paged } from './paged.ts'
import { Trouble } from './trouble.tsx'

interface Props<T> {
  readonly of: Paged<T>
  /** Shown where the list is empty. */
  readonly empty: ComponentChildren
  children(items: readonly T[]): ComponentChildren
}

export function List<T>({ of, empty, children }: Props<T>) {
  const { items, problem, hasMore, isLoading } = of
  const shown = items.value
  return (
    <>
      {problem.value !== null && <Trouble text={problem.value} again={() => void (shown === undefined ? of.reload() : of.more())} />}
      {shown === undefined && problem.value === null && <Placeholder />}
      {shown !== undefined && (shown.length === 0 ? empty : children(shown))}
      {hasMore.value && (
        <p class="more">
          <button type="button" disabled={isLoading.value} onClick={() => void of.more()}>
            {isLoading.value ? 'Loading…' : 'Show more'}
          </button>
        </p>
      )}
    </>
  )
}

/** As tall as a short list, so that little moves when it comes. */
export function Placeholder() {
  return <p class="card placeholder">Loading…</p>
}
