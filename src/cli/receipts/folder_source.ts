// Receipts of a folder, read offline. With ENACT_SECRET an export gets a signed checkpoint, and with it proofs.
import { nodeHash } from '../../adapters/hash/index.ts'
import { webcryptoKeys } from '../../adapters/keys/index.ts'
import { ledgerTree } from '../../adapters/ledger/index.ts'
import type { LedgerTree } from '../../adapters/ledger/index.ts'
import { fileReceipts, folderTeam, readFolder } from '../../adapters/receipts/index.ts'
import { checkChain, hex, leafOf, matchesFilter, originOf, ReceiptFilter, ReceiptQuery, signCheckpoint } from '../../engine/index.ts'
import type { InclusionProof, PublicKey, Receipt } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import type { ExportEntry } from './export_format.ts'
import { secretsOf } from './source.ts'
import type { ReceiptSource } from './source.ts'

/** The receipts in `dir`. */
export function folderSource(dir: string, context: Context): ReceiptSource {
  const store = fileReceipts(dir)
  const team = async () => {
    const found = await folderTeam(dir)
    if (found === null) throw exit('usage', `there are no receipts in \`${dir}\``)
    return found
  }
  const read = async () => {
    const report = await readFolder(dir)
    if (report === null) throw exit('usage', `there is no folder \`${dir}\``)
    return report
  }
  return {
    list: async (query) => store.list(await team(), ReceiptQuery.parse(query)),
    get: async (runId, revision) => store.get(await team(), runId, revision),
    async export(filter) {
      const report = await read()
      const problems = [
        ...report.problems,
        ...report.receipts.flatMap(({ file, problem }) => (problem === null ? [] : `${file}: ${problem}`))
      ]
      const receipts = report.receipts.flatMap(({ receipt }) => receipt ?? [])
      const teamId = await team()
      const signed = await signedTree(teamId, receipts, context)
      const wanted = ReceiptFilter.parse(filter)
      const header = {
        type: 'enact.export' as const,
        version: 1 as const,
        team_id: teamId,
        exported_at: new Date().toISOString(),
        selection: Object.keys(filter).length === 0 ? null : { ...filter },
        keys: [...signed.keys],
        checkpoint: signed.checkpoint
      }
      return {
        header,
        entries: proven(
          receipts.filter((receipt) => matchesFilter(receipt, wanted, Date.now())),
          signed.tree
        ),
        problems
      }
    },
    async evidence(runId) {
      const report = await read()
      const all = report.receipts.map(({ file, receipt }) => ({ label: file, value: receipt as unknown, proof: null }))
      const problems = [
        ...report.problems,
        ...report.receipts.flatMap(({ file, problem }) => (problem === null ? [] : `${file}: ${problem}`))
      ]
      const items =
        runId === null ? all.filter(({ value }) => value !== null) : all.filter(({ value }) => (value as Receipt | null)?.run_id === runId)
      return { items, keys: [], checkpoint: null, complete: runId === null, problems, notes: report.notes }
    }
  }
}

interface SignedTree {
  readonly keys: readonly PublicKey[]
  readonly checkpoint: string | null
  /** Null where nothing can be proven: without the secret, or where the ledger is not whole. */
  readonly tree: LedgerTree | null
}

async function signedTree(teamId: string, receipts: readonly Receipt[], context: Context): Promise<SignedTree> {
  const secrets = secretsOf(context)
  if (secrets === null) {
    context.note('without ENACT_SECRET the export has no keys, no checkpoint and no proofs')
    return { keys: [], checkpoint: null, tree: null }
  }
  const ring = await webcryptoKeys({ secret: secrets[0], previousSecrets: secrets.slice(1) }).team(teamId)
  const keys = await ring.publicKeys()
  const places = receipts.flatMap(({ ledger }) => ledger ?? [])
  if (!checkChain(places, nodeHash).whole) {
    context.note("the folder's ledger is not whole: the export has no checkpoint and no proofs (see `enact receipts verify`)")
    return { keys, checkpoint: null, tree: null }
  }
  const tree = ledgerTree(nodeHash)
  // Leaves come from the receipts as they are now: a checkpoint signs nothing that a changed file only says of itself.
  for (const receipt of receipts.toSorted((a, b) => a.ledger!.seq - b.ledger!.seq)) tree.append(leafOf(receipt, nodeHash))
  const timestamp = new Date().toISOString()
  return {
    keys,
    checkpoint: await signCheckpoint({ origin: originOf(teamId), size: tree.size, root: tree.root(), timestamp }, ring, nodeHash),
    tree
  }
}

async function* proven(receipts: readonly Receipt[], tree: LedgerTree | null): AsyncGenerator<ExportEntry> {
  for (const receipt of receipts) {
    const place = receipt.ledger
    const proof: InclusionProof | null =
      tree === null || place === undefined
        ? null
        : { seq: place.seq, tree_size: tree.size, leaf: place.leaf, path: tree.inclusion(place.seq, tree.size).map(hex), checkpoint: null }
    yield { receipt, proof }
  }
}
