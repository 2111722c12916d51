// A page of a folder, by name.
import type { Stats } from 'node:fs'
import { orNull, type Disk } from './disk.ts'
import type { Place } from './place.ts'
import { nameKey, RESERVED } from '../path.ts'
import { FileFailure, type Entry } from '../store.ts'

/** A folder with more names is for nobody to page through: all of them are read to be put in order. */
const NAMES_MAX = 100_000

/** The entries after the cursor, which is a name. Links and devices are `other`. */
export async function listFolder(disk: Disk, folder: Place, isBase: boolean, cursor: string | null, limit: number) {
  const names: string[] = []
  let count = 0
  for await (const { name } of await disk.opendir(folder.self)) {
    if (++count > NAMES_MAX) throw new FileFailure('too_many', `the folder holds more than ${NAMES_MAX} names`)
    if (isBase && nameKey(name) === RESERVED) continue
    if (cursor === null || name > cursor) names.push(name)
  }
  names.sort((a, b) => (a < b ? -1 : 1))
  const page = names.slice(0, limit)
  const entries: Entry[] = []
  for (const name of page) {
    const stat = await orNull(disk.lstat(folder.at(name)), 'ENOENT')
    if (stat !== null) entries.push(entryOf(name, stat))
  }
  return { entries, next_cursor: names.length > limit ? (page.at(-1) ?? null) : null }
}

function entryOf(name: string, stat: Stats): Entry {
  const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other'
  return { name, kind, size_bytes: kind === 'file' ? stat.size : null, mode: (stat.mode & 0o7777).toString(8).padStart(4, '0') }
}
