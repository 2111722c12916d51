// How calls and workflows are written where people read them.
import type { ActionTaken, Receipt } from '../../engine/schema.ts'

/** `postgres.delete_row`, whether the action's own name has its system or not. */
export function callName({ system, action }: Pick<ActionTaken, 'system' | 'action'>): string {
  return system === '' || action.startsWith(`${system}.`) ? action : `${system}.${action}`
}

/** The bare action: `delete_row` of `postgres.delete_row`. */
export function bareAction(action: string): string {
  return action.slice(action.lastIndexOf('.') + 1)
}

/** A change that an admin made: `fact_changed:code_freeze` is `fact_changed` of `code_freeze`. Null for runs. */
export function changeKind(workflow: string): { readonly kind: string; readonly of: string } | null {
  const [, kind = '', of = ''] =
    /^([a-z_]+_(?:changed|shared|revoked|erased|broken|created|removed|deleted))(?::(.*))?$/s.exec(workflow) ?? []
  return kind === '' ? null : { kind, of }
}

/** What the run was: its workflow, and for a single action that action with its system. */
export function runName({ workflow, actions_taken }: Pick<Receipt, 'workflow' | 'actions_taken'>): string {
  const change = changeKind(workflow)
  if (change !== null) return change.kind
  const [only] = actions_taken
  return only !== undefined && only.action === workflow ? callName(only) : workflow
}
