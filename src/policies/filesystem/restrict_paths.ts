// Agents stay inside their folders.
import * as z from 'zod'
import { allow, definePolicy, deny, isWithin, quoted } from '../../engine/index.ts'

/** Denies a `path` outside every allowed folder, in whichever way a system might read it. An empty list blocks every path. */
export const restrictPaths = definePolicy({
  id: 'restrict_paths',
  title: 'Paths stay inside allowed folders',
  params: z.strictObject({ allowed_dirs: z.array(z.string().min(1)) }),
  reads: z.object({ path: z.string().optional() }),
  on: ['filesystem.*'],
  evaluate({ reads: { path } }, { allowed_dirs }) {
    if (path === undefined) return allow('no path is named')
    if (allowed_dirs.length === 0) return deny(`${quoted(path)}: no folder is allowed`)
    const folders = allowed_dirs.map((folder) => quoted(folder)).join(', ')
    if (isWithin(path, allowed_dirs)) return allow(`${quoted(path)} is inside ${folders}`)
    return deny(`${quoted(path)} is outside ${folders}`, { remedy: `use a path inside ${folders}` })
  }
})
