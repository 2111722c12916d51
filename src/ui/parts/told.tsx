// A text of the server with `code` in backticks: set as code; everything else stays text.
import { visibleLines } from '../../engine/visible.ts'

export function Told({ text }: { readonly text: string }) {
  return (
    <p class="told">
      {visibleLines(text)
        .split('`')
        .map((part, i, parts) => (i % 2 === 1 && i < parts.length - 1 ? <code key={i}>{part}</code> : i % 2 === 1 ? `\`${part}` : part))}
    </p>
  )
}
