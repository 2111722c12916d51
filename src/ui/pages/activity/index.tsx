// Activity: every decision as it is made, searched, followed live and exported. The search stands in the address.
import { createElement, type ComponentType } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { visible } from '../../../engine/visible.ts'
import { Trouble } from '../../parts/trouble.tsx'
import { counted, thousands } from '../../receipt/counted.ts'
import { KeysLine, useShortcuts } from '../../shell/keys.tsx'
import { place, setParams } from '../../shell/place.ts'
import { Bars, type Histogram } from './bars.tsx'
import { Chips, Ranges, Views } from './chips.tsx'
import { Damaged } from './damaged.tsx'
import { NoMatch, NothingYet } from './empty.tsx'
import { isOnlyWaiting, isWaitingShown, readQuery, withRange } from './query.ts'
import { Rows } from './rows.tsx'
import { SaveView } from './save_view.tsx'
import { SearchBox } from './search_box.tsx'
import { togglePause, useFeed } from './use_feed.ts'

const SCROLLED_PX = 160

type Opened = null | 'export' | 'help' | 'save'

export default function Activity() {
  const query = place.value.params.get('q') ?? ''
  const { terms } = readQuery(query)
  const table = useRef<HTMLDivElement>(null)
  const box = useRef<HTMLInputElement>(null)
  const [opened, open] = useState<Opened>(null)
  // A text that cannot be read is not asked for: the box says what is wrong with it.
  const state = useFeed(terms === null ? '' : query, (added) => isBeingRead(table.current) || !hasRoom(table.current, added))
  const { feed, bars, waiting, shown, isReady } = state
  const search = (text: string) => setParams({ q: text }, true)
  const receipts = isReady.value ? (feed.rows.value ?? []).slice(0, shown.value) : []
  const held = waiting.value.filter((one) => isReady.value && terms !== null && isWaitingShown(one, terms, Date.now()))
  const hasOlder = isReady.value && ((feed.rows.value?.length ?? 0) > shown.value || feed.hasMore.value)
  useKeys(table, box, () => (hasOlder ? state.more() : undefined))
  const isEmpty = isReady.value && feed.rows.value !== undefined && receipts.length === 0 && held.length === 0
  return (
    <div class="activity">
      <div class="page-head">
        <h1>Activity</h1>
        <p class="muted totals" aria-live="off">
          {totalsText(bars.value, held.length)}
        </p>
        <div class="actions">
          <button type="button" onClick={() => open('export')}>
            Export…
          </button>
          <button type="button" onClick={() => open('save')}>
            Save view
          </button>
        </div>
      </div>
      <Bars of={bars.value} onPick={(since, until) => search(withRange(query, since, until))} />
      <div class="filters">
        <SearchBox query={query} box={box} seen={seenOf(receipts)} onSearch={search} onHelp={() => open('help')} />
        <Ranges query={query} terms={terms ?? []} onSearch={search} />
      </div>
      <Views query={query} onSearch={search} />
      <div class="feed-head">
        <Chips query={query} terms={terms ?? []} onSearch={search} />
        <div class="feed-live">
          <span role="status">
            {feed.fresh.value.length > 0 && (
              <button type="button" class="fresh" onClick={() => showFresh(feed.takeIn)}>
                {thousands(feed.fresh.value.length)} new — show
              </button>
            )}
          </span>
          <button type="button" class="quiet" aria-pressed={state.isPaused.value} onClick={togglePause}>
            {state.isPaused.value ? 'Go on' : 'Pause'}
          </button>
        </div>
      </div>
      {feed.problem.value !== null && <Trouble text={feed.problem.value} again={state.refresh} />}
      <Damaged files={feed.damaged.value} />
      {!isReady.value && (
        <p key="loading" class="loading">
          Loading…
        </p>
      )}
      {isEmpty && (query === '' ? <NothingYet /> : <NoMatch query={query} terms={terms ?? []} onSearch={search} />)}
      <div ref={table}>
        {(receipts.length > 0 || held.length > 0) && <Rows receipts={isOnlyWaiting(terms ?? []) ? [] : receipts} waiting={held} />}
      </div>
      {hasOlder && (
        <p class="older">
          <button type="button" disabled={feed.isLoading.value} onClick={state.more}>
            {feed.isLoading.value ? 'Loading…' : 'Older'}
          </button>
        </p>
      )}
      {isReady.value && <KeysLine />}
      <SaveView query={query} isOpen={opened === 'save'} onClose={() => open(null)} />
      <Later load={loadHelp} props={{ isOpen: opened === 'help', onClose: () => open(null) }} />
      <Later load={loadExport} props={{ isOpen: opened === 'export', onClose: () => open(null), query, receipts }} />
    </div>
  )
}

