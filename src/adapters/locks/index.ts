// Implementations of the Locks port that run anywhere.
export { memoryLocks } from './memory.ts'
