// Signed statements of a ledger's size and root: a C2SP tlog-checkpoint as a C2SP signed note. Strict on the way in.
import { base64, base64url, concat, equalBytes, unbase64 } from './bytes.ts'
import type { Hash, Keyring, PublicKey } from './ports.ts'

/** What a checkpoint states: the ledger `origin` had `size` entries under `root`. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  /** When it was signed, by the signer's clock; null where it does not say. */
  readonly timestamp: string | null
}

/** A verified checkpoint, or why it is none. */
export type OpenedCheckpoint =
  | { readonly ok: true; readonly checkpoint: Checkpoint; readonly keyid: string }
  | { readonly ok: false; readonly problem: string }

/** A keyring, or published keys alone. */
export interface CheckpointKeys {
  readonly verify: Keyring['verify']
  readonly publicKeys: readonly PublicKey[]
}

const ED25519 = Uint8Array.of(1)
const TEXT_MAX = 16_384
const LINES_MAX = 32
const ROOT_BYTES = 32
const KEY_HASH_BYTES = 4
const SIGNATURE_BYTES = 64

/** The ledger's name in its checkpoints, and the name of the key that signs them: `enact.ledger/<team>`. */
export function originOf(teamId: string): string {
  return `enact.ledger/${teamId}`
}

/**
 * The text that is signed: origin, decimal size, base64 root, and optionally the extension line `timestamp <RFC 3339>`.
 * It begins with the origin, receipts' signed bytes with `DSSEv1 `: one key for both, and neither passes for the other.
 */
export function checkpointBody({ origin, size, root, timestamp }: Checkpoint): string {
  return `${origin}\n${size}\n${base64(root)}\n${timestamp === null ? '' : `timestamp ${timestamp}\n`}`
}

/** The checkpoint as a signed note, signed with the team's current Ed25519 key. */
export async function signCheckpoint(checkpoint: Checkpoint, keyring: Pick<Keyring, 'signEd25519'>, hash: Hash): Promise<string> {
  const body = checkpointBody(checkpoint)
  const { publicKey, signature } = await keyring.signEd25519(hash.utf8(body))
  return `${body}\n— ${checkpoint.origin} ${base64(concat(keyHash(checkpoint.origin, publicKey, hash), signature))}\n`
}

/**
 * The checkpoint in `text`, if one of these keys signed it for the ledger `origin`; never throws.
 * Signatures of unknown keys are passed over (witnesses may add theirs), a wrong one of a known key refuses the whole.
 */
export async function openCheckpoint(text: string, origin: string, keys: CheckpointKeys, hash: Hash): Promise<OpenedCheckpoint> {
  const note = splitNote(text)
  if (typeof note === 'string') return { ok: false, problem: note }
  const checkpoint = parseBody(note.body)
  if (typeof checkpoint === 'string') return { ok: false, problem: checkpoint }
  if (checkpoint.origin !== origin) return { ok: false, problem: `the checkpoint is of \`${checkpoint.origin}\`, not of \`${origin}\`` }
  let keyid: string | null = null
  for (const line of note.signatures) {
    const key = keys.publicKeys.find(
      ({ x }) => line.name === origin && equalBytes(line.keyHash, keyHash(origin, unbase64(x) ?? new Uint8Array(0), hash))
    )
    if (key === undefined) continue
    const signature = { keyid: key.kid, alg: 'Ed25519', sig: base64url(line.signature) } as const
    const [check] = line.signature.length === SIGNATURE_BYTES ? await keys.verify(hash.utf8(note.body), [signature]) : []
    if (check?.status !== 'valid') return { ok: false, problem: `the checkpoint's signature by \`${key.kid}\` is not over this checkpoint` }
    keyid = key.kid
  }
  return keyid === null ? { ok: false, problem: 'none of the keys given signed the checkpoint' } : { ok: true, checkpoint, keyid }
}

/** C2SP signed-note: SHA-256(name ‖ newline ‖ signature type ‖ public key), the first four bytes. */
function keyHash(name: string, publicKey: Uint8Array, hash: Hash): Uint8Array {
  return hash.sha256(concat(hash.utf8(`${name}\n`), ED25519, publicKey)).slice(0, KEY_HASH_BYTES)
}

interface SignatureLine {
  readonly name: string
  readonly keyHash: Uint8Array
  readonly signature: Uint8Array
}

/** Body and signature lines, or what is wrong with the note. */
function splitNote(text: string): { body: string; signatures: SignatureLine[] } | string {
  if (text.length > TEXT_MAX) return 'the checkpoint is too long'
  // oxlint-disable-next-line no-control-regex
  if (!text.isWellFormed() || /[\0-\x09\x0b-\x1f\x7f]/.test(text)) return 'the checkpoint holds control characters'
  const cut = text.lastIndexOf('\n\n')
  if (cut < 0 || !text.endsWith('\n')) return 'the checkpoint is not a signed note'
  const lines = text.slice(cut + 2, -1).split('\n')
  const signatures = lines.map(parseSignature)
  if (lines.length > LINES_MAX || signatures.includes(null)) return 'a signature line of the checkpoint is malformed'
  return { body: text.slice(0, cut + 1), signatures: signatures as SignatureLine[] }
}

function parseSignature(line: string): SignatureLine | null {
  const [, name, encoded] = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? []
  const bytes = encoded === undefined ? null : strictBase64(encoded)
  if (name === undefined || bytes === null || bytes.length <= KEY_HASH_BYTES) return null
  return { name, keyHash: bytes.slice(0, KEY_HASH_BYTES), signature: bytes.slice(KEY_HASH_BYTES) }
}

function parseBody(body: string): Checkpoint | string {
  const [origin = '', size = '', root = '', ...extensions] = body.slice(0, -1).split('\n')
  if (origin === '') return 'the checkpoint names no ledger'
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) return 'the checkpoint has no valid size'
  const bytes = strictBase64(root)
  if (bytes?.length !== ROOT_BYTES) return 'the checkpoint has no valid root'
  if (extensions.length > LINES_MAX || extensions.includes('')) return 'the checkpoint has malformed extension lines'
  const timestamp = extensions.find((line) => line.startsWith('timestamp '))?.slice('timestamp '.length) ?? null
  return { origin, size: Number(size), root: bytes, timestamp }
}

/** Padded standard base64 alone: one spelling per value, so that a note has one text. */
function strictBase64(text: string): Uint8Array | null {
  const bytes = unbase64(text)
  return bytes !== null && base64(bytes) === text ? bytes : null
}
