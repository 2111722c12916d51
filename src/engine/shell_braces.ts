// `{a,b}`: several words in one.

const RESULTS_MAX = 64

/** The words that a text with braces becomes; one with more than 64 results, or with a range, stays as it is. */
export function expandBraces(text: string): readonly string[] {
  let results: readonly string[] = ['']
  for (let at = 0; at < text.length;) {
    const open = text.indexOf('{', at)
    const list = open === -1 ? null : listAt(text, open)
    if (list === null) {
      const end = open === -1 ? text.length : open + 1
      results = results.map((one) => one + text.slice(at, end))
      at = end
      continue
    }
    const { items, end } = list
    const inner = items.flatMap((item) => (item.includes('{') ? expandBraces(item) : [item]))
    if (results.length * inner.length > RESULTS_MAX) return [text]
    results = results.flatMap((one) => inner.map((item) => one + text.slice(at, open) + item))
    at = end
  }
  return results
}

/** The items of the list that opens at a brace, or null where it is none. */
function listAt(text: string, open: number): { items: string[]; end: number } | null {
  const items: string[] = []
  let depth = 0
  let start = open + 1
  for (let at = open; at < text.length; at++) {
    const sign = text[at]!
    if (sign === '{' && ++depth > 8) return null
    if (sign === ',' && depth === 1) {
      items.push(text.slice(start, at))
      start = at + 1
    }
    if (sign === '}' && --depth === 0) {
      if (items.length === 0) return null
      items.push(text.slice(start, at))
      return { items, end: at + 1 }
    }
  }
  return null
}
