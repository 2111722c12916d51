// Programs given in a command (`python -c`, `node -e`, here-documents): split into names, strings and signs, and the calls among them.

/** One call with the strings among its arguments. `text` is the dotted name. */
export interface CodeCall {
  readonly name: string
  readonly strings: readonly string[]
  /** Other names among the arguments: `recursive`, `path`. */
  readonly names: readonly string[]
}

interface Token {
  readonly kind: 'name' | 'string' | 'shell' | 'sign'
  readonly text: string
}

const NAME = /[A-Za-z_$][\w$]*(?:(?:\.|::|->|\?\.)[A-Za-z_$][\w$]*)*|(?:\.|->)[A-Za-z_$][\w$]*(?:(?:\.|->)[A-Za-z_$][\w$]*)*/y
/** Methods of a path: what they are called on stands before them. */
const ON_ITSELF = /^\.(?:write_text|write_bytes|read_text|read_bytes|unlink|rmdir|rename|touch|open)$/
/** What Perl and Ruby call without parentheses on what a name gives: `unlink glob('x/*')`. */
const BARE = /^(?:unlink|rmdir|rmtree|remove_tree|system|exec)$/
const ARGUMENTS_MAX = 64

/** The calls of a program text. `hash` = whether `#` begins a comment; `backticks` = whether they run a shell. Takes linear time. */
export function codeCalls(text: string, hash: boolean, backticks: boolean): readonly CodeCall[] {
  const tokens = tokensOf(text, hash, backticks)
  const calls: CodeCall[] = []
  let last = ''
  // `p = 'x'` before `open(p)`.
  const known = new Map<string, string>()
  tokens.forEach((token, at) => {
    if (token.kind === 'string') last = token.text
    if (token.kind === 'shell') calls.push({ name: '`', strings: [token.text], names: [] })
    if (token.kind !== 'name') return
    const value = tokens[at + 2]
    if (tokens[at + 1]?.text === '=' && value?.kind === 'string') known.set(token.text, value.text)
    const next = tokens[at + 1]
    const isCall = next?.text === '(' && next.kind === 'sign'
    // Ruby and Perl call without parentheses.
    if (!isCall && next?.kind !== 'string' && !(BARE.test(token.text) && next?.kind === 'name')) return
    const { strings, names } = argumentsAt(tokens, at + 1, isCall, known)
    // `Path("x").unlink()`: what it is called on stands before it.
    calls.push({ name: token.text, strings: ON_ITSELF.test(token.text) ? [last, ...strings] : strings, names })
  })
  return calls
}

function argumentsAt(
  tokens: readonly Token[],
  from: number,
  isCall: boolean,
  known: ReadonlyMap<string, string>
): { strings: string[]; names: string[] } {
  const strings: string[] = []
  const names: string[] = []
  let depth = 0
  for (let at = from; at < tokens.length && at < from + ARGUMENTS_MAX; at++) {
    const { kind, text } = tokens[at]!
    if (kind === 'sign') {
      if ('([{'.includes(text)) depth++
      else if (')]}'.includes(text) && --depth <= 0) break
      else if (!isCall && (text === ';' || text === '\n')) break
    } else if (kind === 'string' || kind === 'shell') strings.push(text)
    else if (known.has(text)) strings.push(known.get(text)!)
    else names.push(text)
    if (!isCall && depth === 0 && tokens[at + 1]?.text !== ',' && kind === 'string') break
  }
  return { strings, names }
}

function tokensOf(text: string, hash: boolean, backticks: boolean): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length;) {
    const sign = text[at]!
    if (/\s/.test(sign)) {
      at++
      continue
    }
    const comment = commentEnd(text, at, hash)
    if (comment > at) {
      at = comment
      continue
    }
    if (sign === '"' || sign === "'" || sign === '`') {
      const { value, end } = stringAt(text, at, sign)
      tokens.push({ kind: sign === '`' && backticks ? 'shell' : 'string', text: value })
      at = end
      continue
    }
    NAME.lastIndex = at
    const name = NAME.exec(text)?.[0]
    // `r"…"`, `f'…'`: letters right before a quote belong to the string.
    if (name !== undefined && /^[rbfuRBFU]{1,2}$/.test(name) && /["']/.test(text[at + name.length] ?? '')) at += name.length
    else if (name === undefined) {
      tokens.push({ kind: 'sign', text: sign })
      at++
    } else {
      tokens.push({ kind: 'name', text: name })
      at += name.length
    }
  }
  return tokens
}

function commentEnd(text: string, at: number, hash: boolean): number {
  const two = text.slice(at, at + 2)
  if ((hash && text[at] === '#' && two !== '#{') || (!hash && two === '//' && text[at - 1] !== ':')) {
    const end = text.indexOf('\n', at)
    return end === -1 ? text.length : end
  }
  if (two !== '/*' || hash) return at
  const end = text.indexOf('*/', at + 2)
  return end === -1 ? text.length : end + 2
}

function stringAt(text: string, at: number, quote: string): { value: string; end: number } {
  const isTriple = quote !== '`' && text.startsWith(quote.repeat(3), at)
  const close = isTriple ? quote.repeat(3) : quote
  let value = ''
  for (let i = at + close.length; i < text.length; i++) {
    if (text[i] === '\\' && i + 1 < text.length) {
      value += unescaped(text[i + 1]!)
      i++
    } else if (text[i] === quote && text.startsWith(close, i)) return { value, end: i + close.length }
    else value += text[i]!
  }
  return { value, end: text.length }
}

function unescaped(sign: string): string {
  return sign === 'n' ? '\n' : sign === 't' ? '\t' : sign
}
