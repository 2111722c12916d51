// Whether a number in JSON text is still the same number once it has been read.

/**
 * True where reading the number and writing it again gives the same decimal value: `1.50` and `1e2` survive,
 * `9007199254740993`, `1e400` and `0.30000000000000001` do not, since a double cannot hold them.
 */
export function numberSurvives(lexeme: string): boolean {
  // Up to 15 digits always survive (IEEE 754 doubles); most numbers end here.
  if (lexeme.length <= 15 && !/[eE]/.test(lexeme)) return true
  const value = Number(lexeme)
  return Number.isFinite(value) && decimalOf(lexeme) === decimalOf(String(value))
}

/** The value as `<sign><digits>e<exponent>` without leading or trailing zeros, so that equal values give equal texts. */
function decimalOf(lexeme: string): string {
  const negative = lexeme.startsWith('-')
  const mark = lexeme.search(/[eE]/)
  const mantissa = lexeme.slice(negative ? 1 : 0, mark === -1 ? lexeme.length : mark)
  const point = mantissa.indexOf('.')
  const digits = point === -1 ? mantissa : mantissa.slice(0, point) + mantissa.slice(point + 1)
  // By hand, since `/0+$/` takes quadratic time on many zeros before a one.
  let start = 0
  while (start < digits.length && digits.charCodeAt(start) === 0x30) start++
  let end = digits.length
  while (end > start && digits.charCodeAt(end - 1) === 0x30) end--
  if (start === end) return '0'
  const exponent =
    (mark === -1 ? 0 : Number(lexeme.slice(mark + 1))) - (point === -1 ? 0 : mantissa.length - point - 1) + (digits.length - end)
  return `${negative ? '-' : ''}${digits.slice(start, end)}e${exponent}`
}
