// Searches under names, kept in this browser.
import { signal } from '@preact/signals'

export interface View {
  readonly name: string
  readonly query: string
}

const KEY = 'enact.views'
export const NAME_MAX = 40
const VIEWS_MAX = 50

export const views = signal<readonly View[]>(read())

/** A view of the same name is replaced. */
export function saveView(name: string, query: string): void {
  write([...views.value.filter((view) => view.name !== name), { name, query }].slice(-VIEWS_MAX))
}

export function removeView(name: string): void {
  write(views.value.filter((view) => view.name !== name))
}

function write(next: readonly View[]): void {
  views.value = next
  try {
    localStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    // A browser that keeps nothing has them until the page goes.
  }
}

/** Whatever stands there, only views are taken. */
function read(): View[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(found) ? found.filter(isView).slice(0, VIEWS_MAX) : []
  } catch {
    return []
  }
}

function isView(value: unknown): value is View {
  const view = value as Partial<View> | null
  return (
    typeof view === 'object' &&
    view !== null &&
    typeof view.name === 'string' &&
    typeof view.query === 'string' &&
    view.name.length <= NAME_MAX
  )
}
