// Writes public/openapi.json and the reference page public/docs.html from the routes; with `--check` it only says whether they are fresh.
import { readFileSync, writeFileSync } from 'node:fs'
import { openapi } from '../src/http/openapi.ts'
import { referencePage } from './reference_page.ts'

const document = openapi()
const files = { 'public/openapi.json': `${JSON.stringify(document, null, 1)}\n`, 'public/docs.html': referencePage(document) }
const root = new URL('../', import.meta.url)
const stale = Object.entries(files).filter(([name, text]) => {
  try {
    return readFileSync(new URL(name, root), 'utf8') !== text
  } catch {
    return true
  }
})

if (process.argv.includes('--check')) {
  for (const [name] of stale) console.error(`${name} is not what the routes say: run npm run openapi`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const [name, text] of stale) writeFileSync(new URL(name, root), text)
}
