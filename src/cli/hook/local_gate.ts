// `enact hook --local`: the engine in this process with the policies for coding agents, receipts in a folder, and sessions beside them. No server, nobody to ask.
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileAgentSessions } from '../../adapters/agent_sessions/files.ts'
import { systemClock } from '../../adapters/clock/system.ts'
import { memoryFacts } from '../../adapters/facts/memory.ts'
import { nodeHash } from '../../adapters/hash/index.ts'
import { uuidIds } from '../../adapters/ids/uuid.ts'
import { webcryptoKeys } from '../../adapters/keys/index.ts'
import { nodeParsers } from '../../adapters/parsers/node.ts'
import { fileReceipts } from '../../adapters/receipts/index.ts'
import { fileSealed } from '../../adapters/sealed/files.ts'
import { nativeTimer } from '../../adapters/timer/native.ts'
import type { Gate } from '../../client/decisions.ts'
import { decide, fault, install, reportOutcome, TOOL_ACTIONS, toolSystem, type DecidePorts } from '../../engine/index.ts'
import { codingAgentPack } from '../../packs/index.ts'

const TEAM = 'local'

/** The gate of the folder `dir`: `receipts/`, `sessions/`, `sealed/` and, unless `secret` is given, a `secret` of its own. */
export async function localGate(dir: string, secret: string | undefined, env: Readonly<Record<string, string | undefined>>): Promise<Gate> {
  const installation = install(
    { connectors: [toolSystem()], policies: codingAgentPack(), workflows: [], actions: [...TOOL_ACTIONS] },
    nodeHash
  )
  const receipts = fileReceipts(join(dir, 'receipts'))
  const ports: DecidePorts = {
    clock: systemClock,
    ids: uuidIds,
    hash: nodeHash,
    keys: webcryptoKeys({ secret: secret ?? (await secretOf(dir)) }),
    facts: memoryFacts({}, env),
    timer: nativeTimer,
    parsers: nodeParsers(),
    ledger: receipts,
    sealed: fileSealed(join(dir, 'sealed')),
    locks: null,
    approvals: null,
    // A process that lives for one call cannot count: a budget is a deny here.
    budgets: null,
    agentSessions: fileAgentSessions(join(dir, 'sessions'))
  }
  return {
    async decide({ action, input, user_email, session_id = null, tool_use_id = null }) {
      const run_id = uuidIds.runId()
      const asked = {
        run_id,
        team_id: TEAM,
        user_email,
        user_attributes: {},
        actor: { api_key_id: null, session_id },
        action,
        input,
        tool_use_id
      }
      const { decision, policy_results } = await decide(installation, asked, ports)
      return { run_id, decision, policy_results }
    },
    async reportOutcome(runId, { success, output = {}, error = null, rollback_data = null }) {
      const latest = await receipts.latest(TEAM, runId)
      if (latest === null) throw fault('not_found', `there is no decision \`${runId}\``)
      await reportOutcome(latest, { success, output, error, rollback_data }, ports)
    }
  }
}

/** Made once; of two processes that begin at once, one makes it. */
async function secretOf(dir: string): Promise<string> {
  const file = join(dir, 'secret')
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await writeFile(file, randomBytes(32).toString('base64'), { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  return (await readFile(file, 'utf8')).trim()
}
