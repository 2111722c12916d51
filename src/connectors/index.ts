// Every connector, one line each.
export { github } from './github/index.ts'
