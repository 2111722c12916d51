// The way in for a body: JSON, at most 256 KB, through the engine's input gate.
import { fault, parseJson, type Json } from '../engine/index.ts'

/** Bytes of a request body that are read at most. */
export const BODY_BYTES_MAX = 256 * 1024

/** The body as JSON. Throws `unsupported_media_type`, `payload_too_large` or `bad_json`, each naming what is wrong. */
export async function readJson(request: Request): Promise<Json> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw fault('unsupported_media_type', `send the body as \`application/json\`, not \`${(type ?? 'nothing').slice(0, 80)}\``)
  return parseJson(await readText(request))
}

async function readText(request: Request): Promise<string> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > BODY_BYTES_MAX) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  if (request.body !== null) {
    // The announced length may lie or be missing: what counts is what arrives.
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength
      if (size > BODY_BYTES_MAX) throw tooLarge()
      chunks.push(chunk)
    }
  }
  return decode(chunks.length === 1 ? chunks[0]! : joined(chunks, size))
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

function decode(bytes: Uint8Array): string {
  try {
    // INVARIANT: a byte order mark stays in the text, where the gate refuses it: two bodies never become the same text.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw fault('bad_json', 'the body is not UTF-8')
  }
}

function tooLarge() {
  return fault('payload_too_large', `a body may have ${BODY_BYTES_MAX} bytes`)
}
