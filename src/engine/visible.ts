// Shows what a text hides: for every place where a person reads something an agent wrote and decides on it.

/** The mark's own opening bracket is marked too, so that no text can pass for a marked one. */
const HIDDEN =
  // Controls, formats (bidi, zero-width, tags), separators, private use, lone surrogates and unassigned; what Unicode says to draw as nothing
  // (fillers, variation selectors); spaces that are not the space; blanks that Unicode counts as letters or symbols.
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}\u27e8]|(?! )\p{Zs}/gu

const ONLY_ASCII = /^[\x20-\x7e]*$/

/**
 * The text with everything hidden or mistakable for the space written as `⟨U+202E⟩`: the result holds none of it, and two texts that
 * differ give results that differ in what is seen. Line breaks and tabs are marked too: the result is one line.
 */
export function visible(text: string): string {
  return ONLY_ASCII.test(text) ? text : text.replace(HIDDEN, mark)
}

/** The same line by line: line feeds stay, so use it only where a new line cannot pass for something else. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}

function mark(letter: string): string {
  return `⟨U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`
}