/** Scrolled, selected, pointed at: then new rows wait for a click. */
function isBeingRead(table: HTMLElement | null): boolean {
  return (
    scrollY > SCROLLED_PX ||
    table === null ||
    table.contains(document.activeElement) ||
    table.matches(':hover') ||
    document.querySelector('dialog[open]') !== null
  )
}

/** Whether so many rows push nothing that is seen: what stands below is out of sight, or far enough below. */
function hasRoom(table: HTMLElement | null, added: number): boolean {
  const below = table?.parentElement?.querySelector(':scope > .keys, :scope > .older')?.getBoundingClientRect()
  if (table === null || below === undefined || below.top >= innerHeight) return true
  const { bottom, height } = table.getBoundingClientRect()
  const row = height / Math.max(1, table.querySelectorAll('tr').length - 1)
  return below.top - bottom > (added + 1) * row
}

function showFresh(takeIn: () => void): void {
  takeIn()
  scrollTo(0, 0)
}

/** j and k move the focus from row to row, so that what is selected is what the keyboard has. */
function useKeys(
  table: { readonly current: HTMLElement | null },
  box: { readonly current: HTMLInputElement | null },
  older: () => void
): void {
  const more = useRef(older)
  more.current = older
  const shortcuts = useMemo(() => {
    const move = (by: 1 | -1) => {
      const links = [...(table.current?.querySelectorAll<HTMLElement>('tbody a') ?? [])]
      const at = links.indexOf(document.activeElement as HTMLElement)
      if (at === links.length - 1 && by === 1) more.current()
      const next = links[at === -1 ? (by === 1 ? 0 : links.length - 1) : at + by]
      next?.focus()
      next?.closest('tr')?.scrollIntoView({ block: 'nearest' })
    }
    return [
      { key: 'j', says: 'next row', run: () => move(1) },
      { key: 'k', says: 'row before', run: () => move(-1) },
      { key: 'Enter', says: 'open', run: () => move(1) },
      { key: '/', says: 'search', run: () => box.current?.focus() },
      { key: 'p', says: 'pause', run: togglePause }
    ]
  }, [table, box])
  useShortcuts(shortcuts)
}

function totalsText(bars: (Histogram & { readonly says: string }) | undefined, held: number): string {
  if (bars === undefined) return '\u00a0'
  const { totals, says } = bars
  const parts = [`${counted(totals.receipts, 'receipt')}${says}`, `${thousands(totals.block)} blocked`]
  if (totals.partial > 0) parts.push(`${thousands(totals.partial)} partial`)
  if (held > 0) parts.push(`${thousands(held)} waiting`)
  return parts.join(' · ')
}

/** Values that the list shows, to be offered in the search box. */
function seenOf(receipts: ReturnType<typeof useFeed>['feed']['rows']['value']) {
  const all = receipts ?? []
  const plain = (texts: readonly string[]) => [...new Set(texts)].filter((text) => text !== '' && visible(text) === text)
  return {
    agent: plain(all.map(({ user_email }) => user_email)),
    workflow: plain(all.map(({ workflow }) => workflow)),
    policy: plain(all.flatMap(({ policy_results }) => policy_results.filter(({ passed }) => !passed).map(({ policy }) => policy))),
    system: plain(all.flatMap(({ actions_taken }) => actions_taken.map(({ system }) => system)))
  }
}

const loadHelp = () => import('./help.tsx').then(({ SearchHelp }) => SearchHelp)
const loadExport = () => import('./export.tsx').then((module) => module.ExportDialog)

interface LaterProps<P> {
  readonly load: () => Promise<ComponentType<P>>
  readonly props: P & { readonly isOpen: boolean }
}

/** A dialog whose code comes when it is first opened. */
function Later<P>({ load, props }: LaterProps<P>) {
  const [Dialog, set] = useState<ComponentType<P> | null>(null)
  useEffect(() => {
    if (props.isOpen && Dialog === null) void load().then((found) => set(() => found))
  }, [props.isOpen])
  return Dialog === null ? null : createElement(Dialog as ComponentType<object>, props)
}
