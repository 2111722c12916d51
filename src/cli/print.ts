// What reaches a terminal: nothing that came from an agent may move the cursor, hide itself or fake a line.
import { styleText } from 'node:util'

// Controls, lone surrogates, line separators, private and unassigned characters, and whatever is drawn as nothing or turns the direction of text.
const DANGEROUS = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

export type Colour = 'green' | 'red' | 'yellow' | 'cyan' | 'gray' | 'bold'

/** The text on one line with every dangerous character as `\u{…}`. Use it on everything that comes from a receipt. */
export function visible(text: string): string {
  return text.replaceAll('\\', '\\\\').replace(DANGEROUS, (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`)
}

/** JSON whose strings mean the same and hold no dangerous character: safe to show, and still exactly the value. */
export function safeJson(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, null, indent)
  // Line breaks between values are JSON's own; inside strings JSON.stringify has escaped them.
  return text.replace(DANGEROUS, (letter) => (letter === '\n' ? letter : escapeUnits(letter)))
}

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

function escapeUnits(letter: string): string {
  return Array.from({ length: letter.length }, (_, i) => `\\u${letter.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')
}
