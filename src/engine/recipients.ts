// Who a message goes to, however it is written down: policies, locks, past receipts and the connector that sends read it here, all the same.
import { foldEmail } from './approval_people.ts'
import { asciiDomain } from './idn.ts'
import type { Json } from './schema.ts'

/** Every mailbox as it is written, without its name: `"Lovelace, Ada" <ada@x.org>; Bob@x.org` gives two. What is no text gives none. */
export function mailboxesOf(...given: readonly (Json | undefined)[]): readonly string[] {
  const texts = given.flatMap((one) => (Array.isArray(one) ? one : [one])).filter((one) => typeof one === 'string')
  return texts
    .flatMap(split)
    .map((part) => (/<([^<>]*)>\s*$/.exec(part)?.[1] ?? part).trim())
    .filter((mailbox) => mailbox !== '')
}

/** Every address once, folded: spellings that reach one box are one. */
export function recipientsOf(...given: readonly (Json | undefined)[]): readonly string[] {
  return [...new Set([...new Set(mailboxesOf(...given))].map(foldMailbox))]
}

/** One spelling for one mailbox, its domain as the network knows it. */
function foldMailbox(mailbox: string): string {
  const folded = foldEmail(mailbox)
  const at = folded.lastIndexOf('@')
  return at === -1 ? folded : `${folded.slice(0, at)}@${asciiDomain(folded.slice(at + 1))}`
}

/** The domain of a folded address; null where it has none. */
export function domainOf(address: string): string | null {
  const at = address.lastIndexOf('@')
  return at <= 0 || at === address.length - 1 ? null : address.slice(at + 1)
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
  return [...parts, part].map((one) => withoutGroup(one.trimStart()).trim()).filter((one) => one !== '')
}

/** Without `Team:` at its beginning. What it is given begins with no space: a pattern that skips them itself takes quadratic time on a text of spaces. */
function withoutGroup(part: string): string {
  return part.replace(/^[^<>"@:]*:(?=[^/])/, '')
}
