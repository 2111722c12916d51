// Stores of receipts for the embedded SDK: each is ledger and reader in one.
export { fileReceipts } from './files.ts'
export type { FolderReceipt } from './folder.ts'
export { folderIndex } from './folder_index.ts'
export type { FolderIndex, FolderRow } from './folder_index.ts'
export { folderTeam, readFolder } from './folder_report.ts'
export type { FolderReport } from './folder_report.ts'
export { memoryReceipts } from './memory.ts'
export type { ReceiptStore } from './store.ts'
