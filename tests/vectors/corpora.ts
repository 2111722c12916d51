// Where the public test data sets lie, beside the checkout; a fresh clone has none.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'corpora')

/** The path of one corpus, or null (said aloud) where it is missing: its tests are skipped with that reason. */
export function corpus(name: string): string | null {
  const path = join(folder, name)
  if (existsSync(path)) return path
  console.log(`skipped: no corpora (${name})`)
  return null
}
