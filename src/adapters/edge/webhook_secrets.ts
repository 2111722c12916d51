// The secrets of endpoints and of callbacks: made here, sealed at rest, opened only to sign.
import { timeText, type Hash, type Ids, type Keys, type WebhookSecret } from '../../engine/index.ts'
import { webhookKeys } from '../keys/webhook_crypto.ts'

/** For so long the secret before the current one signs along. */
export const PREVIOUS_SIGNS_MS = 86_400_000

/** A secret's columns. */
export interface SecretRow {
  readonly public_key: string
  readonly sealed: string
  readonly previous_sealed: string | null
  readonly previous_until: number | null
}

/** A fresh secret: what is shown once, and what is stored. */
export interface MadeSecret {
  readonly shown: Omit<WebhookSecret, 'previous_until'>
  readonly sealed: string
}

export interface WebhookSecrets {
  /** `owner` is the endpoint's id, or `callbacks`; the seal holds for it alone. `bytes` given, the secret is theirs, else it is random. */
  make(teamId: string, owner: string, bytes?: Uint8Array): Promise<MadeSecret>
  /** Every secret that signs now, the current first. */
  open(teamId: string, owner: string, row: SecretRow, now: number): Promise<string[]>
}

/** Secrets under each team's keyring. */
export function webhookSecrets({ keys, ids, hash }: { keys: Keys; ids: Ids; hash: Hash }): WebhookSecrets {
  const open = async (teamId: string, owner: string, sealed: string): Promise<string[]> =>
    JSON.parse(hash.text(await (await keys.team(teamId)).open(sealed, sealContext(teamId, owner)))) as string[]
  return {
    async make(teamId, owner, bytes = ids.random(64)) {
      const { secret, privateKey, publicKey } = webhookKeys(bytes.slice(0, 32), bytes.slice(32, 64))
      const plain = hash.utf8(JSON.stringify([secret, privateKey]))
      const sealed = await (await keys.team(teamId)).seal(plain, sealContext(teamId, owner))
      return { shown: { secret, public_key: publicKey }, sealed }
    },
    async open(teamId, owner, row, now) {
      const previous = row.previous_sealed !== null && (row.previous_until ?? 0) > now ? await open(teamId, owner, row.previous_sealed) : []
      return [...(await open(teamId, owner, row.sealed)), ...previous]
    }
  }
}

/** What is shown of a rotation. */
export function rotated({ shown }: MadeSecret, now: number): WebhookSecret {
  return { ...shown, previous_until: timeText(now + PREVIOUS_SIGNS_MS) }
}

function sealContext(teamId: string, owner: string): string {
  return `enact/webhook/${teamId}/${owner}`
}
