// The playground's worker as the page sees it: started by the first question, ended when it takes too long, started anew by the next.
import type { Ask, Judgement, PolicyCard, Told } from './protocol.ts'

/** No question takes this long unless it is meant to: the worker is ended, and the question with it. */
export const PATIENCE_MS = 2_000
const START_MS = 60_000
/** More is not even sent: an installation refuses it at the door. */
const CHARACTERS_MAX = 262_144
const SCRIPT = '/app/playground.js'

/** Who hears of it. */
export interface Audience {
  starting(): void
  ready(cards: readonly PolicyCard[]): void
  judged(verdict: Judgement): void
  refused(reason: string): void
}

export type Question = Omit<Ask, 'kind' | 'id'>

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

/** Asks; only the newest question is answered. */
export function openEngine(audience: Audience): (question: Question) => void {
  const address = trusted()
  let worker: Worker | null = null
  let isReady = false
  let last = 0
  let waiting: Ask | null = null
  let watchdog: ReturnType<typeof setTimeout> | undefined

  const end = (reason: string) => {
    clearTimeout(watchdog)
    watchdog = undefined
    worker?.terminate()
    worker = null
    isReady = false
    waiting = null
    audience.refused(reason)
  }
  const watch = (ms: number, reason: string) => (watchdog ??= setTimeout(() => end(reason), ms))
  const settle = () => {
    clearTimeout(watchdog)
    watchdog = undefined
  }
  const send = (ask: Ask) => {
    worker!.postMessage(ask, {})
    watch(PATIENCE_MS, `this took longer than ${PATIENCE_MS / 1000} s: the engine was ended, and starts anew with the next change`)
  }
  const hear = (told: Told) => {
    if (told.kind === 'ready') {
      settle()
      isReady = true
      audience.ready(told.cards)
      if (waiting !== null) send(waiting)
      waiting = null
    } else if (told.id === last) {
      settle()
      if (told.kind === 'judged') audience.judged(told.verdict)
      else audience.refused(told.reason)
    }
  }
  const start = () => {
    audience.starting()
    worker = new Worker(address, { type: 'module', name: 'enact-playground' })
    worker.addEventListener('message', (event: MessageEvent<Told>) => hear(event.data))
    worker.addEventListener('error', () => end('the engine could not be loaded: try again, or run `npx enact policy test`'))
    watch(START_MS, 'the engine took too long to load: try again')
  }
  return (question) => {
    last++
    if (Object.values(question.values).some((text) => text.length > CHARACTERS_MAX)) {
      settle()
      audience.refused('this is more than 256 KB, which no installation takes')
      return
    }
    const ask: Ask = { ...question, kind: 'judge', id: last }
    if (worker === null) start()
    if (isReady) send(ask)
    else waiting = ask
  }
}

/** The one address that may become a script here. */
function trusted(): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes
  if (types === undefined) return SCRIPT
  const policy = types.createPolicy('enact', {
    createScriptURL(url) {
      if (url !== SCRIPT) throw new TypeError('only the playground may be loaded')
      return url
    }
  })
  return policy.createScriptURL(SCRIPT)
}
