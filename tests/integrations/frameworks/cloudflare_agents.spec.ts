// The adapter of Cloudflare Agents by the harness's real types, called as the harness calls it: the harness itself lives in a Durable Object.
import type { ThinkHarnessHooks, ThinkHarnessOptions } from 'agents/harness/think'
import { describe, expect, it } from 'vitest'
import { enactHarness } from '../../../src/integrations/cloudflare_agents.ts'
import { embedded, receiptsOf, scripted } from './gates.ts'

type Before = Parameters<NonNullable<ThinkHarnessHooks['beforeToolCall']>>[0]
type After = Parameters<NonNullable<ThinkHarnessHooks['afterToolCall']>>[0]

const call = (toolCallId: string, command: string): Before => ({
  session: 's1',
  operationId: 'o',
  toolCallId,
  toolName: 'Bash',
  input: { command },
  attempt: 1
})
const acting = { user_email: 'agent@company.com' }

/** As the harness makes a call: approval, then the hooks around the tool. */
async function made({ toolApproval, hooks }: Pick<ThinkHarnessOptions, 'toolApproval' | 'hooks'>, before: Before, run: () => unknown) {
  if (await toolApproval!(before)) return 'approval-requested'
  return resumed({ hooks }, before, run)
}
async function resumed({ hooks }: Pick<ThinkHarnessOptions, 'hooks'>, before: Before, run: () => unknown) {
  const decision = await hooks!.beforeToolCall!(before)
  const end: After =
    decision?.action === 'block' ? { ...before, ok: false, errorText: decision.reason } : { ...before, ok: true, output: run() }
  await hooks!.afterToolCall!(end)
  return end.ok ? end.output : end.errorText
}

describe('enactHarness', () => {
  it('runs what passes with its outcome in the receipt, once, and blocks the rest', async () => {
    const enact = embedded()
    const harness: Pick<ThinkHarnessOptions, 'toolApproval' | 'hooks'> = enactHarness({ enact, ...acting })
    expect(await made(harness, call('bad', 'rm -rf ~'), () => 'never')).toContain('Enact blocked this')
    expect(await made(harness, call('good', 'ls'), () => 'listed')).toBe('listed')
    expect(await receiptsOf(enact)).toMatchObject([
      { decision: 'BLOCK', outcome: 'NONE', actor: { session_id: 's1' } },
      { decision: 'PASS', outcome: 'SUCCEEDED', actions_taken: [{ output: { result: 'listed' } }] }
    ])
  })

  it('makes a hold the harness’s request for approval, and executes nothing that Enact still holds', async () => {
    const gate = scripted('HOLD')
    const harness = enactHarness({ enact: gate, ...acting })
    const before = call('good', 'ls')
    expect(await made(harness, before, () => 'never')).toBe('approval-requested')
    expect(await resumed(harness, before, () => 'never')).toContain('a person must agree')
    gate.answer = 'PASS'
    expect(await resumed(harness, before, () => 'listed')).toBe('listed')
    expect(gate.told).toHaveLength(1)
  })

  it('blocks where the gate is out of reach', async () => {
    const harness = enactHarness({ enact: scripted('away'), ...acting })
    expect(await made(harness, call('good', 'ls'), () => 'never')).toContain('Enact could not be asked')
  })
})
