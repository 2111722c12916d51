// What an inverse would do now, found by reading only: the dry run of a rollback.
import type { Target } from './config.ts'
import { connectOnce } from './connections.ts'
import { CALL_TIMEOUT_MS } from './perform.ts'
import { messageOf, toJsonObject } from './plain.ts'
import type { Running } from './recorder.ts'
import type { ActionTaken, Inverse, JsonObject } from './schema.ts'

const WOULD = { done: 'REVERTED', already: 'ALREADY', conflict: 'CONFLICT', failed: 'FAILED' } as const

/** A line with status SKIPPED whose output says, under `would`, what the real rollback would answer now. Never throws, never changes anything. */
export async function previewCall(
  run: Running,
  target: Target,
  inverse: Inverse
): Promise<Pick<ActionTaken, 'success' | 'status' | 'output' | 'error'>> {
  const line = (output: JsonObject, error: ActionTaken['error'] = null) => ({
    status: 'SKIPPED' as const,
    success: error === null,
    output: { ...output, input: inverse.input },
    error
  })
  const { action } = target
  const parsed = action.input.safeParse(inverse.input)
  if (!parsed.success || !action.mutates)
    return line({ would: 'FAILED' }, { code: 'invalid_input', message: `\`${target.name}\` does not take the recorded input` })
  if (action.preview === undefined) return line({ would: 'UNKNOWN' })
  const timeoutMs = action.timeoutMs ?? CALL_TIMEOUT_MS
  const context = { idempotencyKey: '', expect: inverse.expect, timeoutMs, notes: [], note: () => Promise.resolve() }
  try {
    const client = await connectOnce(run.connections, target.system)
    const result = await run.ports.timer.within(timeoutMs, action.preview(client as never, parsed.data as never, context))
    if (result.kind === 'failed') return line({ would: WOULD.failed }, { code: result.code, message: result.message })
    if (result.kind === 'conflict')
      return line({ would: WOULD.conflict, found: toJsonObject(result.found) }, { code: 'conflict', message: result.message })
    return line({ would: WOULD[result.kind] })
  } catch (error) {
    return line({ would: 'FAILED' }, { code: 'preview_failed', message: messageOf(error) })
  }
}
