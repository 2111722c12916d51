// Calls to everybody, wherever a message hides them.
import type { Json } from '../../engine/index.ts'

// Format characters and everything else that is drawn as nothing.
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu
const CONTROL = /<!(channel|here|everyone|group|subteam\^)/
const PLAIN = /(?:^|[^\p{L}\p{N}_.@/-])@(channel|here|everyone|group)(?![\p{L}\p{N}_@-]|\.[\p{L}\p{N}])/u
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', commat: '@', excl: '!', num: '#' }
const DEPTH_MAX = 64

/** The first call to a whole channel, workspace or group of people in a text, in blocks at any depth, or in attachments; null where there is none. */
export function massMention(value: Json | undefined, depth = 0): string | null {
  if (typeof value === 'string') return inText(value)
  if (value === null || typeof value !== 'object') return null
  if (depth > DEPTH_MAX) return 'something too deep to be read'
  if (!Array.isArray(value)) {
    const { type, range } = value as { type?: Json; range?: Json }
    if (type === 'broadcast') return `@${typeof range === 'string' ? range : 'channel'}`
    if (type === 'usergroup') return 'a group of people'
  }
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    const found = massMention(item, depth + 1)
    if (found !== null) return found
  }
  return null
}

function inText(text: string): string | null {
  if (!/[@!&\u0080-\uffff]/.test(text)) return null
  const plain = reading(text)
  const control = CONTROL.exec(plain)
  if (control !== null) return control[1] === 'subteam^' ? 'a group of people' : `@${control[1]}`
  // What stands in backticks is shown, not called; a control sequence is not safe there.
  const called = PLAIN.exec(plain.replace(/`[^`\n]{1,200}`/g, ' '))
  return called === null ? null : `@${called[1]}`
}

/** The text as a lenient reader takes it: entities decoded, look-alikes and case folded, nothing invisible in between. */
function reading(text: string): string {
  let plain = text
  // Whoever encodes twice is decoded twice.
  for (let times = 0; times < 3 && plain.includes('&'); times++) plain = plain.replace(/&(#x?[0-9a-f]{1,7}|[a-z]{2,6});/gi, decoded)
  return (/[\u0080-\uffff]/.test(plain) ? plain.normalize('NFKC').replace(INVISIBLE, '') : plain).toLowerCase()
}

function decoded(entity: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? entity
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10)
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entity
}
