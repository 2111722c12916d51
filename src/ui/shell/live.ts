// Whether what is shown follows what happens; the page that follows says so, the bar shows it.
import { signal } from '@preact/signals'

export interface Live {
  readonly state: 'on' | 'paused' | 'lost'
  readonly text: string
}

/** Null = this page does not follow anything. */
export const live = signal<Live | null>(null)
