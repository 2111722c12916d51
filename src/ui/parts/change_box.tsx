// The lines of a change: colour, sign, and for the ear a word.
import { visible } from '../../engine/visible.ts'
import type { Line } from './row_changes.ts'

const TONES = { '-': 'goes', '+': 'comes', ' ': 'stays' } as const
const WORDS = { '-': 'removed: ', '+': 'added: ', ' ': '' } as const

export function ChangeBox({ lines, title }: { readonly lines: readonly Line[]; readonly title?: string }) {
  return (
    // A box that scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div class="change" tabIndex={0} role="region" aria-label={title ?? 'What changes'}>
      {title !== undefined && <p class="change-title">{visible(title)}</p>}
      <ol>
        {lines.map(({ sign, text }, i) => (
          <li key={i} class={TONES[sign]}>
            <span aria-hidden="true">{sign}</span>
            <span class="unseen">{WORDS[sign]}</span>
            <span>{visible(text)}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}
