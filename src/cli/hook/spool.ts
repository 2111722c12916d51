// Which receipt a tool call got, from the hook before it to the hook after it: the two are processes of their own.
import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, unlink, writeFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ToolCall } from '../../engine/tool_call.ts'

interface Place {
  readonly session_id: string | null
  readonly tool_use_id: string | null
  readonly call: ToolCall
}

/** Keeps nothing but ids of receipts, under names that tell nothing. What fails here leaves an outcome UNKNOWN, and stops nothing. */
export interface Spool {
  keep(agent: string, place: Place, runId: string): Promise<void>
  /** Gives it once. */
  take(agent: string, place: Place): Promise<string | null>
}

const KEPT_MS = 86_400_000
/** One call in so many looks for what was forgotten. */
const SWEEP_EVERY = 64
const RUN_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** In the folder `dir`, which is the user's own. */
export function folderSpool(dir: string): Spool {
  return {
    async keep(agent, place, runId) {
      try {
        await mkdir(dir, { recursive: true, mode: 0o700 })
        await writeFile(join(dir, nameOf(agent, place)), runId, { mode: 0o600 })
        if (Number.parseInt(runId.slice(-2), 16) % SWEEP_EVERY === 0) await sweep(dir)
      } catch {
        // The outcome will stay UNKNOWN.
      }
    },
    async take(agent, place) {
      const file = join(dir, nameOf(agent, place))
      const mine = `${file}.${process.pid}`
      try {
        // Of two that report the same, one gets it.
        await rename(file, mine)
        const runId = (await readFile(mine, 'utf8')).trim()
        await unlink(mine)
        return RUN_ID.test(runId) ? runId : null
      } catch {
        return null
      }
    }
  }
}

/** By the agent's own id of the call where it has one, else by what is called. */
function nameOf(agent: string, { session_id, tool_use_id, call }: Place): string {
  const what = tool_use_id ?? [call.tool_name, call.tool_input]
  return createHash('sha256')
    .update(JSON.stringify([agent, session_id, what]))
    .digest('hex')
}

async function sweep(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    const file = join(dir, name)
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Infinity }))
    if (Date.now() - mtimeMs > KEPT_MS) await rm(file, { force: true })
  }
}
