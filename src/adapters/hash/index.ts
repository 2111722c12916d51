// Implementations of the Hash port.
export { nodeHash } from './node.ts'
