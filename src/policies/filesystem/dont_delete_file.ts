// Files are never deleted.
import * as z from 'zod'
import { definePolicy, deny, quoted } from '../../engine/index.ts'

/** Denies every deletion of a file. */
export const dontDeleteFile = definePolicy({
  id: 'dont_delete_file',
  title: 'No file is deleted',
  params: z.strictObject({}),
  reads: z.object({}),
  on: ['delete_file'],
  evaluate({ payload: { path } }) {
    const file = typeof path === 'string' ? quoted(path) : 'a file'
    return deny(`${file} would be deleted, and files must not be`, { remedy: 'leave the file, or ask a person to delete it' })
  }
})
