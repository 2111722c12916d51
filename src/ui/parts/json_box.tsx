// JSON as a person reads it: indented, with everything marked that a text could hide.
import { visibleLines } from '../../engine/visible.ts'

export function JsonBox({ value, label }: { readonly value: unknown; readonly label?: string }) {
  return (
    // A box that scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre class="code" tabIndex={0} role="region" aria-label={label ?? 'JSON'}>
      {visibleLines(JSON.stringify(value, null, 2) ?? '')}
    </pre>
  )
}
