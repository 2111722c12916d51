// Whether a run can be rolled back at all, by what its receipt says; the server decides.
import type { Receipt } from '../../engine/schema.ts'

/** Mediated or embedded, enforced, no rollback itself, and with an effect. */
export function isUndoable({
  mode,
  run_mode,
  workflow,
  actions_taken
}: Pick<Receipt, 'mode' | 'run_mode' | 'workflow' | 'actions_taken'>): boolean {
  return (
    (mode === 'mediated' || mode === 'embedded') &&
    run_mode === 'enforce' &&
    !workflow.startsWith('rollback:') &&
    actions_taken.some(({ status, rollback_data }) => status === 'UNKNOWN' || (status === 'DONE' && rollback_data !== null))
  )
}
