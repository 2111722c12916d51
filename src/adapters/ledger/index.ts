// The embedded ledger.
export { ledgerTree } from './tree.ts'
export type { LedgerTree } from './tree.ts'
