// Keyboard shortcuts: a page says which it has while it is shown, `?` lists them. Never while somebody types.
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'

/** A shortcut: `key` as `KeyboardEvent.key`. */
export interface Shortcut {
  readonly key: string
  readonly says: string
  run(): void
}

const active = signal<readonly Shortcut[]>([])
const isHelpOpen = signal(false)

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || target.closest('input, textarea, select') !== null)
/** Enter and the space bar belong to what has the focus. */
const isPressing = (target: EventTarget | null) => target instanceof HTMLElement && target.closest('a, button, summary') !== null

addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
  if (document.querySelector('dialog[open]') !== null) return
  if (event.key === '?') {
    isHelpOpen.value = true
    return
  }
  if ((event.key === 'Enter' || event.key === ' ') && isPressing(event.target)) return
  const found = active.value.find(({ key }) => key === event.key)
  if (found === undefined) return
  event.preventDefault()
  found.run()
})

/** Makes these shortcuts work while the component is shown. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  useEffect(() => {
    active.value = [...active.value, ...shortcuts]
    return () => {
      active.value = active.value.filter((one) => !shortcuts.includes(one))
    }
  }, [shortcuts])
}

/** One line of what the page's keys do. */
export function KeysLine() {
  if (active.value.length === 0) return null
  return (
    <p class="keys">
      {active.value.map(({ key, says }) => (
        <span key={key}>
          <kbd>{nameOf(key)}</kbd> {says}
        </span>
      ))}
      <span>
        <kbd>?</kbd> all keys
      </span>
    </p>
  )
}

export function KeysHelp() {
  return (
    <Dialog title="Keys" isOpen={isHelpOpen.value} onClose={() => (isHelpOpen.value = false)}>
      <dl class="facts">
        {active.value.map(({ key, says }) => (
          <div key={key}>
            <dt>
              <kbd>{nameOf(key)}</kbd>
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>these keys</dd>
        </div>
        <div>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>close a dialog</dd>
        </div>
      </dl>
    </Dialog>
  )
}

function nameOf(key: string): string {
  return key === 'Enter' ? '↵' : key
}
