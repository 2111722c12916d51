// A commit stays small enough to be reviewed.
import * as z from 'zod'
import { allow, definePolicy, deny } from '../../engine/index.ts'

const Files = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())])

/** Denies when more files are changed than `max_files`; what is listed counts even where `file_count` claims less. */
export const maxFilesPerCommit = definePolicy({
  id: 'max_files_per_commit',
  title: 'A limit to the files of one commit',
  params: z.strictObject({ max_files: z.int().nonnegative().default(50) }),
  reads: z.object({ file_count: z.int().nonnegative().optional(), files: Files.optional() }),
  on: ['github.*'],
  evaluate({ reads: { file_count, files } }, { max_files }) {
    const listed = files === undefined ? 0 : Array.isArray(files) ? files.length : Object.keys(files).length
    const count = Math.max(file_count ?? 0, listed)
    if (count <= max_files) return allow(`${count} files, at most ${max_files} are allowed`)
    return deny(`${count} files in one commit, at most ${max_files} are allowed`, {
      remedy: `split the change into commits of at most ${max_files} files`
    })
  }
})
