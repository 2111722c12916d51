// The effects in a folder: a file appears, is exchanged or goes, each time at once and only while it is what was seen.
import { randomUUID } from 'node:crypto'
import { segmentsOf } from '../path.ts'
import { FileFailure, moved, type Seen } from '../store.ts'
import type { Base } from './base.ts'
import { orNull, toFailure } from './disk.ts'
import { isSame, type Version } from './look.ts'
import { inFolder, type Place } from './place.ts'
import { drop } from './temporary.ts'

/** Puts a temporary file in the place of `path`, after making `folders`; those go again where the rest fails. */
export async function place(base: Base, temporary: string, path: string, expected: Seen | null, folders: readonly string[]): Promise<void> {
  const { disk } = base
  const made: string[] = []
  const make = async (parent: Place, name: string, folder: string) => {
    if (!folders.includes(folder)) throw moved(path)
    if (await succeeds(disk.mkdir(parent.at(name), 0o755), 'EEXIST')) made.push(folder)
    return true
  }
  const segments = segmentsOf(path)
  await base.use(path, async (top) => {
    const swapIn = (parent: Place) =>
      base.inTemporary(top, (tmp) => swap(base, tmp.at(temporary), parent, segments.at(-1)!, path, expected).then(() => true))
    try {
      if ((await inFolder(top, segments.slice(0, -1), path, swapIn, make)) === null) throw moved(path)
    } catch (error) {
      if (!(error instanceof FileFailure) || error.effect === 'none') await removeEmpty(base, top, made)
      throw error
    }
  })
}

async function swap({ disk }: Base, from: string, parent: Place, name: string, path: string, expected: Seen | null): Promise<void> {
  if (expected === null) {
    // `link` never overwrites; `rename` would.
    if (!(await succeeds(unsure(path, disk.link(from, parent.at(name))), 'EEXIST'))) throw moved(path)
    await disk.unlink(from).catch(() => undefined)
  } else {
    const now = await orNull(disk.lstat(parent.at(name), { bigint: true }), 'ENOENT')
    if (now === null || !isSame(now, expected.version as Version)) throw moved(path)
    await unsure(path, disk.rename(from, parent.at(name)))
  }
  await settle(parent, path)
}

/** Removes the file, then those of `folders` that are empty. */
export async function remove(base: Base, path: string, expected: Seen, folders: readonly string[]): Promise<void> {
  const isDone = await base.inParent(path, (parent, name, top) =>
    base.inTemporary(top, (tmp) => takeOut(base, tmp, parent, name, path, expected.version as Version).then(() => true))
  )
  if (isDone === null) throw moved(path)
  await base.use(path, (top) => removeEmpty(base, top, folders))
}

/** Out of sight first: what was taken is looked at, and goes back where it is not what was seen. */
async function takeOut({ disk }: Base, tmp: Place, parent: Place, name: string, path: string, expected: Version): Promise<void> {
  const now = await orNull(disk.lstat(parent.at(name), { bigint: true }), 'ENOENT')
  if (now === null || !isSame(now, expected)) throw moved(path)
  const aside = randomUUID()
  await unsure(path, disk.rename(parent.at(name), tmp.at(aside)))
  const taken = await unsure(path, disk.lstat(tmp.at(aside), { bigint: true }))
  // Being renamed changes `ctime` too.
  if (!isSame({ ...taken, ctimeNs: expected.ctimeNs }, expected)) {
    if (await succeeds(unsure(path, disk.link(tmp.at(aside), parent.at(name))), 'EEXIST')) await drop(disk, tmp, aside)
    throw moved(path)
  }
  await drop(disk, tmp, aside)
  await settle(parent, path)
}

async function removeEmpty({ disk }: Base, top: Place, folders: readonly string[]): Promise<void> {
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) {
    const segments = segmentsOf(folder)
    // Somebody uses it by now, or has taken it away: then it is not this call's any more.
    await inFolder(top, segments.slice(0, -1), folder, (parent) => disk.rmdir(parent.at(segments.at(-1)!))).catch(() => undefined)
  }
}

/** An effect: a failure that is no clear refusal leaves it unknown. */
async function unsure<T>(path: string, effect: Promise<T>): Promise<T> {
  try {
    return await effect
  } catch (error) {
    const failure = toFailure(error, path, 'unknown')
    throw failure instanceof FileFailure && failure.effect === 'unknown' ? failure : error
  }
}

/** What fails from here on has happened all the same. */
async function settle(parent: Place, path: string): Promise<void> {
  try {
    await parent.check(path)
    await parent.sync()
  } catch {
    throw new FileFailure('io_error', `\`${path}\`: whether the change reached the disk is not known`, 'unknown')
  }
}

async function succeeds(work: Promise<unknown>, refusal: string): Promise<boolean> {
  return (
    (await orNull(
      work.then(() => true),
      refusal
    )) === true
  )
}
