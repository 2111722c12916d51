// The base folder of one run: opened when first needed, closed when nothing uses it any more, and the places in it.
import { realpathSync, statSync } from 'node:fs'
import { parse } from 'node:path'
import { RESERVED, segmentsOf } from '../path.ts'
import { FileFailure } from '../store.ts'
import { CREATE, orNull, toFailure, type Disk } from './disk.ts'
import { inFolder, Place, type Holding } from './place.ts'

/** The one path of a base folder that exists, resolved once; null for what can be none: a file, the root, a Worker's scratch space. */
export function resolveBase(folder: string): string | null {
  // In a Worker the file system is the request's own and gone with it.
  const { navigator } = globalThis as { navigator?: { userAgent?: string } }
  if (navigator?.userAgent === 'Cloudflare-Workers') return null
  try {
    const real = realpathSync.native(folder)
    return statSync(real).isDirectory() && real !== parse(real).root ? real : null
  } catch {
    return null
  }
}

/** Every way into the folder. All failures come out as `FileFailure`. */
export class Base {
  readonly disk: Disk
  readonly #path: string
  readonly #holding: Holding
  #opened: Promise<Place> | null = null
  #users = 0
  #isClosed = false

  constructor(disk: Disk, path: string, holding: Holding) {
    this.disk = disk
    this.#path = path
    this.#holding = holding
  }

  /** Runs `work` in the base itself. */
  async use<T>(path: string, work: (base: Place) => Promise<T>): Promise<T> {
    if (this.#isClosed && this.#users === 0) throw new FileFailure('closed', 'the run is over')
    this.#users++
    try {
      this.#opened ??= Place.open(this.disk, this.#path, this.#holding)
      const place = await this.#opened
      await place.check(path)
      return await work(place)
    } catch (error) {
      throw toFailure(error, path)
    } finally {
      this.#users--
      await this.#closeIfIdle()
    }
  }

  /** Runs `work` in the folder that holds the path's last segment; null where that folder is missing. */
  inParent<T>(path: string, work: (parent: Place, name: string, base: Place) => Promise<T>): Promise<T | null> {
    const segments = segmentsOf(path)
    return this.use(path, (base) => inFolder(base, segments.slice(0, -1), path, (parent) => work(parent, segments.at(-1)!, base)))
  }

  /** Runs `work` where files are written before anybody sees them. */
  inTemporary<T>(base: Place, work: (tmp: Place) => Promise<T>): Promise<T> {
    return this.#inOwn(base, ['tmp'], work)
  }

  /** Runs `work` where the content of this hash is kept. */
  inObjects<T>(base: Place, sha256: string, work: (objects: Place) => Promise<T>): Promise<T> {
    return this.#inOwn(base, ['objects', sha256.slice(0, 2)], work)
  }

  // INVARIANT: a call that was given up may still be at work; its descriptor is not given back under it, or it could become another folder's.
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#closeIfIdle()
  }

  async #closeIfIdle(): Promise<void> {
    if (!this.#isClosed || this.#users > 0 || this.#opened === null) return
    const opened = this.#opened
    this.#opened = null
    await (await opened.catch(() => null))?.close()
  }

  /** A folder below `.enact/files`, made where it is missing, for its owner alone. */
  async #inOwn<T>(base: Place, segments: readonly string[], work: (place: Place) => Promise<T>): Promise<T> {
    const make = async (parent: Place, name: string, folder: string) => {
      await orNull(this.disk.mkdir(parent.at(name), 0o700), 'EEXIST')
      if (folder === `${RESERVED}/files`) await this.#ignoreInGit(parent, name)
      return true
    }
    const found = await inFolder(base, [RESERVED, 'files', ...segments], RESERVED, async (place) => ({ value: await work(place) }), make)
    if (found === null) throw new FileFailure('forbidden', `\`${RESERVED}\` cannot be made in the base folder`)
    return found.value
  }

  /** What is kept is nobody's to commit. */
  async #ignoreInGit(parent: Place, name: string): Promise<void> {
    const folder = await parent.enter(name, RESERVED)
    if (folder === null) return
    try {
      const handle = await orNull(this.disk.open(folder.at('.gitignore'), CREATE, 0o600), 'EEXIST')
      if (handle !== null) await handle.writeFile('*\n').finally(() => handle.close())
    } finally {
      await folder.close()
    }
  }
}
