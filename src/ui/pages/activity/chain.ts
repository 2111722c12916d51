// `Live · chain verified 09:41`: verifies the newest checkpoint now and then, in the background, and says so in the bar.
import type { PublicKey } from '../../../engine/ports.ts'
import type { Receipt } from '../../../engine/schema.ts'
import type { Seen } from '../../verify/check_head.ts'
import { get } from '../../shell/api.ts'

interface Checkpoints {
  readonly data: readonly { readonly tree_size: number; readonly note: string }[]
}

/** `text` null = there is nothing to verify (yet). */
export interface ChainState {
  readonly isBroken: boolean
  readonly text: string | null
}

/** Loads the verifier when it is first called. Never throws. */
export async function verifyChain(teamId: string, receipts: readonly Receipt[]): Promise<ChainState> {
  try {
    const [{ data }, { keys }, { checkHead }] = await Promise.all([
      get<Checkpoints>('/checkpoints', { limit: 1 }),
      get<{ keys: readonly PublicKey[] }>('/.well-known/enact-keys.json', { team: teamId }),
      import('../../verify/index.ts')
    ])
    const [newest] = data
    if (newest === undefined) return { isBroken: false, text: null }
    const seen = recall(teamId, keys)
    const { size, root, problems } = await checkHead({ teamId, note: newest.note, keys, head: null, receipts, seen })
    if (problems === null) return { isBroken: false, text: null }
    if (problems.length > 0) return { isBroken: true, text: problems[0]! }
    remember(teamId, keys, { size, root })
    const now = new Date()
    return {
      isBroken: false,
      text: `chain verified ${[now.getHours(), now.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':')}`
    }
  } catch {
    // Where nothing answers, the list says so.
    return { isBroken: false, text: null }
  }
}

/** By the first key too: an installation that began anew under the same name is another ledger. */
function nameOf(teamId: string, keys: readonly PublicKey[]): string {
  return `enact.ledger.${teamId}.${keys[0]?.kid ?? ''}`
}

function recall(teamId: string, keys: readonly PublicKey[]): Seen | null {
  try {
    const found = JSON.parse(localStorage.getItem(nameOf(teamId, keys)) ?? 'null') as Seen | null
    return typeof found?.size === 'number' && typeof found.root === 'string' ? found : null
  } catch {
    return null
  }
}

function remember(teamId: string, keys: readonly PublicKey[], seen: Seen): void {
  try {
    localStorage.setItem(nameOf(teamId, keys), JSON.stringify(seen))
  } catch {
    // Without a memory each checkpoint stands for itself.
  }
}
