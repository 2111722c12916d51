// Files in a real folder: held open as on Linux, and checked by path as elsewhere.
import { readFileSync } from 'node:fs'
import { corpus } from '../vectors/corpora.ts'
import { filesSuite } from './files_suite.ts'
import { startFolder } from './filesystem_world.ts'

const blns = corpus('naughty_strings/blns.json')
if (blns === null) console.log('skipped: no corpora')
const naughty = blns === null ? [] : (JSON.parse(readFileSync(blns, 'utf8')) as string[])

filesSuite({ name: 'a folder', start: (options) => startFolder(options), naughty })
filesSuite({ name: 'a folder without descriptors', start: (options) => startFolder(options, 'checked'), naughty })
