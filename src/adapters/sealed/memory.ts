// Sealed originals in memory: gone with the process.
import type { Sealed } from '../../engine/index.ts'

/** A store that forgets everything when the process ends. */
export function memorySealed(): Sealed {
  const texts = new Map<string, string>()
  return {
    put: async (teamId, runId, text) => void texts.set(`${teamId} ${runId}`, text),
    get: async (teamId, runId) => texts.get(`${teamId} ${runId}`) ?? null
  }
}
