// Stores of receipts for the embedded SDK: each is ledger and reader in one.
export { fileReceipts } from './files.ts'
export { folderTeam, readFolder } from './folder.ts'
export type { FolderReceipt, FolderReport } from './folder.ts'
export { memoryReceipts } from './memory.ts'
export type { ReceiptStore } from './store.ts'
