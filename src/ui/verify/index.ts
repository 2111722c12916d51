// Verifying in the browser, loaded when it is first needed: nothing that the server says of a receipt is believed here, only its keys.
export { checkReceipt, type Check, type CheckName, type Given, type Result } from './check_receipt.ts'
export { checkHead, type HeadCheck } from './check_head.ts'
