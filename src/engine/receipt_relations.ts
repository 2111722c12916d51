// What one receipt is to another, by what either says of the other. Pure.
import type { RelatedReceipt } from './receipt_index.ts'
import type { Receipt } from './schema.ts'

type Relation = RelatedReceipt['relation']

/** How many there are in an answer: of those that name the receipt, and of its session. */
export const RELATED_MAX = { linked: 50, session: 20 } as const

/** The receipts that this one names, each once; an approval's is under its `hitl_id`. */
export function linkedIds({ links, approval, run_id }: Pick<Receipt, 'links' | 'approval' | 'run_id'>): string[] {
  const ids = [links.rollback_of, links.rolled_back_by, links.retried_as, approval?.hitl_id]
  return [...new Set(ids.filter((id) => id !== undefined))].filter((id) => id !== run_id)
}

/** What the receipt named `id` is to this one, which names it. */
export function relationTo({ links, approval }: Pick<Receipt, 'links' | 'approval'>, id: string): Relation {
  if (links.rollback_of === id) return 'rollback_of'
  if (links.rolled_back_by === id) return 'rolled_back_by'
  if (links.retried_as === id) return 'retried_as'
  return approval?.hitl_id === id ? 'approval' : 'linked'
}

/** The same from the other end: what a receipt with these links is to the one named `id`. */
export function relationFrom(
  { links, hitl_id }: { readonly links: Receipt['links']; readonly hitl_id: string | null },
  id: string
): Relation {
  if (links.rollback_of === id) return 'rolled_back_by'
  if (links.rolled_back_by === id) return 'rollback_of'
  if (links.retried_as === id) return 'retry_of'
  return hitl_id === id ? 'approval_of' : 'linked'
}
