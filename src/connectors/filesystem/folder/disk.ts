// The slice of node:fs in use, and what its refusals mean.
import { constants } from 'node:fs'
import * as fs from 'node:fs/promises'
import { FileFailure } from '../store.ts'

/** As node:fs/promises; tests make single calls fail. */
export type Disk = Pick<typeof fs, 'open' | 'lstat' | 'link' | 'rename' | 'unlink' | 'mkdir' | 'rmdir' | 'readdir' | 'opendir' | 'realpath'>
export const disk: Disk = fs
export type { FileHandle } from 'node:fs/promises'

/** Windows knows neither. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_DIRECTORY = 0 } = constants as Partial<typeof constants>

/** Never through a link, and never waiting for somebody at the other end of a pipe. */
export const READ = constants.O_RDONLY | O_NOFOLLOW | O_NONBLOCK
export const READ_FOLDER = constants.O_RDONLY | O_NOFOLLOW | O_DIRECTORY
export const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | O_NOFOLLOW

/** By errno: our code and words. Never the system's own message, which names places outside the base. */
const REFUSALS: Readonly<Record<string, readonly [code: string, says: string]>> = {
  ENOENT: ['not_found', 'does not exist'],
  EEXIST: ['exists', 'is there already'],
  EACCES: ['forbidden', 'may not be reached: the system forbids it'],
  EPERM: ['forbidden', 'may not be changed: the system forbids it'],
  EROFS: ['read_only', 'is on a file system that is read only'],
  ENOSPC: ['no_space', 'could not be written: no space is left'],
  EDQUOT: ['no_space', 'could not be written: the quota is used up'],
  EFBIG: ['too_large', 'is larger than the file system allows'],
  ENAMETOOLONG: ['path_too_long', 'is too long for the file system'],
  EILSEQ: ['bad_name', 'is no name that the file system takes'],
  EINVAL: ['bad_name', 'is no name that the file system takes'],
  ELOOP: ['symlink', 'is a link, and links are not followed'],
  EMLINK: ['symlink', 'is a link, and links are not followed'],
  ENOTDIR: ['not_a_folder', 'leads through something that is no folder'],
  EISDIR: ['is_a_folder', 'is a folder'],
  ENOTEMPTY: ['is_a_folder', 'is a folder'],
  ENXIO: ['not_a_file', 'is no plain file'],
  ENODEV: ['not_a_file', 'is no plain file'],
  EXDEV: ['other_device', 'is on another device than the base folder, where nothing can be put in place at once'],
  ENOTSUP: ['no_links', 'is on a file system without hard links, where nothing can be created without overwriting'],
  EOPNOTSUPP: ['no_links', 'is on a file system without hard links, where nothing can be created without overwriting'],
  EMFILE: ['busy', 'could not be opened: too many files are open'],
  ENFILE: ['busy', 'could not be opened: too many files are open'],
  EBUSY: ['busy', 'is in use'],
  ETXTBSY: ['busy', 'is a program that runs']
}

/** What was thrown as a failure that names the agent's own path; a bug stays what it is. `effect` counts where nothing is sure (an I/O error). */
export function toFailure(error: unknown, path: string, effect: 'none' | 'unknown' = 'none'): unknown {
  const code = errnoOf(error)
  if (error instanceof FileFailure || code === null) return error
  const known = REFUSALS[code]
  if (known !== undefined) return new FileFailure(known[0], `\`${path}\` ${known[1]}`)
  return new FileFailure('io_error', `\`${path}\`: the file system failed (${code})`, effect)
}

/** `ENOENT`, or null where it is no answer of the system. */
export function errnoOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : null
}

/** The value, or null where the system answers with this errno. */
export async function orNull<T>(work: Promise<T>, ...errnos: readonly string[]): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (errnos.includes(errnoOf(error) ?? '')) return null
    throw error
  }
}
