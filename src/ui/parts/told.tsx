// A text of the server with `code` in backticks: set as code; everything else stays text.
import { visibleLines } from '../../engine/visible.ts'

/** Inside a sentence. */
export function Said({ text }: { readonly text: string }) {
  return (
    <>
      {visibleLines(text)
        .split('`')
        .map((part, i, parts) => (i % 2 === 0 ? part : i < parts.length - 1 ? <code key={i}>{part}</code> : `\`${part}`))}
    </>
  )
}

/** As a paragraph. */
export function Told({ text }: { readonly text: string }) {
  return (
    <p class="told">
      <Said text={text} />
    </p>
  )
}
