// Sensitive places stay closed to agents.
import * as z from 'zod'
import { allow, definePolicy, deny, placeWithin, quoted } from '../../engine/index.ts'

/** Denies a `path` at or below a listed one, however it is spelt. */
export const dontReadSensitivePaths = definePolicy({
  id: 'dont_read_sensitive_paths',
  title: 'Sensitive paths are not read',
  params: z.strictObject({ paths: z.array(z.string().min(1)) }),
  reads: z.object({ path: z.string().optional() }),
  on: ['filesystem.*'],
  evaluate({ reads: { path } }, { paths }) {
    if (path === undefined) return allow('no path is named')
    const listed = placeWithin(path, paths)
    if (listed === null) return allow(`${quoted(path)} is at or below no sensitive path`)
    return deny(`${quoted(path)} is at or below ${quoted(listed)}, which is sensitive`, { remedy: 'use another path, or ask its owner' })
  }
})
