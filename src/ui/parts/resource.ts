// Something the server has, as a page holds it: asked for when the page comes up and whenever it is told to, the newest answer winning.
import { signal, type ReadonlySignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { tell } from '../shell/api.ts'

/** `value` is undefined until the first answer; a later failure keeps the old value beside the problem. */
export interface Resource<T> {
  readonly value: ReadonlySignal<T | undefined>
  readonly problem: ReadonlySignal<string | null>
  readonly isLoading: ReadonlySignal<boolean>
  reload(): Promise<void>
}

/** Loads now, and anew when one of `inputs` changes. What is under way is given up then, and when the page goes. */
export function useResource<T>(load: (abort: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Resource<T> {
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const resource = useMemo(() => resourceOf<T>(), [])
  useEffect(() => {
    const stop = new AbortController()
    resource.load = load
    void resource.run(stop)
    return () => stop.abort()
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, inputs)
  return resource
}

function resourceOf<T>() {
  const value = signal<T | undefined>(undefined)
  const problem = signal<string | null>(null)
  const isLoading = signal(false)
  let turn = 0
  let current = new AbortController()
  const self = {
    value,
    problem,
    isLoading,
    load: (_abort: AbortSignal): Promise<T> => Promise.reject(new Error('nothing to load')),
    reload: () => self.run(current),
    async run(stop: AbortController): Promise<void> {
      const mine = ++turn
      current = stop
      isLoading.value = true
      try {
        const found = await self.load(stop.signal)
        if (mine !== turn || stop.signal.aborted) return
        value.value = found
        problem.value = null
      } catch (error) {
        if (mine === turn && !stop.signal.aborted) problem.value = tell(error)
      } finally {
        if (mine === turn) isLoading.value = false
      }
    }
  }
  return self
}
