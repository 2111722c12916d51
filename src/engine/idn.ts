// Domains as the network knows them: letters beyond ASCII as Punycode (RFC 3492), so that one domain has one spelling.

const BASE = 36
const T_MIN = 1
const T_MAX = 26
const SKEW = 38
const DAMP = 700
const BIAS = 72
const FIRST = 128
const LABEL_MAX = 63

/** `Bücher.example.` is `xn--bcher-kva.example`. Folds look-alikes of width and case; what no name can be stays as it is. */
export function asciiDomain(domain: string): string {
  const folded = domain
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\u3002\uff0e\uff61]/g, '.')
    .replace(/\.$/, '')
  if (!/[^\p{ASCII}]/u.test(folded)) return folded
  return folded.split('.').map(asciiLabel).join('.')
}

function asciiLabel(label: string): string {
  if (!/[^\p{ASCII}]/u.test(label) || label.length > LABEL_MAX) return label
  return `xn--${punycode(label)}`
}

/** RFC 3492, section 6.3. */
function punycode(label: string): string {
  const points = [...label].map((letter) => letter.codePointAt(0)!)
  const basic = points.filter((point) => point < FIRST)
  let output = String.fromCharCode(...basic) + (basic.length > 0 ? '-' : '')
  let n = FIRST
  let delta = 0
  let bias = BIAS
  let done = basic.length
  while (done < points.length) {
    const next = Math.min(...points.filter((point) => point >= n))
    delta += (next - n) * (done + 1)
    n = next
    for (const point of points) {
      if (point < n) delta++
      if (point !== n) continue
      output += variable(delta, bias)
      bias = adapted(delta, done + 1, done === basic.length)
      delta = 0
      done++
    }
    delta++
    n++
  }
  return output
}

function variable(delta: number, bias: number): string {
  let text = ''
  let rest = delta
  for (let k = BASE; ; k += BASE) {
    const t = Math.min(Math.max(k - bias, T_MIN), T_MAX)
    if (rest < t) return text + digit(rest)
    text += digit(t + ((rest - t) % (BASE - t)))
    rest = Math.floor((rest - t) / (BASE - t))
  }
}

function adapted(given: number, points: number, isFirst: boolean): number {
  let delta = isFirst ? Math.floor(given / DAMP) : Math.floor(given / 2)
  delta += Math.floor(delta / points)
  let k = 0
  for (; delta > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) delta = Math.floor(delta / (BASE - T_MIN))
  return k + Math.floor(((BASE - T_MIN + 1) * delta) / (delta + SKEW))
}

function digit(value: number): string {
  return String.fromCharCode(value < 26 ? value + 97 : value + 22)
}
