// The Keys port over the installation's one secret. Private keys stay in here; a team's are derived when first asked for.
import { randomBytes } from 'node:crypto'
import { base64url, concat, fault, hex, TeamId, unbase64, type Keyring, type Keys } from '../../engine/index.ts'
import { nodeHash } from '../hash/index.ts'
import { generationOf, type Generation } from './generation.ts'
import { hmacSha256, openAesGcm, sealAesGcm } from './primitives.ts'
import { publicKeyOf } from './public_verifier.ts'
import { checkSignatures, type CheckingKey } from './signing_keys.ts'

const NONCE_BYTES = 12
// A million team ids must not fill an isolate's memory; deriving a team's keys again costs under a millisecond.
const TEAMS_MAX = 500

export interface KeysOptions {
  /** Signs, seals and commits. Whether it is good enough, `checkSecret` says. */
  readonly secret: string
  /** Secrets that were in use before: they still verify and open, and never sign. */
  readonly previousSecrets?: readonly string[]
  readonly random?: (bytes: number) => Uint8Array
}

/** Keys of any number of teams from one secret: the same in Node and workerd, with nothing stored. */
export function webcryptoKeys({ secret, previousSecrets = [], random = randomBytes }: KeysOptions): Keys {
  if (!secret) throw fault('misconfigured', 'no secret is set: keys cannot be derived')
  const secrets = [...new Set([secret, ...previousSecrets])]
  const rings = new Map<string, Keyring>()
  return {
    async team(teamId) {
      const ring = rings.get(teamId) ?? keyring(teamId, secrets, random)
      // Taken out and put back: a Map keeps insertion order, so its first key is the one longest unused.
      rings.delete(teamId)
      rings.set(teamId, ring)
      if (rings.size > TEAMS_MAX) rings.delete(rings.keys().next().value!)
      return ring
    }
  }
}

/** The secrets of `ENACT_SECRET_PREVIOUS`, separated by commas. */
export function previousSecretsOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function keyring(teamId: string, secrets: readonly string[], random: (bytes: number) => Uint8Array): Keyring {
  if (!TeamId.safeParse(teamId).success) throw fault('invalid', `\`${teamId.slice(0, 80)}\` is not a team id`)
  const current = generationOf(secrets[0]!, teamId)
  // Derived when first needed: most requests only sign.
  let all: readonly Generation[] | undefined
  const generations = () => (all ??= [current, ...secrets.slice(1).map((secret) => generationOf(secret, teamId))])
  let checking: ReadonlyMap<string, CheckingKey> | undefined
  const checkingKeys = () =>
    (checking ??= new Map(generations().flatMap(({ hmac, ed25519 }) => [hmac, ed25519].map((key) => [key.keyid, key]))))
  const authenticated = (context: string) => nodeHash.utf8(JSON.stringify([teamId, context]))
  return {
    sign: async (bytes) => [current.hmac.sign(bytes), current.ed25519.sign(bytes)],
    verify: async (bytes, signatures) => checkSignatures(checkingKeys(), bytes, signatures),
    signEd25519: async (bytes) => ({
      keyid: current.ed25519.keyid,
      publicKey: current.ed25519.publicKey,
      signature: current.ed25519.signRaw(bytes)
    }),
    commit: async (bytes) => commitment(current, bytes),
    isCommitment: async (bytes, given) => generations().some((generation) => commitment(generation, bytes) === given),
    seal: async (plain, context) => {
      const nonce = random(NONCE_BYTES)
      const text = sealAesGcm(current.seal.key, nonce, plain, authenticated(context))
      return `v1.${current.seal.keyid}.${base64url(concat(nonce, text))}`
    },
    open: async (sealed, context) => openWith(generations(), sealed, authenticated(context)),
    publicKeys: async () => generations().map(({ ed25519 }) => publicKeyOf(ed25519.publicKey))
  }
}

function commitment({ digest }: Generation, bytes: Uint8Array): string {
  return `hmac-sha256:${hex(hmacSha256(digest, bytes))}`
}

function openWith(generations: readonly Generation[], sealed: string, authenticated: Uint8Array): Uint8Array {
  const [version, keyid, text, ...rest] = sealed.split('.')
  const bytes = version === 'v1' && text !== undefined && rest.length === 0 ? unbase64(text) : null
  if (bytes === null || bytes.length < NONCE_BYTES) throw fault('internal', 'this is not a sealed text')
  const found = generations.find(({ seal }) => seal.keyid === keyid)
  if (found === undefined)
    throw fault('misconfigured', 'sealed under a secret that is no longer set: add that one to ENACT_SECRET_PREVIOUS')
  const plain = openAesGcm(found.seal.key, bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES), authenticated)
  if (plain === null) throw fault('internal', 'the sealed text was changed, or belongs to another context')
  return plain
}
