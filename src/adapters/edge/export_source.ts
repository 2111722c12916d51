// What an export asks, answered by the team's ledger and keys.
import type { LedgerCalls } from '../../../durable/ledger.ts'
import { base64url, type ExportAnswer, type ExportAsk, type Keys } from '../../engine/index.ts'

type Asked = Exclude<ExportAsk, { about: 'digest' }>
type Answers = {
  readonly [K in Asked['about']]: (
    teamId: string,
    ask: Extract<Asked, { about: K }>
  ) => Promise<Extract<ExportAnswer, { about: K }>['answer']>
}

/** Answers over the ledgers of all teams. */
export function exportSource(namespace: DurableObjectNamespace, keys: Keys): (teamId: string, ask: Asked) => Promise<ExportAnswer> {
  const ledger = (teamId: string) => namespace.get(namespace.idFromName(teamId)) as unknown as LedgerCalls
  const answers: Answers = {
    range: (teamId, { from, to }) => ledger(teamId).exportRange(from, to),
    entries: (teamId, { from, to, tree_size }) => ledger(teamId).exportEntries(from, to, tree_size),
    head: (teamId) => ledger(teamId).exportHead(),
    erasures: (teamId, { run_ids, tree_size }) => ledger(teamId).exportErasures(run_ids, tree_size),
    checkpoints: (teamId, { after, up_to, previous }) => ledger(teamId).exportCheckpoints(after, up_to, previous),
    keys: async (teamId) => (await keys.team(teamId)).publicKeys(),
    async signature(teamId, { bytes }) {
      const { keyid, signature } = await (await keys.team(teamId)).signEd25519(bytes)
      return { keyid, alg: 'Ed25519', sig: base64url(signature) }
    }
  }
  return async (teamId, ask) => {
    const answer = await (answers[ask.about] as (teamId: string, ask: Asked) => Promise<unknown>)(teamId, ask)
    return { about: ask.about, answer } as ExportAnswer
  }
}
