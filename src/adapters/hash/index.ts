// Implementations of the Hash port.
export { hashParts, nodeHash } from './node.ts'
