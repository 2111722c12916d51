// A text of the server with `code` in backticks: set as code; everything else stays text.
import { visibleLines } from '../../engine/visible.ts'

interface Props {
  readonly text: string
  /** The server has marked what it hides: marked again, its marks would be. */
  readonly isMarked?: true
}

/** Inside a sentence. */
export function Said({ text, isMarked }: Props) {
  return (
    <>
      {(isMarked ? text : visibleLines(text))
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
