// What became of something, as icon, word and colour: never by colour alone.

import type { Tone } from './tone.ts'

export type { Tone }

/** Icons are letters, so that they follow the text's size and colour. */
const ICONS: Readonly<Record<Tone, string>> = { pass: '✓', block: '✕', held: '◔', undone: '↺', none: '·' }

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <span class={`badge ${tone}`}>
      <span aria-hidden="true">{ICONS[tone]} </span>
      {children}
    </span>
  )
}
