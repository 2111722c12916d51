// Stores of sealed originals for the embedded SDK. What they hold is encrypted before it comes here.
export { fileSealed } from './files.ts'
export { memorySealed } from './memory.ts'
