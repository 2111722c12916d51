// Secrets never reach a receipt: finding them in texts, and taking them out of values before those are signed.
import { SECRET_SHAPES, type SecretShape } from './secret_shapes.ts'
import type { Json, JsonObject } from './schema.ts'

/** Where a secret stands in a text. */
export interface FoundSecret {
  readonly shape: string
  readonly index: number
  readonly length: number
}

const BY_ANCHOR = new Map<string, readonly SecretShape[]>()
for (const shape of SECRET_SHAPES) for (const anchor of shape.anchors) BY_ANCHOR.set(anchor, [...(BY_ANCHOR.get(anchor) ?? []), shape])
// Longest first: `sk-ant-` before `sk-`, whose row does not know that form.
const ANCHORS = [...BY_ANCHOR.keys()].sort((a, b) => b.length - a.length)
const ANCHOR = new RegExp(ANCHORS.map((anchor) => anchor.replaceAll(/[.]/g, '\\.')).join('|'), 'g')
// Every form has this many of these characters in a row, or stands behind one of the landmarks.
const LANDMARKS = ['://', 'uthorization', 'ENACT_SECRET']
const RUN_MIN = 15
const IN_RUN = Array.from({ length: 128 }, (_, code) => /[A-Za-z0-9_.%/+-]/.test(String.fromCharCode(code)))

const DEPTH_MAX = 64
const SECRET_NAMES = new Set(
  (
    'password passwd pwd passphrase passwordhash passwords secret secrets credential credentials token accesstoken refreshtoken idtoken authtoken ' +
    'bearertoken apitoken sessiontoken bottoken usertoken csrftoken apikey apikeys accesskey secretkey privatekey signingkey encryptionkey masterkey ' +
    'authorization proxyauthorization cookie setcookie connectionstring xapikey xenactapikey ' +
    // Base64 hides from everything above what it holds: bytes of files are no part of a receipt.
    'contentbase64'
  ).split(' ')
)
// Whatever stands before them (`db_password`, `STRIPE_API_KEY`, `clientSecret`): `secretary` and `token_count` end otherwise.
const SECRET_ENDINGS = [
  'password',
  'passphrase',
  'secret',
  'apikey',
  'privatekey',
  'secretkey',
  'accesskey',
  'accesstoken',
  'refreshtoken',
  'authtoken',
  'apitoken',
  'bottoken'
]

// Receipts have the same few hundred keys; looking at each again would cost more than the rest.
const KNOWN_NAMES = new Map<string, { readonly shown: string; readonly secret: boolean }>()

/** Every secret-shaped part of a text, first to last, none overlapping; linear time, whatever the text. */
export function findSecrets(text: string): FoundSecret[] {
  if (!mayHoldSecret(text)) return []
  const found: FoundSecret[] = []
  let from = 0
  for (let next = firstSecret(text); next !== null; next = firstSecret(text.slice(from))) {
    const { shape, start, index, length } = next
    // Surroundings may hold one too: `https://<token>:<password>@host`.
    for (const inside of findSecrets(text.slice(from + start + 1, from + index)))
      found.push({ ...inside, index: from + start + 1 + inside.index })
    found.push({ shape, index: from + index, length })
    // The rest is looked at by itself: where one secret ends another may begin, though a letter precedes it.
    from += index + length
  }
  return found
}

/** The text with each secret replaced by `[redacted:<shape>]`. */
export function redactText(text: string): string {
  const found = findSecrets(text)
  let clean = ''
  let from = 0
  for (const { shape, index, length } of found) {
    clean += `${text.slice(from, index)}[redacted:${shape}]`
    from = index + length
  }
  return from === 0 ? text : clean + text.slice(from)
}

/**
 * The value without anything secret: secret-shaped parts of texts and keys, and whatever stands under a secret's name.
 * Doing it again changes nothing; a value without secrets comes back as it was, not copied.
 */
export function redact(value: JsonObject): { value: JsonObject; redacted: boolean } {
  const clean = cleaned(value, 0) as JsonObject
  return { value: clean, redacted: clean !== value }
}

