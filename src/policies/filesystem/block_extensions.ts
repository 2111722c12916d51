// Kinds of files that agents leave alone.
import * as z from 'zod'
import { allow, definePolicy, deny, fileNames, fold, quoted } from '../../engine/index.ts'

/** Denies a `path` whose last suffix, or whose whole name for a dotfile, is listed. `.env` also means `.env.local` and `.env~`. */
export const blockExtensions = definePolicy({
  id: 'block_extensions',
  title: 'Some kinds of files are off limits',
  params: z.strictObject({ extensions: z.array(z.string().min(1)) }),
  reads: z.object({ path: z.string().optional() }),
  on: ['filesystem.*'],
  evaluate({ reads: { path } }, { extensions }) {
    if (path === undefined) return allow('no path is named')
    const names = fileNames(path)
    if (names === null) return deny('the path is none that a system opens (it holds a NUL or is too long)', { remedy: 'use a plain path' })
    const listed = extensions.find((extension) => names.some((name) => hasExtension(name, `.${fold(extension).replace(/^\.+/, '')}`)))
    if (listed === undefined) return allow(`${quoted(path)} has none of the listed extensions`)
    return deny(`${quoted(path)} is a ${quoted(listed)} file, which is off limits`, { remedy: 'use another kind of file' })
  }
})

function hasExtension(name: string, extension: string): boolean {
  const plain = name.replace(/~+$/, '')
  return plain.endsWith(extension) || (extension === '.env' && plain.startsWith('.env.'))
}
