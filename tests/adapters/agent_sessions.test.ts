// The port for sessions of agents, in memory and in a folder: the same promises.
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { fileAgentSessions } from '../../src/adapters/agent_sessions/files.ts'
import { memoryAgentSessions } from '../../src/adapters/agent_sessions/memory.ts'
import type { AgentSessions, SessionPlace, SessionStep } from '../../src/engine/index.ts'

const made: string[] = []
afterAll(() => Promise.all(made.map((dir) => rm(dir, { recursive: true, force: true }))))
async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'enact-sessions-'))
  made.push(dir)
  return dir
}
const place: SessionPlace = { team_id: 'acme', api_key_id: 'k', session_id: 's' }
const step = (run_id: string): SessionStep => ({
  run_id,
  at: 0,
  workflow: 'agent.shell',
  action: 'shell',
  system: 'agent',
  user_email: 'a@acme.example',
  payload: { command: run_id }
})
const end = (run_id: string, decision: 'PASS' | 'BLOCK') => ({ run_id, decision, digest: run_id, question: null })

describe.each<[string, () => Promise<AgentSessions>]>([
  ['in memory', async () => memoryAgentSessions()],
  ['in a folder', async () => fileAgentSessions(await folder())]
])('%s', (_where, open) => {
  test('a step sees what came before it and was not blocked, oldest first, and itself never', async () => {
    const sessions = await open()
    for (const [id, decision] of [
      ['a', 'PASS'],
      ['b', 'BLOCK'],
      ['c', 'PASS']
    ] as const) {
      await sessions.begin(place, step(id), id)
      await sessions.end(place, end(id, decision))
    }
    const before = await sessions.begin(place, step('d'), 'd')
    expect([before.count, before.steps.map(({ run_id }) => run_id)]).toEqual([2, ['a', 'c']])
    expect((await sessions.begin(place, step('c'), 'c')).steps.map(({ run_id }) => run_id)).toEqual(['a'])
    expect((await sessions.blocked(place, 5)).map(({ run_id }) => run_id)).toEqual(['b'])
  })

  test('other keys, other teams and what has no session see nothing of it', async () => {
    const sessions = await open()
    await sessions.begin(place, step('a'), 'a')
    for (const other of [{ api_key_id: 'x' }, { team_id: 'other' }, { session_id: 'x' }, { session_id: null }])
      expect((await sessions.begin({ ...place, ...other }, step('b'), 'b')).count).toBe(0)
  })

  test('of many at once every pair has at least one that sees the other', async () => {
    const sessions = await open()
    const ids = Array.from({ length: 12 }, (_, i) => `run-${i}`)
    const seen = new Map(
      await Promise.all(ids.map(async (id) => [id, (await sessions.begin(place, step(id), id)).steps.map(({ run_id }) => run_id)] as const))
    )
    for (const a of ids)
      for (const b of ids) if (a < b) expect(seen.get(a)!.includes(b) || seen.get(b)!.includes(a), `${a} ${b}`).toBe(true)
  })
})

test('in a folder another process goes on where the first was, and a damaged file is an error, not a session without a past', async () => {
  const dir = await folder()
  await fileAgentSessions(dir).begin(place, step('a'), 'a')
  expect((await fileAgentSessions(dir).begin(place, step('b'), 'b')).count).toBe(1)
  const [file] = await readdir(dir)
  expect(file).not.toContain('acme')
  await appendFile(join(dir, file!), '{"begin":{"run_id"')
  await expect(fileAgentSessions(dir).begin(place, step('c'), 'c')).rejects.toThrow()
})
