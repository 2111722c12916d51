// What `--json` prints of the demo: one object for programs.
import type { Verification } from '../receipts/check.ts'
import type { Act, Acts } from './acts.ts'
import type { Check } from './checks.ts'
import { missingFrom, type Customer } from './customers.ts'
import type { Evidence, Proof } from './evidence.ts'
import type { Stage } from './stage.ts'

/** How the demo ended. */
export interface Ending {
  readonly checks: readonly Check[]
  readonly seconds: number
  /** The files, where they were asked for. */
  readonly kept: Evidence | null
  /** What was left running. */
  readonly running: Stage | null
}

/** `ok` exactly when every check held. */
export function reportOf({ block, pass, rollback }: Acts, { verification, changed }: Proof, { checks, seconds, kept, running }: Ending) {
  return {
    ok: checks.every(({ held }) => held),
    acts: [block, pass, rollback].map((act) => actOf(act, verification)),
    verification: {
      ...verification,
      changed_copy: { rejected: !changed.ok, problems: changed.receipts.flatMap(({ problems }) => problems) }
    },
    checks,
    seconds: Math.round(seconds * 10) / 10,
    ...(kept === null ? {} : { files: kept }),
    ...(running === null ? {} : { url: running.url, key: running.agent.key })
  }
}

function actOf({ act, asked, answer, before, after }: Act, verification: Verification) {
  const { run_id, decision, outcome, receipt } = answer
  return {
    act,
    request: asked,
    run_id,
    decision,
    outcome,
    rows_before: before.rows,
    rows_after: after.rows,
    checksum_before: before.checksum,
    checksum_after: after.checksum,
    rows_gone: missingFrom(after, before).map(shown),
    rows_back: missingFrom(before, after).map(shown),
    verified: verification.receipts.some((checked) => checked.run_id === run_id && checked.revision === receipt.revision && checked.ok),
    receipt
  }
}

function shown({ id, name, email, plan }: Customer) {
  return { id, name, email, plan }
}
