// A home folder holds its owner's keys, mail and history.
import * as z from 'zod'
import { allow, definePolicy, deny, foldedReadings, type Place, quoted } from '../../engine/index.ts'

/** Denies a `path` that is, holds or lies in a home folder: `~`, `$HOME`, `/home/…`, `/root`, `/Users/…`, `C:\Users\…`, however it is spelt. */
export const dontAccessHomeDir = definePolicy({
  id: 'dont_access_home_dir',
  title: 'Home folders are off limits',
  params: z.strictObject({}),
  reads: z.object({ path: z.string().optional() }),
  on: ['filesystem.*'],
  evaluate({ reads: { path } }) {
    if (path === undefined) return allow('no path is named')
    const places = foldedReadings(path)
    if (places !== null && !places.some(isHome)) return allow(`${quoted(path)} is in no home folder`)
    return deny(
      places === null
        ? 'the path is none that a system opens (it holds a NUL or is too long)'
        : `${quoted(path)} is in a home folder, which is off limits`,
      { remedy: 'use a path inside the project' }
    )
  }
})

/** Beyond the `..` of an unknown folder, `home/ada` may be anybody's. */
function isHome({ root, segments }: Place): boolean {
  return root === '~' || (root !== '' && ['home', 'users', 'root'].includes(segments[0] ?? ''))
}
