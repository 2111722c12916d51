// Text forms of bytes, without anything of a host.

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += HEX[bytes[i]!]
  return text
}

/** The bytes of lower- or upper-case hexadecimal; null where it is not. */
export function unhex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16)
  return bytes
}

/** RFC 4648 §4, padded. */
export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += BASE64[word >> 18]! + BASE64[(word >> 12) & 63]!
    text += i + 1 < bytes.length ? BASE64[(word >> 6) & 63]! : '='
    text += i + 2 < bytes.length ? BASE64[word & 63]! : '='
  }
  return text
}

/** RFC 4648 §5, without padding. */
export function base64url(bytes: Uint8Array): string {
  return base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** The bytes of canonical base64 or base64url, padded or not; null where it is neither. */
export function unbase64(text: string): Uint8Array | null {
  const plain = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/={1,2}$/, '')
  const isPadded = plain.length !== text.length
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1 || (isPadded && text.length % 4 !== 0)) return null
  const bytes = new Uint8Array(Math.floor((plain.length * 3) / 4))
  let word = 0
  let bits = 0
  let at = 0
  for (const letter of plain) {
    word = ((word << 6) | BASE64.indexOf(letter)) & 0xffffff
    bits += 6
    if (bits >= 8) bytes[at++] = (word >> (bits -= 8)) & 0xff
  }
  // INVARIANT: one text per value. Left-over bits that are not zero would let two texts mean the same bytes.
  return (word & ((1 << bits) - 1)) === 0 ? bytes : null
}

/** All parts, one after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Whether both are the same bytes, in time that depends on the length alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!
  return difference === 0
}
