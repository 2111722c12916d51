// SHA-256 and UTF-8 as the engine wants them: in place, since trees and chains hash step by step.
import { sha256 } from '@noble/hashes/sha2.js'
import { webHash } from '../../client/published_keys.ts'
import type { Hash } from '../../engine/ports.ts'

export const browserHash: Hash = { ...webHash, sha256: (data) => sha256(data) }

let able: Promise<boolean> | undefined

/** Whether this browser can check Ed25519; asked once, with a key and signature of RFC 8032 that are right. */
export function canCheckEd25519(): Promise<boolean> {
  able ??= tryEd25519()
  return able
}

// RFC 8032, section 7.1, test 1: the signature of nothing.
const KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
const SIGNATURE =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'

async function tryEd25519(): Promise<boolean> {
  try {
    const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
    const key = await crypto.subtle.importKey('raw', bytes(KEY), { name: 'Ed25519' }, false, ['verify'])
    return await crypto.subtle.verify({ name: 'Ed25519' }, key, bytes(SIGNATURE), new Uint8Array(0))
  } catch {
    return false
  }
}
