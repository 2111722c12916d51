// Every connector, one line each.
export { type Bucket, type FileStore, filesystem } from './filesystem/index.ts'
export { github } from './github/index.ts'
export { mail } from './mail/index.ts'
export { postgres } from './postgres/index.ts'
export { slack } from './slack/index.ts'
