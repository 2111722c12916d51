// Settings files on disk: read, backed up and replaced in one step, through whatever links lead to them.
import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The text, or null where there is no file. */
export async function readText(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}

/** Writes the text, or removes the file for null; where there was one, its backup's name is given. */
export async function replaceText(file: string, text: string | null, now: number): Promise<string | null> {
  const target = await realpath(file).catch(() => file)
  const old = await stat(target).catch(() => null)
  const backup = old === null ? null : `${target}.${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}.bak`
  if (backup !== null) await copyFile(target, backup)
  if (text === null) {
    await rm(target, { force: true })
    return backup
  }
  await mkdir(dirname(target), { recursive: true })
  const unfinished = `${target}.${randomUUID()}`
  await writeFile(unfinished, text, { mode: old === null ? 0o600 : old.mode & 0o777 })
  await rename(unfinished, target)
  return backup
}
