// delete_file: one file, kept under its hash before it goes.
import * as z from 'zod'
import { alreadyDone, conflict, done, type Recovered } from '../../engine/index.ts'
import { imageOf, isAs, writing, type Image } from './action.ts'
import { FilePath } from './path.ts'
import { Sha256 } from './write.ts'

/** `before` is null where nothing was there. */
type Deleted = { path: string; before: Image | null }

/** Deletes a file; the undo puts it back, if nothing else stands there by then. Folders are never deleted. */
export const delete_file = writing({
  title: 'Delete a file',
  input: z.strictObject({
    path: FilePath,
    /** Only while the file has this content. */
    expect_sha256: Sha256.optional()
  }),
  async plan(work, { path, expect_sha256 }) {
    const seen = await work.store.look(path)
    if (seen === null) return alreadyDone<Deleted>('deleted', { path, before: null })
    if (expect_sha256 !== undefined && seen.sha256 !== expect_sha256)
      return conflict(`\`${path}\` is not what it is expected to be`, { sha256: seen.sha256 })
    const before = imageOf(path, seen, work.max_bytes)
    // Refuses a name that is another file's on systems that fold case.
    await work.store.missingFolders(path)
    return {
      kind: 'effect' as const,
      will: { path, before, after: null },
      async make() {
        await work.store.keep(path, seen)
        await work.effect({ before }, () => work.store.remove(path, seen, []))
        return done<Deleted>({ path, before })
      }
    }
  },
  async look(work, { path }): Promise<Recovered<Deleted>> {
    const { before } = work.noted()
    if (before === undefined) return { kind: 'not_done' }
    const seen = await work.store.look(path)
    if (seen === null) return { kind: 'done', output: { path, before: before as Image } }
    return isAs(seen, before as Image) ? { kind: 'not_done' } : { kind: 'unknown' }
  },
  inverse: ({ path }, { before }) => ({
    action: 'restore_file',
    input: { path, before, created_folders: [] },
    expect: { sha256: null, mode: null }
  })
})
