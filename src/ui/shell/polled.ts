// A number beside a page's name: asked now and then while somebody looks.
import { effect, signal, type ReadonlySignal } from '@preact/signals'
import { session } from './session.ts'

const EVERY_MS = 20_000

interface Polled {
  readonly count: ReadonlySignal<number>
  /** Asks now, and then every 20 s. Never throws: the count is a courtesy, the page itself says what is wrong. */
  recount(): Promise<void>
}

/** Nothing is asked while nobody is signed in, or where `isOffered` says no; 0 then. */
export function polled(isOffered: () => boolean, ask: () => Promise<number>): Polled {
  const count = signal(0)
  let timer: ReturnType<typeof setTimeout> | undefined
  const recount = async (): Promise<void> => {
    clearTimeout(timer)
    timer = setTimeout(() => void recount(), EVERY_MS)
    if (document.hidden || !session.value || !isOffered()) return
    try {
      count.value = await ask()
    } catch {
      // What was counted last stays.
    }
  }
  effect(() => {
    if (session.value) void recount()
    else count.value = 0
  })
  return { count, recount }
}
