// The default pack against what happened: each public incident is stopped, everyday work beside it is not.
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { install, TOOL_ACTIONS, toolSystem } from '../../src/engine/index.ts'
import { codingAgentPack } from '../../src/packs/index.ts'
import { COMMANDS, TOOLS } from './everyday_cases.ts'
import { EARLIER, type Incident, RECENT } from './incident_cases.ts'
import { judgeCall, loadParsers } from './judged.ts'

beforeAll(() => loadParsers())

const named = (list: readonly Incident[]) =>
  list.map(({ source, call }): [string, string, Incident['call']] => [source, JSON.stringify(call.tool_input).slice(0, 120), call])

describe.each([
  ['from May to November 2026', RECENT],
  ['before', EARLIER]
])('an incident %s is denied or put before a person', (_when, incidents) => {
  it.each(named(incidents))('%s %s', (_source, _said, call) => {
    const { effect, by } = judgeCall(call)
    expect(effect).not.toBe('allow')
    for (const { reason, remedy } of by) {
      expect(reason.length).toBeGreaterThan(10)
      expect(remedy, reason).toBeDefined()
    }
  })
})

describe('everyday work passes', () => {
  it.each(COMMANDS.map((command) => [command]))('%s', (command) => {
    const { by } = judgeCall({ tool_name: 'Bash', tool_input: { command } })
    expect(by.map(({ policy, reason }) => `${policy}: ${reason}`)).toEqual([])
  })
  it.each(
    TOOLS.map((call): [string, string, (typeof TOOLS)[number]] => [call.tool_name, JSON.stringify(call.tool_input).slice(0, 100), call])
  )('%s %s', (_name, _said, call) => {
    expect(judgeCall(call).by.map(({ policy, reason }) => `${policy}: ${reason}`)).toEqual([])
  })
  it('is a table at least as long as that of the incidents', () => {
    expect(COMMANDS.length + TOOLS.length).toBeGreaterThan(2 * (RECENT.length + EARLIER.length))
  })
})

describe('the pack', () => {
  it('can be installed beside the system of tool calls, and every policy of it judges something', () => {
    const installation = install(
      { connectors: [toolSystem()], policies: codingAgentPack(), workflows: [], actions: TOOL_ACTIONS },
      nodeHash
    )
    const judged = new Set(
      Object.keys(toolSystem().actions).flatMap((name) =>
        installation.callPolicies(installation.target('agent', name)!).map(({ id }) => id)
      )
    )
    for (const { id } of codingAgentPack()) expect(judged, id).toContain(id)
  })
  it('names each policy once', () => {
    const ids = codingAgentPack().map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})
