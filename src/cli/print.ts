// What reaches a terminal: nothing that came from an agent may move the cursor, hide itself or fake a line.
import { styleText } from 'node:util'
import { escaped as visible } from '../engine/escaped.ts'

export { escaped as visible, safeJson } from '../engine/escaped.ts'

export type Colour = 'green' | 'red' | 'yellow' | 'cyan' | 'gray' | 'bold'

/** The text in a colour, where `stream` is a terminal that wants colours (NO_COLOR, FORCE_COLOR and TERM are honoured). */
export function paint(colour: Colour, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return process.env.TERM === 'dumb' ? text : styleText(colour, text, { stream, validateStream: true })
}

/** Rows as aligned columns; cells are made visible. The last column is not padded. */
export function table(
  rows: readonly (readonly string[])[],
  colourOf: (cell: string, column: number) => Colour | null = () => null
): string {
  const shown = rows.map((row) => row.map(visible))
  const widths = shown.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), [])
  return shown
    .map((row) =>
      row
        .map((cell, i) => {
          const padded = i === row.length - 1 ? cell : cell.padEnd(widths[i]!)
          const colour = colourOf(cell, i)
          return colour === null ? padded : paint(colour, padded)
        })
        .join('  ')
    )
    .join('\n')
}
