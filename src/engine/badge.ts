// The badge: the newest decision of a workflow as a small picture. INVARIANT: it says nothing but the decision and the minute.
import { escapeHtml } from './html.ts'

/** The newest run that counted. */
export interface BadgeFacts {
  readonly decision: string
  /** In milliseconds. */
  readonly at: number
}

export interface Badges {
  /** Of runs that were enforced; null = there is none, or no such team. */
  newest(teamId: string, workflow: string): Promise<BadgeFacts | null>
}

const COLOURS: ReadonlyMap<string, string> = new Map([
  ['PASS', '#16a34a'],
  ['BLOCK', '#dc2626'],
  ['PARTIAL', '#d97706']
])
const GREY = '#6b7280'
const LABEL = 'enact'
const LABEL_COLOUR = '#374151'
const HEIGHT = 20
const PADDING = 8
/** Of Verdana at 11 px, nearly enough: `textLength` makes it exact. */
const CHAR_WIDTH = 6.6

/** The picture. Null gives the grey one, whyever there is nothing to show. */
export function badgeSvg(facts: BadgeFacts | null): string {
  const colour = facts === null ? undefined : COLOURS.get(facts.decision)
  const text = facts === null || colour === undefined ? 'no data' : `${facts.decision} ${minuteOf(facts.at)}`
  const left = widthOf(LABEL) + 2 * PADDING
  const right = widthOf(text) + 2 * PADDING
  const title = escapeHtml(`${LABEL}: ${text}`)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="${HEIGHT}" role="img" aria-label="${title}"><title>${title}</title>
<rect width="${left}" height="${HEIGHT}" fill="${LABEL_COLOUR}"/><rect x="${left}" width="${right}" height="${HEIGHT}" fill="${colour ?? GREY}"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" font-weight="bold">${word(LABEL, PADDING)}${word(text, left + PADDING)}</g>
</svg>
`
}

function word(text: string, x: number): string {
  return `<text x="${x}" y="14" textLength="${widthOf(text)}">${escapeHtml(text)}</text>`
}

function widthOf(text: string): number {
  return Math.ceil(text.length * CHAR_WIDTH)
}

/** `2026-03-01 04:30 UTC`. */
function minuteOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
