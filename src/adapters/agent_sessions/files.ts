// The sessions of agents in a folder, one file each that only grows: for hooks, each of which is a process of its own.
import { createHash } from 'node:crypto'
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentSessions, SessionPlace } from '../../engine/index.ts'
import { memoryAgentSessions } from './memory.ts'

type Line =
  | { readonly begin: Parameters<AgentSessions['begin']>[1]; readonly digest: string }
  | { readonly end: Parameters<AgentSessions['end']>[1] }

/**
 * INVARIANT: `begin` appends before it reads, so that of two processes at once at least one sees the other. A line that is not whole is an
 * error, not a step that never was.
 */
export function fileAgentSessions(dir: string): AgentSessions {
  const fileOf = ({ team_id, api_key_id, session_id }: SessionPlace) =>
    join(
      dir,
      `${createHash('sha256')
        .update(JSON.stringify([team_id, api_key_id, session_id]))
        .digest('hex')}.ndjson`
    )
  async function append(place: SessionPlace, line: Line): Promise<void> {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await appendFile(fileOf(place), `${JSON.stringify(line)}\n`, { mode: 0o600 })
  }
  /** The session as its file tells it, in memory. */
  async function replayed(place: SessionPlace): Promise<AgentSessions> {
    const sessions = memoryAgentSessions()
    const text = await readFile(fileOf(place), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    for (const line of text.split('\n')) {
      if (line === '') continue
      const told = JSON.parse(line) as Line
      if ('begin' in told) await sessions.begin(place, told.begin, told.digest)
      else await sessions.end(place, told.end)
    }
    return sessions
  }
  return {
    async begin(place, step, digest) {
      // Without a session nothing is remembered but open questions, and nobody is asked here.
      if (place.session_id === null) return { steps: [], count: 0, question: null }
      await append(place, { begin: step, digest })
      return (await replayed(place)).begin(place, step, digest)
    },
    async end(place, end) {
      if (place.session_id !== null) await append(place, { end })
    },
    blocked: async (place, limit) => (await replayed(place)).blocked(place, limit)
  }
}
