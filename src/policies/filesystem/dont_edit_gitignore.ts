// What git ignores decides what is published: agents do not change it.
import * as z from 'zod'
import { allow, definePolicy, deny, fileNames, quoted } from '../../engine/index.ts'

/** Denies a `path` that is a `.gitignore`, in any folder and however it is spelt. */
export const dontEditGitignore = definePolicy({
  id: 'dont_edit_gitignore',
  title: 'No changes to .gitignore',
  params: z.strictObject({}),
  reads: z.object({ path: z.string().optional() }),
  on: ['write_file', 'delete_file'],
  evaluate({ reads: { path } }) {
    if (path === undefined) return allow('no path is named')
    const names = fileNames(path)
    if (names !== null && !names.includes('.gitignore')) return allow(`${quoted(path)} is not a .gitignore`)
    return deny(
      names === null
        ? 'the path is none that a system opens (it holds a NUL or is too long)'
        : `${quoted(path)} is a .gitignore, which must not be changed`,
      { remedy: 'propose the change to a person' }
    )
  }
})
