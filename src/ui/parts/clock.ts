// The time as a signal that moves once a second, while somebody looks at it.
import { signal, type ReadonlySignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

const now = signal(Date.now())
let watchers = 0
let timer: ReturnType<typeof setInterval> | undefined

/** Now, in milliseconds, moving while the component is shown. */
export function useNow(): ReadonlySignal<number> {
  useEffect(() => {
    if (watchers++ === 0) {
      now.value = Date.now()
      timer = setInterval(() => (now.value = Date.now()), 1_000)
    }
    return () => {
      if (--watchers === 0) clearInterval(timer)
    }
  }, [])
  return now
}
