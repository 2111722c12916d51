// A folder of receipts as the installation that the Worker's own routes ask: the same queries, the same shapes, and nothing that writes.
import { systemClock } from '../../adapters/clock/system.ts'
import { nodeHash } from '../../adapters/hash/index.ts'
import { uuidIds } from '../../adapters/ids/uuid.ts'
import { webcryptoKeys } from '../../adapters/keys/index.ts'
import { fileReceipts, folderIndex, folderTeam, type FolderIndex } from '../../adapters/receipts/index.ts'
import {
  hex,
  originOf,
  signCheckpoint,
  fault,
  type InclusionProof,
  type Keyring,
  type PublicKey,
  type Receipt,
  type SignedCheckpoint
} from '../../engine/index.ts'
import type { Host } from '../../http/host.ts'
import { folderViews } from './folder_views.ts'

/** The parts of a host that reading needs. */
export type FolderParts = Pick<Host, 'receipts' | 'directory' | 'ledger'> & {
  readonly ports: Pick<Host['ports'], 'clock' | 'hash' | 'ids' | 'keys'>
}

/** What is known of who signed. */
export interface FolderTrust {
  /** ENACT_SECRET and its predecessors: checks the HMAC and signs checkpoints. */
  readonly secrets: readonly [string, ...string[]] | null
  /** Published keys that were given; those of the secret need not be. */
  readonly keys: readonly PublicKey[]
}

export interface FolderHost {
  /** The team whose ledger it is; null while there is no receipt. */
  team(): Promise<string | null>
  readonly parts: FolderParts
  /** One revision, or the newest, with the proof of its place where there is one. */
  evidence(runId: string): Promise<{ receipt: Receipt; proof: InclusionProof | null; treeProblem: string | null } | null>
  /** Reads everything once, so that searches find it in memory. */
  warm(): Promise<void>
}

/** The folder `dir`, of which nothing is changed. */
export function folderHost(dir: string, trust: FolderTrust): FolderHost {
  const index = folderIndex(dir)
  const store = fileReceipts(dir)
  const own = trust.secrets === null ? null : webcryptoKeys({ secret: trust.secrets[0], previousSecrets: trust.secrets.slice(1) })
  let known: string | null = null
  const team = async () => (known ??= await folderTeam(dir))
  const notary = checkpointSigner(index, own)

  /** Against the whole tree as it is now. */
  async function proof(teamId: string, runId: string): Promise<InclusionProof | null> {
    const receipt = await store.get(teamId, runId)
    if (receipt === null) return null
    await index.refresh()
    const { tree, problem } = await index.tree()
    if (tree === null) throw fault('signature_invalid', `nothing can be proven: ${problem}`)
    const { seq, leaf } = receipt.ledger ?? { seq: tree.size, leaf: '' }
    if (seq >= tree.size) throw fault('signature_invalid', 'nothing can be proven: the receipt has no place in the folder’s ledger')
    const checkpoint = (await notary(teamId))?.note ?? null
    return { seq, tree_size: tree.size, leaf, path: tree.inclusion(seq, tree.size).map(hex), checkpoint }
  }

  const parts: FolderParts = {
    ports: {
      clock: systemClock,
      hash: nodeHash,
      ids: uuidIds,
      keys: { team: async (teamId) => (own === null ? ({ publicKeys: async () => trust.keys } as unknown as Keyring) : own.team(teamId)) }
    },
    directory: {
      team: async (teamId: string) => ((await team()) === teamId ? { team_id: teamId, name: dir, parent: null, created_at: '' } : null),
      teams: async () => {
        const teamId = await team()
        return teamId === null ? [] : [{ team_id: teamId, name: dir, parent: null, created_at: '' }]
      }
    } as Partial<Host['directory']> as Host['directory'],
    receipts: folderViews(index) as Host['receipts'],
    ledger: {
      latest: (teamId: string, runId: string) => store.get(teamId, runId),
      revision: (teamId: string, runId: string, revision: number) => store.get(teamId, runId, revision),
      proof,
      async checkpoints(teamId: string, below: number | null) {
        const signed = await notary(teamId)
        return signed === null || (below !== null && signed.tree_size >= below) ? [] : [signed]
      },
      project: () => index.refresh()
    } as Partial<Host['ledger']> as Host['ledger']
  }

  return {
    team,
    parts,
    async evidence(runId) {
      const teamId = await team()
      const receipt = teamId === null ? null : await store.get(teamId, runId)
      if (receipt === null) return null
      try {
        return { receipt, proof: await proof(teamId!, runId), treeProblem: null }
      } catch (error) {
        return {
          receipt,
          proof: null,
          treeProblem: error instanceof Error ? error.message.replace(/^signature_invalid: /, '') : String(error)
        }
      }
    },
    async warm() {
      await index.refresh()
      await index.tree()
    }
  }
}

/** The checkpoint over everything there is, signed once for each size; null without a secret, or where the ledger is not whole. */
function checkpointSigner(
  index: FolderIndex,
  own: { team(teamId: string): Promise<Keyring> } | null
): (teamId: string) => Promise<SignedCheckpoint | null> {
  let last: SignedCheckpoint | null = null
  return async (teamId) => {
    if (own === null) return null
    await index.refresh()
    const { tree } = await index.tree()
    if (tree === null) return null
    if (last?.tree_size === tree.size) return last
    const created_at = new Date().toISOString()
    const [size, root] = [tree.size, tree.root()]
    const note = await signCheckpoint({ origin: originOf(teamId), size, root, timestamp: created_at }, await own.team(teamId), nodeHash)
    return (last = { tree_size: size, root_hash: hex(root), created_at, note })
  }
}
