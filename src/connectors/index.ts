// Every connector, one line each.
export { github } from './github/index.ts'
export { postgres } from './postgres/index.ts'
