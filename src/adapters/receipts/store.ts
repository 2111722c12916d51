// What the embedded stores of receipts have in common.
import { fault, parseInput, Receipt, RunId } from '../../engine/index.ts'
import type { Ledger, LedgerPlace, Receipts } from '../../engine/index.ts'

/** A ledger whose receipts can be read: what `new EnactClient({ receipts })` takes. */
export interface ReceiptStore extends Ledger, Receipts {}

/** The receipt that is to be stored, without a place of its own; throws fault `invalid` where it is none, or not this team's. */
export function checkReceipt(teamId: string, receipt: Receipt): Receipt {
  parseInput(Receipt, receipt)
  if (receipt.team_id !== teamId) throw fault('invalid', `the receipt is of team \`${receipt.team_id}\`, not of \`${teamId}\``)
  const { ledger: _, ...unplaced } = receipt
  return unplaced
}

/** The place of the receipt that is stored under the same id; throws `receipt_conflict` where it says something else. */
export function samePlace(stored: Receipt, leaf: string): LedgerPlace {
  if (stored.ledger?.leaf === leaf) return stored.ledger
  throw fault('receipt_conflict', `another receipt is stored as revision ${stored.revision} of run \`${stored.run_id}\``)
}

/** Whether a text can be a run's id at all; what cannot is never part of a path. */
export function isRunId(text: string): boolean {
  return RunId.safeParse(text).success
}
