// Texts of a receipt as they are shown: hidden characters marked, what was redacted told apart, long ones folded, never cut.
import type { Json } from '../../../engine/schema.ts'
import { visible, visibleLines } from '../../../engine/visible.ts'
import { counted } from '../../receipt/counted.ts'
import { isRedacted } from '../../receipt/changes.ts'

const LONG = 600
const START = 200
const BOX_MAX = 6_000

/** One line of text; what stands between backticks is set as code. */
export function Text({ children }: { readonly children: string }) {
  if (children.length > LONG) return <Long text={children} />
  if (isRedacted(children)) return <span class="redacted">{visible(children)}</span>
  const parts = visible(children).split(/`([^`]+)`/)
  return <>{parts.map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))}</>
}

function Long({ text }: { readonly text: string }) {
  return (
    <details class="fold">
      <summary>
        {visible(text.slice(0, START))}… <small>({counted(text.length, 'character')})</small>
      </summary>
      {visibleLines(text)}
    </details>
  )
}

/** JSON, indented; folded where it is long. */
export function JsonText({ value, label, isFolded }: { readonly value: Json; readonly label: string; readonly isFolded?: boolean }) {
  const text = JSON.stringify(value, null, 2) ?? ''
  const box = (
    // A box that scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre class="code" tabIndex={0} role="region" aria-label={label}>
      {visibleLines(text)}
    </pre>
  )
  if (isFolded !== true && text.length <= BOX_MAX) return box
  return (
    <details class="fold">
      <summary>
        {label} <small>({counted(text.split('\n').length, 'line')})</small>
      </summary>
      {box}
    </details>
  )
}
