// Keeps the list current while somebody looks at it: every 2.5 s, never moving what is being read.
import { signal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { get } from '../../shell/api.ts'
import { live } from '../../shell/live.ts'
import { has, may, session } from '../../shell/session.ts'
import { verifyChain, type ChainState } from './chain.ts'
import { feedOf, PAGE, type Feed } from './feed.ts'
import type { Histogram } from './bars.tsx'
import { barsRange, readQuery, type Waiting } from './query.ts'

const EVERY_MS = 2_500
const BARS_EVERY_MS = 20_000
const CHAIN_EVERY_MS = 60_000
const BUCKETS = 48
const WAITING_MAX = 50

const isPaused = signal(false)

/** What the page shows; made anew for each search. */
function stateOf(search: string) {
  return {
    feed: feedOf(search),
    bars: signal<(Histogram & { readonly says: string }) | undefined>(undefined),
    waiting: signal<readonly Waiting[]>([]),
    /** Receipts and approvals are both here: shown at once, neither moves the other. */
    isReady: signal(false),
    /** How many rows are shown: it stays as it is while new ones come in, so that nothing below them moves. */
    shown: signal(PAGE),
    chain: signal<ChainState>({ isBroken: false, text: null })
  }
}
export type State = ReturnType<typeof stateOf> & { readonly isPaused: typeof isPaused; more(): void; refresh(): void }

/** `isReading` says whether so many new rows have to wait for a click. */
export function useFeed(search: string, isReading: (added: number) => boolean): State {
  const state = useMemo(() => stateOf(search), [search])
  const reading = useRef(isReading)
  reading.current = isReading
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    let barsAt = 0
    let chainAt = 0
    let isOver = false
    const stop = new AbortController()
    const { feed, bars, waiting, chain, isReady } = state
    const seesWaiting = has('approvals') && may('read', 'approve')
    const askWaiting = async () => {
      if (seesWaiting && (!isPaused.value || !isReady.value)) waiting.value = await waitingNow(waiting.value, stop.signal)
    }
    const ask = async (isFirst: boolean) => {
      const now = Date.now()
      if (!isFirst && !document.hidden && !isPaused.value) {
        const found = await feed.follow()
        if (found > 0 && !reading.current(found)) feed.takeIn()
        if (found > 0) barsAt = 0
      }
      if (now - barsAt > BARS_EVERY_MS && (!isPaused.value || isFirst) && has('search')) {
        barsAt = now
        bars.value = await barsNow(search, feed, stop.signal).catch(() => bars.value)
      }
      if (!isFirst) await askWaiting()
      if (now - chainAt > CHAIN_EVERY_MS && (feed.rows.value?.length ?? 0) > 0) {
        chainAt = now
        chain.value = await verifyChain(session.value?.team_id ?? '', feed.rows.value ?? [])
      }
      if (isOver) return
      tellBar(feed, chain.value)
      timer = setTimeout(() => void ask(false), EVERY_MS)
    }
    void Promise.all([feed.reload(), askWaiting()]).then(() => {
      isReady.value = true
      return ask(true)
    })
    tellBar(feed, chain.value)
    return () => {
      isOver = true
      clearTimeout(timer)
      stop.abort()
      feed.stop()
      live.value = null
    }
  }, [state, search])
  return { ...state, isPaused, more: () => more(state), refresh: () => void state.feed.reload() }
}

/** Without a time in the search, back to the oldest receipt where all of them are here. */
async function barsNow(search: string, { rows, hasMore }: Feed, stop: AbortSignal) {
  const oldest = hasMore.value ? null : (rows.value?.at(-1)?.timestamp ?? null)
  const { from, to, says } = barsRange(readQuery(search).terms ?? [], oldest, Date.now())
  return { ...(await get<Histogram>('/receipts/histogram', { search, from, to, buckets: BUCKETS }, stop)), says }
}

/** Rows that are in memory first, then the next page. */
function more({ feed, shown }: ReturnType<typeof stateOf>): void {
  const loaded = feed.rows.value?.length ?? 0
  shown.value += PAGE
  if (shown.value > loaded && feed.hasMore.value) void feed.more()
}

async function waitingNow(before: readonly Waiting[], stop: AbortSignal): Promise<readonly Waiting[]> {
  try {
    const { data } = await get<{ data: readonly Waiting[] }>('/hitl', { status: 'PENDING', limit: WAITING_MAX }, stop)
    return data.length === before.length && data.every(({ hitl_id }, i) => hitl_id === before[i]!.hitl_id) ? before : data
  } catch {
    return before
  }
}

function tellBar(feed: Feed, chain: ChainState): void {
  const state = chain.isBroken || feed.isLost.value ? 'lost' : isPaused.value ? 'paused' : 'on'
  const word = feed.isLost.value ? 'No connection' : isPaused.value ? 'Paused' : 'Live'
  live.value = { state, text: chain.text === null ? word : chain.isBroken ? `Chain broken: ${chain.text}` : `${word} · ${chain.text}` }
}

/** Stops asking, or goes on. */
export function togglePause(): void {
  isPaused.value = !isPaused.value
  if (live.value !== null && live.value.state !== 'lost')
    live.value = {
      state: isPaused.value ? 'paused' : 'on',
      text: live.value.text.replace(/^(Live|Paused)/, isPaused.value ? 'Paused' : 'Live')
    }
}
