// `public/_headers`, as Cloudflare reads it: which answer carries which headers. One file says it for every host of the UI.

/** Headers of one pattern. A value of null takes the header of earlier rules away. */
export interface HeaderRule {
  readonly pattern: RegExp
  readonly headers: readonly (readonly [name: string, value: string | null])[]
}

/** The rules of a `_headers` file in their order; throws where a line is neither a path, a header nor a comment. */
export function parseHeaderRules(text: string): HeaderRule[] {
  const rules: { pattern: RegExp; headers: [string, string | null][] }[] = []
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const rule = rules.at(-1)
    const [, name, value] = /^([A-Za-z0-9-]+):\s*(.+)$/.exec(line) ?? []
    const [, removed] = /^!\s*([A-Za-z0-9-]+)$/.exec(line) ?? []
    if (line.startsWith('/')) rules.push({ pattern: patternOf(line), headers: [] })
    else if (rule !== undefined && name !== undefined) rule.headers.push([name.toLowerCase(), value!])
    else if (rule !== undefined && removed !== undefined) rule.headers.push([removed.toLowerCase(), null])
    else throw new Error(`_headers:${i + 1} is neither a path nor a header: \`${line}\``)
  }
  return rules
}

/** The headers for a path: all rules that match, in order; the same header twice is joined, as Cloudflare does. */
export function headersFor(rules: readonly HeaderRule[], path: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, value] of rules.filter(({ pattern }) => pattern.test(path)).flatMap(({ headers }) => headers)) {
    if (value === null) delete found[name]
    else found[name] = name in found ? `${found[name]}, ${value}` : value
  }
  return found
}

/** `*` stands for anything, `:name` for one part of the path. */
function patternOf(path: string): RegExp {
  const pieces = path
    .split(/(\*|:[A-Za-z]\w*)/)
    .map((piece, i) => (i % 2 === 0 ? piece.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&') : piece === '*' ? '.*' : '[^/]+'))
  return new RegExp(`^${pieces.join('')}$`)
}
