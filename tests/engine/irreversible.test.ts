// What cannot be undone is said before it is done: to whoever tries it out, and to whoever approves it.
import { describe, expect, it } from 'vitest'
import { allow, definePolicy, isStopped, judge, stopped, wordsOf, type ApprovalSight } from '../../src/engine/index.ts'
import * as z from 'zod'
import { asked, newShelf, toyInstallation, toyPorts } from './toy.ts'

const anything = definePolicy({
  id: 'anything',
  title: 'Anything goes',
  params: z.strictObject({}),
  reads: z.object({}),
  evaluate: () => allow('it may')
})
const installation = toyInstallation(newShelf(), { policies: [anything()] })

async function tried(workflow: string, payload: object, run_mode: 'dry_run' | 'shadow' | 'enforce' = 'dry_run') {
  const ports = toyPorts()
  const judged = await judge(installation, asked(workflow, payload as never, { run_mode }), ports)
  return run_mode === 'dry_run'
    ? (expect(isStopped(judged)).toBe(true), (await stopped(judged, ports)).receipt.policy_results)
    : judged.results
}
const notes = (results: readonly { policy: string; reason: string; passed: boolean }[]) =>
  results.filter(({ policy }) => policy === 'irreversible')

describe('a dry run', () => {
  it('of an action without an inverse says so in its receipt, and denies nothing', async () => {
    expect(notes(await tried('remove', { key: 'a' }))).toEqual([
      { policy: 'irreversible', passed: true, effect: 'allow', reason: 'remove CANNOT be undone' }
    ])
  })
  it('of a workflow names each such action that it uses', async () => {
    expect(notes(await tried('stock', { things: {} })).map(({ reason }) => reason)).toEqual(['remove CANNOT be undone'])
  })
  it('of what can be undone, or only reads, says nothing; nor does a real run, whose receipt says what it did', async () => {
    expect(notes(await tried('put', { key: 'a', value: 'b' }))).toEqual([])
    expect(notes(await tried('get', { key: 'a' }))).toEqual([])
    expect(notes(await tried('remove', { key: 'a' }, 'enforce'))).toEqual([])
  })
})

describe('whoever approves', () => {
  const words = (workflow: string, policy_results: ApprovalSight['policy_results'] = []) =>
    wordsOf(
      {
        hitl_id: 'h',
        team_id: 'acme',
        workflow,
        run_id: null,
        status: 'PENDING',
        decided_at: null,
        decided_by: null,
        user_email: 'agent@company.com',
        api_key_id: 'k',
        payload: {},
        preview: {},
        policy_results,
        request_digest: 'sha256:0',
        needed: 1,
        missing: 1,
        approvers: [],
        votes: [],
        history: [],
        created_at: '2026-03-01T00:00:00Z',
        expires_at: '2026-03-01T01:00:00Z',
        is_edited: false,
        is_judging: false,
        is_redacted: false
      },
      installation
    ).map(({ label, text }) => `${label}: ${text}`)
  it('reads it, for an action and for a workflow that uses one', () => {
    expect(words('remove')).toContain('Afterwards: remove CANNOT be undone')
    expect(words('stock')).toEqual(expect.arrayContaining(['Afterwards: put can be undone', 'Afterwards: remove CANNOT be undone']))
  })
  it('reads it once: the note of a dry run is no policy', () => {
    const note = { policy: 'irreversible', passed: true, effect: 'allow', reason: 'remove CANNOT be undone' } as const
    expect(
      words('remove', [note])
        .join('\n')
        .match(/CANNOT/g)
    ).toHaveLength(1)
    expect(words('remove', [note]).join('\n')).not.toContain('Policies that allow it')
  })
  it('is not told that a policy denies what it only wants approved', () => {
    const wanting = { policy: 'p', passed: false, effect: 'deny', reason: 'no person has approved it', code: 'approval_needed' } as const
    expect(words('remove', [wanting])).toContain('Why you are asked: p: no person has approved it')
    expect(words('remove', [{ ...wanting, code: 'other' }])).toContain('A policy denies it: p: no person has approved it')
  })
})
