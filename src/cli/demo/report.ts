// What `--json` prints of the demo: one object for programs.
import type { Verification } from '../receipts/check.ts'
import type { Act } from './acts.ts'
import type { Check } from './checks.ts'
import { missingFrom, type Customer } from './customers.ts'
import type { Evidence } from './evidence.ts'
import type { Stage } from './stage.ts'

interface Seen {
  readonly acts: readonly Act[]
  readonly verification: Verification
  readonly changed: Verification
  readonly checks: readonly Check[]
  readonly seconds: number
  readonly kept: Evidence | null
  readonly running: Stage | null
}

/** `ok` exactly when every check held. */
export function reportOf({ acts, verification, changed, checks, seconds, kept, running }: Seen) {
  return {
    ok: checks.every(({ held }) => held),
    acts: acts.map((act) => actOf(act, verification)),
    verification: {
      ...verification,
      changed_copy: { rejected: !changed.ok, problems: changed.receipts.flatMap(({ problems }) => problems) }
    },
    checks: checks.map(({ claim, held }) => ({ claim, held })),
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
