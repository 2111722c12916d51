// Writing an export of receipts: everything that `enact receipts verify` needs later, in one file, with no server and no secret.
//
// NDJSON, one JSON value a line:
//   {"type":"enact.export","version":1,"team_id":…,"exported_at":…,"selection":{filter}|null,"keys":[JWK…],"checkpoint":note|null}
//   {"type":"enact.receipt","receipt":{…},"proof":{seq,tree_size,leaf,path,checkpoint}|null}      one for each receipt
//   {"type":"enact.end","count":n}
// JSON: the first line's object with `"entries":[{receipt, proof}…]` beside. A proof whose own `checkpoint` is null is against the
// export's. `selection` null claims the whole ledger, which the signed checkpoint's size holds it to.
import { safeJson } from './escaped.ts'
import type { InclusionProof } from './ledger.ts'
import type { PublicKey } from './ports.ts'
import type { JsonObject, Receipt } from './schema.ts'

/** What an export says of itself. */
export interface ExportHeader {
  readonly type: 'enact.export'
  readonly version: 1
  readonly team_id: string
  readonly exported_at: string
  readonly selection: JsonObject | null
  readonly keys: readonly PublicKey[]
  readonly checkpoint: string | null
}

/** A receipt and the proof of its place, where there is one. */
export interface ExportEntry {
  readonly receipt: Receipt
  readonly proof: InclusionProof | null
}

/** The lines of an NDJSON export, as they become known. */
export async function* exportLines(header: ExportHeader, entries: AsyncIterable<ExportEntry>): AsyncGenerator<string> {
  yield safeJson(header, 0)
  let count = 0
  for await (const { receipt, proof } of entries) {
    yield safeJson({ type: 'enact.receipt', receipt, proof }, 0)
    count++
  }
  yield safeJson({ type: 'enact.end', count }, 0)
}

/** The lines of a JSON export, which together are one object. */
export async function* exportObject(header: ExportHeader, entries: AsyncIterable<ExportEntry>): AsyncGenerator<string> {
  yield `${safeJson(header, 0).slice(0, -1)},"entries":[`
  let separator = ''
  for await (const entry of entries) {
    yield separator + safeJson(entry, 0)
    separator = ','
  }
  yield ']}'
}
