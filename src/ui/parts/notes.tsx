// Short notices of what was just done or went wrong, read out by screen readers; they stay long enough to be read.
import { signal } from '@preact/signals'

interface Note {
  readonly id: number
  readonly tone: 'pass' | 'block' | 'held'
  readonly text: string
}

const SHOWN_MS = 8_000
const notes = signal<readonly Note[]>([])
let last = 0

/** Shows a notice; an error stays until it is closed. */
export function note(tone: Note['tone'], text: string): void {
  const id = ++last
  notes.value = [...notes.value.slice(-3), { id, tone, text }]
  if (tone !== 'block') setTimeout(() => close(id), SHOWN_MS)
}

export function Notes() {
  return (
    <div class="notes" role="status" aria-live="polite">
      {notes.value.map(({ id, tone, text }) => (
        <p key={id} class={`note ${tone}`}>
          <span>{text}</span>
          <button type="button" class="quiet" aria-label="Close this notice" onClick={() => close(id)}>
            ×
          </button>
        </p>
      ))}
    </div>
  )
}

function close(id: number): void {
  notes.value = notes.value.filter((one) => one.id !== id)
}
