// Where files live: what the actions need of a folder or a bucket, small enough for a store of one's own.
import type { JsonObject } from '../../engine/index.ts'

/** A file as it was found. */
export interface Seen {
  /** Lower-case hex of all bytes; null where the file is larger than `max_bytes`, which nobody hashes. */
  readonly sha256: string | null
  readonly size_bytes: number
  /** Octal, as `0644`. */
  readonly mode: string
  /** What else must come back with it (an owner, the metadata of an object); null where there is nothing. */
  readonly attributes: JsonObject | null
  /** Of this store alone: tells this state of the file from a later one. */
  readonly version: unknown
}

/** What is about to become a file's content. */
export interface Content {
  /** Bytes at hand, or a before-image that the store keeps. */
  readonly from: { readonly bytes: Uint8Array } | { readonly kept: string }
  readonly sha256: string
  readonly size_bytes: number
  readonly mode: string
  readonly attributes: JsonObject | null
}

/** Content that is ready and that nobody sees yet. */
export interface Staged {
  /**
   * Makes it the file, at once and whole, where the file still is as `expected` (null = absent); throws `moved` otherwise.
   * `folders` are made first, and taken away again where the rest fails.
   */
  place(path: string, expected: Seen | null, folders: readonly string[]): Promise<void>
  /** Frees what was prepared; does nothing after `place`. */
  discard(): Promise<void>
}

/** One name in a folder; links and devices are `other`. */
export type Entry = {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'other'
  readonly size_bytes: number | null
  readonly mode: string | null
}

/** All methods throw `FileFailure` for what can be foreseen. Paths are checked ones. */
export interface FileStore {
  /** The file, or null where nothing is there. Refuses what is no plain file: folders, links, devices. */
  look(path: string): Promise<Seen | null>
  read(path: string, offset: number, length: number): Promise<{ readonly seen: Seen; readonly bytes: Uint8Array } | null>
  /** What must be made before a file can be written: the folders that are missing, topmost first. Refuses a name that another one only differs from in case. */
  missingFolders(path: string): Promise<readonly string[]>
  /** Keeps the content of a file under its hash, so that it can be put back. Doing it twice keeps it once. */
  keep(path: string, seen: Seen): Promise<void>
  stage(content: Content): Promise<Staged>
  /** Removes the file where it still is as `expected`, then those of `folders` that are empty; throws `moved` otherwise. */
  remove(path: string, expected: Seen, folders: readonly string[]): Promise<void>
  /** One page of a folder, in one order; null where there is no such folder. */
  list(
    path: string,
    cursor: string | null,
    limit: number
  ): Promise<{ readonly entries: readonly Entry[]; readonly next_cursor: string | null } | null>
  close(): Promise<void>
}

/** Something that a store answers instead of doing what it was asked. With effect `none` nothing has changed. */
export class FileFailure extends Error {
  readonly code: string
  readonly effect: 'none' | 'unknown'
  /** Whether the store itself said so: then nothing of the request is still on its way. */
  readonly isLastWord: boolean
  constructor(code: string, message: string, effect: 'none' | 'unknown' = 'none', isLastWord = true) {
    super(message)
    this.name = 'FileFailure'
    this.code = code
    this.effect = effect
    this.isLastWord = isLastWord
  }
}

/** The file is no longer what was seen: somebody else was faster. */
export function moved(path: string): FileFailure {
  return new FileFailure('moved', `\`${path}\` was changed by somebody else in the meantime`)
}
