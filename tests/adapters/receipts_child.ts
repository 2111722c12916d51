// A process of its own that appends receipts to a folder: `node receipts_child.ts <folder> <count> <first>…`.
import { fileReceipts } from '../../src/adapters/receipts/index.ts'
import { receiptOf } from './receipt_samples.ts'

const [dir, count, first] = process.argv.slice(2)
const store = fileReceipts(dir!)
for (let n = Number(first); n < Number(first) + Number(count); n++) await store.append('acme', receiptOf(n))
