// What the demo claims, each claim held against what was seen. It ends well only where all of them hold.
import type { ActionTaken } from '../../engine/index.ts'
import type { Act, Acts, Rollback } from './acts.ts'
import { CUSTOMERS, EXPIRED, missingFrom, type Customer } from './customers.ts'
import type { Proof } from './evidence.ts'

/** One claim. */
export interface Check {
  readonly claim: string
  readonly held: boolean
}

/** Every claim, in the order of the acts. */
export function checksOf({ block, pass, rollback }: Acts, proof: Proof): Check[] {
  return [...ofBlock(block), ...ofPass(pass), ...ofRollback(rollback, pass), ...ofProof(proof)]
}

function ofBlock({ answer, before, after }: Act): Check[] {
  return [
    { claim: `customers has ${CUSTOMERS} rows to begin with`, held: before.rows === CUSTOMERS },
    {
      claim: 'the DELETE without WHERE is a BLOCK, and has done nothing',
      held: answer.decision === 'BLOCK' && answer.outcome === 'NONE' && answer.receipt.actions_taken.length === 0
    },
    {
      claim: 'it is the policy that says no, with a reason and a remedy',
      held: answer.receipt.policy_results.some(({ effect, remedy }) => effect === 'deny' && remedy !== undefined)
    },
    { claim: 'Postgres has the same rows as before', held: before.checksum === after.checksum }
  ]
}

function ofPass({ answer, before, after }: Act): Check[] {
  const gone = missingFrom(after, before)
  const expired = before.customers.filter(({ plan }) => plan === EXPIRED)
  return [
    { claim: 'the DELETE of five rows is a PASS and has succeeded', held: answer.decision === 'PASS' && answer.outcome === 'SUCCEEDED' },
    {
      claim: 'exactly the five rows asked for are gone',
      held: gone.length === 5 && sameRows(gone, expired) && after.rows === before.rows - 5
    },
    { claim: 'every other row is as it was', held: missingFrom(before, after).length === 0 },
    {
      claim: 'the receipt has the five rows as they were, and how to bring them back',
      held: sameRows(gone, imageOf(answer.receipt.actions_taken[0])) && hasInverse(answer.receipt.actions_taken[0])
    }
  ]
}

function ofRollback({ answer, before, after, rehearsal }: Rollback, pass: Act): Check[] {
  const missing = rowsText(missingFrom(pass.after, pass.before))
  const plan = rehearsal.answer.receipt.actions_taken
  return [
    { claim: 'the dry run says that everything would be reverted', held: plan.length === 1 && plan[0]?.output.would === 'REVERTED' },
    { claim: 'the dry run has changed nothing', held: rehearsal.answer.outcome === 'NONE' && rehearsal.after.checksum === before.checksum },
    {
      claim: 'the rollback is a PASS and has succeeded',
      held: answer.decision === 'PASS' && answer.outcome === 'SUCCEEDED' && answer.receipt.actions_taken[0]?.status === 'REVERTED'
    },
    {
      claim: 'exactly the rows that were gone are back',
      held: rowsText(missingFrom(before, after)) === missing
    },
    {
      claim: 'the whole table has the checksum that it had before',
      held: after.checksum === pass.before.checksum && after.rows === pass.before.rows
    }
  ]
}

function ofProof({ verification, changed, bytesChanged }: Proof): Check[] {
  const { receipts, ledgers } = verification
  return [
    {
      claim: 'every receipt verifies offline: Ed25519, leaf and inclusion proof',
      held: verification.ok && receipts.every(({ checks }) => checks.ed25519 === 'ok' && checks.leaf === 'ok' && checks.proof === 'ok')
    },
    {
      claim: 'the chain is whole, and complete by its signed checkpoint',
      held: ledgers.length === 1 && ledgers.every(({ chain, complete }) => chain === 'ok' && complete === 'ok')
    },
    {
      claim: 'a copy with one byte changed fails, in the one receipt that was changed',
      held: bytesChanged === 1 && !changed.ok && changed.receipts.filter(({ checks }) => checks.ed25519 === 'failed').length === 1
    }
  ]
}

function rowsText(rows: readonly Customer[]): string {
  return rows.map(({ text }) => text).join('\n')
}

type Row = Omit<Customer, 'text'>

function sameRows(some: readonly Row[], others: readonly Row[]): boolean {
  const print = (rows: readonly Row[]) =>
    JSON.stringify(rows.map(({ id, name, email, plan }) => [id, name, email, plan]).sort(([a], [b]) => Number(a) - Number(b)))
  return print(some) === print(others)
}

/** The rows that a receipt's action has as they were before it. */
function imageOf(taken: ActionTaken | undefined): Row[] {
  const before = taken?.output.before
  return Array.isArray(before) ? (before as { [column in keyof Row]: string }[]).map((row) => ({ ...row, id: Number(row.id) })) : []
}

function hasInverse(taken: ActionTaken | undefined): boolean {
  const inverse = taken?.rollback_data
  return typeof inverse === 'object' && inverse !== null && inverse.action === 'restore_rows'
}
