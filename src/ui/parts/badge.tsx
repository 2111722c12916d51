// What became of something, as icon, word and colour: never by colour alone.

import type { Tone } from './tone.ts'

export type { Tone }

/** Icons are letters, so that they follow the text's size and colour. */
const ICONS: Readonly<Record<Tone, string>> = { pass: '✓', block: '✕', held: '◔', undone: '↺', none: '·' }

interface Props {
  readonly tone: Tone
  /** Where the tone's own would say something else. */
  readonly icon?: string
  readonly children: string
}

export function Badge({ tone, icon = ICONS[tone], children }: Props) {
  return (
    <span class={`badge ${tone}`}>
      <span aria-hidden="true">{icon} </span>
      {children}
    </span>
  )
}
