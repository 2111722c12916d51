// Where the reader is: page and parameters, both in the address, so that every view can be linked, reloaded and gone back to.
import { signal } from '@preact/signals'
import { pageAt, type PageName } from './pages.ts'

/** `page` null = there is no such page. */
export interface Place {
  readonly page: PageName | null
  readonly params: URLSearchParams
  /** What follows `#`, without it. */
  readonly fragment: string
}

export const place = signal<Place>(read())

addEventListener('popstate', () => (place.value = read()))

/** Goes to an address of this UI; the browser's back button comes back. */
export function goTo(address: string): void {
  history.pushState(null, '', address)
  place.value = read()
  scrollTo(0, 0)
}

/** Changes parameters of this page: empty and null take one away. It is the same view, so nothing is added to the history unless `remember`. */
export function setParams(changes: Readonly<Record<string, string | null>>, remember = false): void {
  const params = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') params.delete(name)
    else params.set(name, value)
  }
  const query = params.toString().replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%40', '@')
  const address = query === '' ? location.pathname : `${location.pathname}?${query}`
  if (address === location.pathname + location.search) return
  history[remember ? 'pushState' : 'replaceState'](null, '', address)
  place.value = read()
}

/** Makes links of this UI change the page without loading it anew; everything else is the browser's. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (link === null || link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return
  if (pageAt(link.pathname) === null) return
  event.preventDefault()
  goTo(link.pathname + link.search + link.hash)
}

function read(): Place {
  return { page: pageAt(location.pathname), params: new URLSearchParams(location.search), fragment: location.hash.slice(1) }
}
