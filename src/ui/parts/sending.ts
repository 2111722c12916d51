// One thing being sent: never twice at once, with what the server found wrong said at its field.
import { signal, type ReadonlySignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { Problem, tell } from '../shell/api.ts'

/** What the server says of one place of what was sent. */
interface PlaceWrong {
  readonly pointer: string
  readonly detail: string
}

export interface Sending {
  readonly isBusy: ReadonlySignal<boolean>
  /** What went wrong, in a sentence; null = nothing. */
  readonly wrong: ReadonlySignal<string | null>
  /** The code of what went wrong. */
  readonly code: ReadonlySignal<string | null>
  /** What is wrong at a field: `pointer` is RFC 6901, and what lies below it counts. */
  wrongAt(pointer: string): string | null
  /** Says so at a field, without asking the server. */
  refuse(pointer: string, detail: string): void
  /** Sends. `key` is an Idempotency-Key that stays the same until something was answered. Undefined = it went wrong, or something is under way. */
  run<T>(work: (key: string) => Promise<T>): Promise<T | undefined>
  clear(): void
}

export function useSending(): Sending {
  return useMemo(sendingOf, [])
}

function sendingOf(): Sending {
  const isBusy = signal(false)
  const wrong = signal<string | null>(null)
  const code = signal<string | null>(null)
  const places = signal<readonly PlaceWrong[]>([])
  let key = crypto.randomUUID()
  const clear = () => {
    wrong.value = null
    code.value = null
    places.value = []
  }
  return {
    isBusy,
    wrong,
    code,
    clear,
    wrongAt: (pointer) => messageAt(places.value, pointer),
    refuse(pointer, detail) {
      wrong.value = detail
      places.value = [{ pointer, detail }]
    },
    async run(work) {
      if (isBusy.value) return undefined
      isBusy.value = true
      clear()
      try {
        const done = await work(key)
        key = crypto.randomUUID()
        return done
      } catch (error) {
        // Without an answer nobody knows whether it was done: the same key makes sending again safe.
        if (error instanceof Problem && error.status !== 0 && error.status < 500) key = crypto.randomUUID()
        wrong.value = tell(error)
        code.value = error instanceof Problem ? error.code : 'unknown'
        places.value = error instanceof Problem ? placesOf(error.body.errors) : []
        return undefined
      } finally {
        isBusy.value = false
      }
    }
  }
}

/** Everything that is wrong at a place or below it, in one text. */
export function messageAt(places: readonly PlaceWrong[], pointer: string): string | null {
  const here = places.filter((place) => place.pointer === pointer || place.pointer.startsWith(`${pointer}/`))
  return here.length === 0 ? null : [...new Set(here.map(({ detail }) => detail))].join('; ')
}

export function placesOf(errors: unknown): PlaceWrong[] {
  if (!Array.isArray(errors)) return []
  return errors.filter(
    (one: unknown): one is PlaceWrong =>
      typeof one === 'object' &&
      one !== null &&
      typeof (one as PlaceWrong).pointer === 'string' &&
      typeof (one as PlaceWrong).detail === 'string'
  )
}
