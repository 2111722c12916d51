// Some places ask for clearance.
import * as z from 'zod'
import { allow, definePolicy, deny, placeWithin, quoted } from '../../engine/index.ts'

/** Denies a `path` at or below a listed one to whoever's attribute `clearance_level` (0 where there is none) is below `min_clearance`. */
export const requireClearanceForPath = definePolicy({
  id: 'require_clearance_for_path',
  title: 'Clearance for some paths',
  params: z.strictObject({ paths: z.array(z.string().min(1)), min_clearance: z.number() }),
  reads: z.object({ path: z.string().optional() }),
  on: ['filesystem.*'],
  evaluate({ reads: { path }, user_attributes: { clearance_level: level = 0 } }, { paths, min_clearance }) {
    if (path === undefined) return allow('no path is named')
    const listed = placeWithin(path, paths)
    if (listed === null) return allow(`${quoted(path)} asks for no clearance`)
    if (typeof level !== 'number') return deny('attribute `clearance_level` is not a number', { code: 'policy_error' })
    if (level >= min_clearance) return allow(`clearance ${level} is enough for ${quoted(listed)}, which asks for ${min_clearance}`)
    return deny(`${quoted(path)} asks for clearance ${min_clearance} (it is at or below ${quoted(listed)}), and yours is ${level}`, {
      remedy: 'ask somebody with that clearance'
    })
  }
})
