// restore_file: what rollbacks do to a file. It was there: its kept content, mode and attributes come back. It was not: it goes.
import * as z from 'zod'
import { alreadyDone, conflict, done, failed, JsonObject } from '../../engine/index.ts'
import { isAs, writing } from './action.ts'
import { FilePath } from './path.ts'
import { Sha256 } from './write.ts'

const KeptImage = z.strictObject({
  sha256: Sha256,
  size_bytes: z.int().nonnegative(),
  mode: z.string().regex(/^[0-7]{4}$/),
  attributes: JsonObject.optional()
})
const Expect = z.strictObject({ sha256: Sha256.nullable(), mode: z.string().nullable() })

/** Puts a file back as it was, only while it is as `expect` says; CONFLICT where somebody has changed it since. */
export const restore_file = writing({
  title: 'Put a file back as it was',
  input: z.strictObject({ path: FilePath, before: KeptImage.nullable(), created_folders: z.array(FilePath) }),
  internal: true,
  async plan(work, { path, before, created_folders }) {
    const expected = Expect.safeParse(work.call.expect)
    if (!expected.success) return failed('no_expectation', 'a restoration needs to be told what the file must look like now')
    const seen = await work.store.look(path)
    const now = { path, sha256: seen?.sha256 ?? null, mode: seen?.mode ?? null }
    if (isAs(seen, before)) return alreadyDone('restored', now)
    if (!isAs(seen, expected.data)) return conflict(`\`${path}\` was changed since`, now)
    const after = { path, sha256: before?.sha256 ?? null, mode: before?.mode ?? null }
    const missing = before === null ? [] : await work.store.missingFolders(path)
    return {
      kind: 'effect' as const,
      will: { path, before: now, after },
      async make() {
        if (before === null) {
          if (seen !== null) await work.effect({ acted: true }, () => work.store.remove(path, seen, created_folders))
          return done(after)
        }
        const { attributes = null, ...image } = before
        const staged = await work.store.stage({ ...image, from: { kept: image.sha256 }, attributes })
        try {
          await work.effect({ acted: true }, () => staged.place(path, seen, missing))
        } finally {
          await staged.discard()
        }
        return done(after)
      }
    }
  },
  async look(work, { path, before }) {
    const seen = await work.store.look(path)
    if (isAs(seen, before)) return { kind: 'done', output: { path, sha256: seen?.sha256 ?? null, mode: seen?.mode ?? null } }
    const expected = Expect.safeParse(work.call.expect)
    return expected.success && isAs(seen, expected.data) ? { kind: 'not_done' } : { kind: 'unknown' }
  },
  inverse: 'irreversible'
})
