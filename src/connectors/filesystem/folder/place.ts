// A folder held open: names are looked up in the very folder that was checked, whatever is moved or linked around it meanwhile.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, orNull, READ_FOLDER, type Disk, type FileHandle } from './disk.ts'
import { nameKey } from '../path.ts'
import { FileFailure } from '../store.ts'

/**
 * `held`: through `/proc/self/fd`, so that no parent can be exchanged for a link (Linux). `checked`: by path, every parent looked at before
 * and after, which leaves a moment to whoever can write in the folder by other means.
 */
export type Holding = 'held' | 'checked'

/** What this system can do. */
export const HOLDING: Holding = process.platform === 'linux' && existsSync('/proc/self/fd') ? 'held' : 'checked'

/** An open folder. Closed by whoever opened it. */
export class Place {
  readonly #disk: Disk
  readonly #handle: FileHandle | null
  /** Where it is, by name; only `checked` relies on it. */
  readonly #path: string
  #isClosed = false

  private constructor(disk: Disk, handle: FileHandle | null, path: string) {
    this.#disk = disk
    this.#handle = handle
    this.#path = path
  }

  static async open(disk: Disk, path: string, holding: Holding): Promise<Place> {
    return new Place(disk, holding === 'held' ? await disk.open(path, READ_FOLDER) : null, path)
  }

  /** The path of a name in this folder, good for one system call while the folder is open. */
  at(name: string): string {
    // INVARIANT: a number that was given back may be another folder's by now.
    if (this.#isClosed) throw new Error('the folder was closed before its last use')
    if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) throw new Error('not a name')
    return this.#handle === null ? join(this.#path, name) : `/proc/self/fd/${this.#handle.fd}/${name}`
  }

  /** The folder itself, for listing. */
  get self(): string {
    if (this.#isClosed) throw new Error('the folder was closed before its last use')
    return this.#handle === null ? this.#path : `/proc/self/fd/${this.#handle.fd}`
  }

  /** The folder of that name in this one; null where there is none. Never through a link. */
  async enter(name: string, path: string): Promise<Place | null> {
    const stat = await orNull(this.#disk.lstat(this.at(name)), 'ENOENT')
    if (stat === null) return null
    if (stat.isSymbolicLink()) throw new FileFailure('symlink', `\`${path}\` leads through a link, and links are not followed`)
    if (!stat.isDirectory()) throw new FileFailure('not_a_folder', `\`${path}\` leads through something that is no folder`)
    try {
      const place = new Place(
        this.#disk,
        this.#handle === null ? null : await this.#disk.open(this.at(name), READ_FOLDER),
        join(this.#path, name)
      )
      await place.check(path)
      return place
    } catch (error) {
      // Exchanged between the look and the opening.
      if (['ELOOP', 'ENOTDIR', 'EMLINK'].includes(errnoOf(error) ?? ''))
        throw new FileFailure('symlink', `\`${path}\` leads through a link, and links are not followed`)
      throw error
    }
  }

  /** Whether the folder still is where its name says; a held one needs no look. */
  async check(path: string): Promise<void> {
    if (this.#handle !== null) return
    if ((await this.#disk.realpath(this.#path)) !== this.#path)
      throw new FileFailure('symlink', `\`${path}\` leads through a link, or is spelt otherwise on disk`)
  }

  /** Refuses a name beside one that only differs from it in case or look; says whether the name itself is there. */
  async has(name: string, path: string): Promise<boolean> {
    const key = nameKey(name)
    let other: string | null = null
    for await (const entry of await this.#disk.opendir(this.self)) {
      if (entry.name === name) return true
      if (nameKey(entry.name) === key) other = entry.name
    }
    if (other === null) return false
    throw new FileFailure('name_clash', `\`${path}\`: \`${other}\` is there, and systems that fold case take both for one`)
  }

  /** Makes what was changed in this folder survive a power cut, where the system can. */
  async sync(): Promise<void> {
    if (this.#handle !== null) await this.#handle.sync()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#handle?.close()
  }
}

/** Opens the folder of these segments below `from`, and closes it after `use`. Null where some segment is missing and `make` does not make it. */
export async function inFolder<T>(
  from: Place,
  segments: readonly string[],
  path: string,
  use: (place: Place) => Promise<T>,
  make: (parent: Place, name: string, folder: string) => Promise<boolean> = () => Promise.resolve(false)
): Promise<T | null> {
  let place = from
  try {
    for (const [at, name] of segments.entries()) {
      let next = await place.enter(name, path)
      if (next === null && (await make(place, name, segments.slice(0, at + 1).join('/')))) next = await place.enter(name, path)
      if (next === null) return null
      if (place !== from) await place.close()
      place = next
    }
    return await use(place)
  } finally {
    if (place !== from) await place.close()
  }
}
