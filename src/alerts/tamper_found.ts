// Something stored is not what was signed.
import { defineAlert, type AlertRule, type Severity, type TamperSeen } from '../engine/index.ts'

const WHAT: Readonly<Record<TamperSeen['kind'], { readonly says: string; readonly severity: Severity }>> = {
  ledger_damaged: { says: 'an entry of the ledger is not the one that was appended', severity: 'critical' },
  signature_invalid: { says: 'a stored receipt does not verify', severity: 'critical' },
  differs: { says: 'the search index said something else than the ledger', severity: 'critical' },
  surplus: { says: 'the search index had a receipt that the ledger does not have', severity: 'critical' },
  missing: { says: 'the search index lacked a receipt', severity: 'warning' }
}

/** Fires on what the reconciler finds, and on receipts that do not verify when they are to be acted on. What stays damaged counts once a day. */
export function tamperFound(): AlertRule {
  return defineAlert({
    id: 'tamper_found',
    title: 'Tampering found',
    description: 'The ledger or the search index holds something that was not written by Enact, or lacks something that was.',
    severity: 'critical',
    see(signal) {
      if (signal.kind !== 'tamper') return []
      const { kind, run_id, repaired, at } = signal.finding
      const { says, severity } = WHAT[kind]
      const key = `${run_id} ${new Date(at).toISOString().slice(0, 10)}`
      const message = `${says} (run ${run_id})${repaired ? '; it was written anew' : '; it could not be repaired'}`
      return [{ key, subject: kind, message, severity: repaired ? severity : 'critical', run_id }]
    }
  })
}
