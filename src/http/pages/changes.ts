// The rows that a change would take away and put in, line by line, where what was looked up has them.
import { escapeHtml, visible, type Json, type JsonObject } from '../../engine/index.ts'

/** More lines tell no more at a glance; all of them stand below, under what it touches. */
const LINES_MAX = 20

/** As HTML, and whether every line is in it. */
export interface Changes {
  readonly html: string
  readonly isWhole: boolean
}

/** Where nothing of the kind was looked up. */
export const NO_CHANGES: Changes = { html: '', isWhole: true }

/** `-` lines for what is there now, `+` lines for what will be. */
export function changesOf(preview: JsonObject): Changes {
  const seen = preview.done
  if (seen === null || typeof seen !== 'object' || Array.isArray(seen)) return NO_CHANGES
  const { before, after } = seen as JsonObject
  const lines = [...linesOf(before, '-', 'gone'), ...linesOf(after, '+', 'new')]
  if (lines.length === 0) return NO_CHANGES
  const isWhole = lines.length <= LINES_MAX
  const rest = isWhole ? '' : `<span>… and ${lines.length - LINES_MAX} more lines, all of them below</span>`
  return { html: `<pre>${lines.slice(0, LINES_MAX).join('')}${rest}</pre>`, isWhole }
}

function linesOf(rows: Json | undefined, sign: string, className: string): string[] {
  if (!Array.isArray(rows)) return []
  return rows.map((row) => `<span class="${className}">${sign} ${escapeHtml(visible(JSON.stringify(row)))}</span>`)
}
