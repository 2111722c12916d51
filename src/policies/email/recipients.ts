// Who a message goes to, however it is written down.
import * as z from 'zod'
import { foldEmail } from '../../engine/index.ts'

/** One address, several in a text, or a list of them. */
export const Recipients = z.union([z.string(), z.array(z.string())]).optional()
export type Recipients = z.infer<typeof Recipients>

/** Every address once, folded. `"Lovelace, Ada" <ada@x.org>; bob@x.org` are two. */
export function recipientsOf(...given: readonly Recipients[]): readonly string[] {
  const texts = given.flatMap((one) => (one === undefined ? [] : typeof one === 'string' ? [one] : one))
  const addresses = texts.flatMap(split).map((part) => foldEmail(/<([^<>]*)>\s*$/.exec(part)?.[1] ?? part))
  return [...new Set(addresses.filter((address) => address !== ''))]
}

/** At commas, semicolons and line breaks that stand in no quotes; `Team: a@x, b@x;` is a group. */
function split(text: string): string[] {
  const parts: string[] = []
  let part = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!
    if (sign === '\\' && quoted) {
      part += sign + (text[++at] ?? '')
      continue
    }
    if (sign === '"') quoted = !quoted
    if (!quoted && (sign === ',' || sign === ';' || sign === '\n')) {
      parts.push(part)
      part = ''
    } else part += sign
  }
  return [...parts, part].map((one) => one.replace(/^\s*[^<>"@:]*:(?=[^/])/, '').trim()).filter((one) => one !== '')
}
