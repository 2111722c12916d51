// The way in for a body: JSON, at most 256 KB, through the engine's input gate.
import { decodeUtf8, fault, JSON_LIMITS, parseJsonBytes, type Hash, type Json } from '../engine/index.ts'

/** The body as JSON; no body at all is `{}` where `isOptional`. Throws `unsupported_media_type`, `payload_too_large` or `bad_json`, each naming what is wrong. */
export async function readJson(request: Request, hash: Hash, isOptional: boolean): Promise<Json> {
  const bytes = await readBytes(request)
  if (isOptional && bytes.length === 0) return {}
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    throw fault('unsupported_media_type', `send the body as \`application/json\`, not \`${(type ?? 'nothing').slice(0, 80)}\``)
  return parseJsonBytes(bytes, hash)
}

/** The body as text, whatever its type: for forms, and for what is signed as it came. Throws as `readJson` does. */
export async function readText(request: Request, hash: Hash): Promise<string> {
  return decodeUtf8(await readBytes(request), hash)
}

async function readBytes(request: Request): Promise<Uint8Array> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > JSON_LIMITS.bytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  if (request.body !== null) {
    // The announced length may lie or be missing: what counts is what arrives.
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength
      if (size > JSON_LIMITS.bytes) throw tooLarge()
      chunks.push(chunk)
    }
  }
  return chunks.length === 1 ? chunks[0]! : joined(chunks, size)
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

function tooLarge() {
  return fault('payload_too_large', `a body may have ${JSON_LIMITS.bytes} bytes`)
}
