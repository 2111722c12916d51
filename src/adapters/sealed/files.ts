// Sealed originals in a folder, one file a run.
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fault, parseInput, RunId, TeamId } from '../../engine/index.ts'
import type { Sealed } from '../../engine/index.ts'

/** A store in the folder `dir`, made on first use: a text is there whole or not at all, and durable once `put` resolves. */
export function fileSealed(dir: string): Sealed {
  // INVARIANT: neither id can hold a separator or a dot, so no name leaves the folder and no two pairs share one.
  const pathOf = (teamId: string, runId: string) => join(dir, `${parseInput(TeamId, teamId)}.${parseInput(RunId, runId)}.sealed`)
  return {
    async put(teamId, runId, text) {
      const path = pathOf(teamId, runId)
      await mkdir(dir, { recursive: true, mode: 0o700 })
      const unfinished = join(dir, `unfinished-${randomUUID()}`)
      try {
        const handle = await open(unfinished, 'wx', 0o600)
        try {
          await handle.writeFile(text)
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(unfinished, path)
      } catch (error) {
        await unlink(unfinished).catch(() => undefined)
        throw error
      }
    },
    async get(teamId, runId) {
      const path = pathOf(teamId, runId)
      try {
        const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
        try {
          return await handle.readFile('utf8')
        } finally {
          await handle.close()
        }
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'ENOENT') return null
        throw fault('unavailable', `the sealed original of run \`${runId}\` cannot be read (${code ?? 'unknown reason'})`)
      }
    }
  }
}
