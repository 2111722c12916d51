// Files inside one base folder that nothing leaves: a real folder in Node, an R2 bucket in a Worker, each write with the call that takes it back.
import * as z from 'zod'
import { defineConnector, type JsonObject } from '../../engine/index.ts'
import { bucketStore, type Bucket } from './bucket/index.ts'
import { delete_file } from './delete.ts'
import { folderStore, resolveBase } from './folder/index.ts'
import { FolderPath } from './path.ts'
import { list_dir, read_file } from './read.ts'
import { restore_file } from './restore.ts'
import type { FileStore } from './store.ts'
import { write_file } from './write.ts'

export type { Bucket } from './bucket/index.ts'
export type { Content, Entry, FileStore, Seen, Staged } from './store.ts'

const Options = z
  .strictObject({
    /** Node: a folder that exists; everything happens below it. */
    folder: z
      .string()
      .min(1)
      .transform((folder, context) => {
        const base = resolveBase(folder)
        if (base === null)
          context.addIssue({ code: 'custom', message: 'must be a folder that exists, and not the root (in a Worker: give a `bucket`)' })
        return base ?? ''
      })
      .optional(),
    /** Workers: the R2 binding. */
    bucket: z.custom<Bucket>((given) => hasMethods(given, ['head', 'get', 'put', 'delete', 'list']), 'must be an R2 binding').optional(),
    /** Of all keys in the bucket: `acme/`. Teams that share a bucket need one each. */
    prefix: z
      .string()
      .regex(/^(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,62}\/){0,4}$/, 'must be empty or end in `/`, as `acme/`')
      .optional(),
    /** A store of one's own. */
    store: z
      .custom<FileStore>((given) => hasMethods(given, ['look', 'read', 'stage', 'remove', 'list']), 'must be a file store')
      .optional(),
    /** Folders below the base that may be touched. Absent = all of it; empty = none. */
    folders: z.array(FolderPath).readonly().optional(),
    /** Larger files are neither replaced nor deleted: what was there before is kept for the undo, up to this size. */
    max_bytes: z.int().min(1).max(5_000_000_000).default(100_000_000)
  })
  .refine(({ folder, bucket, store }) => [folder, bucket, store].filter((one) => one !== undefined).length === 1, {
    path: ['folder'],
    message: 'give one of `folder`, `bucket` and `store`'
  })

/** Reads, writes, deletes and lists files below a base. Bytes are kept exactly; what was there before is kept by hash, and comes back with one call. */
export const filesystem = defineConnector({
  id: 'filesystem',
  title: 'Files',
  options: Options,
  scope: ({ folder, bucket, prefix = '', folders, max_bytes }): JsonObject => ({
    ...(folder === undefined ? {} : { folder }),
    ...(bucket === undefined ? {} : { bucket: 'r2', prefix }),
    ...(folders ? { folders } : {}),
    max_bytes
  }),
  connect({ folder, bucket, prefix = '', store, folders = null, max_bytes }) {
    const opened = store ?? (bucket ? bucketStore({ bucket, prefix, max_bytes }) : folderStore({ base: folder ?? '', max_bytes }))
    return { client: { store: opened, folders, max_bytes }, close: () => opened.close() }
  },
  actions: { read_file, list_dir, write_file, delete_file, restore_file }
})

function hasMethods(given: unknown, names: readonly string[]): boolean {
  return (
    typeof given === 'object' && given !== null && names.every((name) => typeof (given as Record<string, unknown>)[name] === 'function')
  )
}
