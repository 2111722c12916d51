// Texts of receipts for terminals and files: nothing that came from an agent may move a cursor, hide itself or fake a line.

// Controls, lone surrogates, line separators, private and unassigned characters, and whatever is drawn as nothing or turns the direction of text.
const DANGEROUS = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** The text on one line with every dangerous character as `\u{…}`; backslashes are doubled, so that two texts never come out alike. */
export function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replace(DANGEROUS, (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`)
}

/** JSON whose strings mean the same and hold no dangerous character: safe to show, and still exactly the value. */
export function safeJson(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, null, indent)
  // Line breaks between values are JSON's own; inside strings JSON.stringify has escaped them.
  return text.replace(DANGEROUS, (letter) => (letter === '\n' ? letter : escapeUnits(letter)))
}

function escapeUnits(letter: string): string {
  return Array.from({ length: letter.length }, (_, i) => `\\u${letter.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')
}