/** Whether what stands under this key is a secret by its name, however it is written: `api_key`, `apiKey`, `X-Api-Key`. */
export function isSecretName(key: string): boolean {
  // What a secret in a key was replaced by is no name: `[redacted:url_password]` names no password.
  const plain = key.toLowerCase().replaceAll(/\[redacted:\w+\]|[^a-z0-9]/g, '')
  return SECRET_NAMES.has(plain) || SECRET_ENDINGS.some((ending) => plain.endsWith(ending))
}

/** The first secret, and where its surroundings start. */
function firstSecret(text: string): (FoundSecret & { readonly start: number }) | null {
  ANCHOR.lastIndex = 0
  for (let hit = ANCHOR.exec(text); hit !== null; hit = ANCHOR.exec(text)) {
    const start = hit.index
    for (const { name, pattern } of BY_ANCHOR.get(hit[0])!) {
      pattern.lastIndex = start
      const place = pattern.exec(text)?.indices
      const [index, end] = place?.[1] ?? place?.[0] ?? [0, 0]
      if (end > 0) return { shape: name, start, index, length: end - index }
    }
    ANCHOR.lastIndex = start + 1
  }
  return null
}

/** False for nearly all prose at a tenth of the cost of looking: it steps through the text by the length of a run. */
function mayHoldSecret(text: string): boolean {
  let at = RUN_MIN - 1
  while (at < text.length) {
    let before = at
    while (before > at - RUN_MIN && IN_RUN[text.charCodeAt(before)] === true) before--
    if (before === at - RUN_MIN) return true
    at = before + RUN_MIN
  }
  return LANDMARKS.some((landmark) => text.includes(landmark))
}

function cleaned(value: Json, depth: number): Json {
  if (typeof value === 'string') return redactText(value)
  if (value === null || typeof value !== 'object') return value
  // What is too deep to be looked at is too deep to be shown.
  if (depth === DEPTH_MAX) return '[redacted:depth]'
  return Array.isArray(value) ? cleanedArray(value, depth) : cleanedObject(value as JsonObject, depth)
}

function cleanedArray(items: readonly Json[], depth: number): readonly Json[] {
  let copy: Json[] | null = null
  for (let i = 0; i < items.length; i++) {
    const clean = cleaned(items[i]!, depth + 1)
    if (copy === null && clean !== items[i]) copy = items.slice(0, i)
    copy?.push(clean)
  }
  return copy ?? items
}

function cleanedObject(value: JsonObject, depth: number): JsonObject {
  const keys = Object.keys(value)
  let copy: [string, Json][] | null = null
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    const item = value[key]!
    const { shown, secret } = lookAtName(key)
    const clean = secret && tellsSomething(item) ? '[redacted:key]' : cleaned(item, depth + 1)
    if (copy === null && (shown !== key || clean !== item)) copy = keys.slice(0, i).map((before) => [before, value[before]!])
    copy?.push([shown, clean])
  }
  return copy === null ? value : Object.fromEntries(distinct(copy))
}

function lookAtName(key: string): { readonly shown: string; readonly secret: boolean } {
  const known = KNOWN_NAMES.get(key)
  if (known !== undefined) return known
  const shown = redactText(key)
  const seen = { shown, secret: isSecretName(shown) }
  if (KNOWN_NAMES.size < 1000 && key.length <= 64) KNOWN_NAMES.set(key, seen)
  return seen
}

/** `null`, `true`, `false` and an empty text are no secret, and say that one is set or not. */
function tellsSomething(item: Json): boolean {
  return item !== null && item !== '' && typeof item !== 'boolean'
}

/** Keys that have become the same get a number, so that no member is lost. */
function distinct(members: readonly [string, Json][]): [string, Json][] {
  const seen = new Set<string>()
  return members.map(([key, item]) => {
    let name = key
    for (let i = 2; seen.has(name); i++) name = `${key} ${i}`
    seen.add(name)
    return [name, item]
  })
}
