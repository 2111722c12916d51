// The sweep of runs whose alarm was lost: what it pokes, what it forgets, what it survives.
import { describe, expect, it } from 'vitest'
import { SWEEP_GRACE_MS, sweepRuns } from '../../src/jobs/sweep_runs.ts'

const NOW = 1_000_000

/** A table as D1 has it, and runs that answer a poke as given: null = over, a number = when the alarm comes, 'broken' = not at all. */
function world(runs: Record<string, { dueAt: number; answer: number | null | 'broken' }>) {
  const rows = new Map(Object.entries(runs).map(([runId, { dueAt }]) => [runId, dueAt]))
  const poked: string[] = []
  const logged: unknown[] = []
  const work = {
    unfinished: {
      put: async (_team: string, runId: string, dueAt: number) => void rows.set(runId, dueAt),
      remove: async (_team: string, runId: string) => void rows.delete(runId),
      due: async (now: number, limit: number) =>
        [...rows]
          .filter(([, at]) => at <= now)
          .slice(0, limit)
          .map(([run_id]) => ({ team_id: 'acme', run_id }))
    },
    runs: {
      async poke(_team: string, runId: string) {
        poked.push(runId)
        const { answer } = runs[runId]!
        if (answer === 'broken') throw new Error('the object does not start')
        return answer
      }
    },
    clock: { now: () => NOW },
    log: (entry: unknown) => void logged.push(entry)
  }
  return { work, rows, poked, logged }
}

describe('the sweep of unfinished runs', () => {
  it('pokes what is due and nothing else', async () => {
    const { work, poked } = world({ due: { dueAt: NOW, answer: NOW }, young: { dueAt: NOW + 1, answer: NOW } })
    await sweepRuns(work)
    expect(poked).toEqual(['due'])
  })

  it('forgets a run that is over, and looks at any other one again only after its alarm', async () => {
    const { work, rows } = world({ over: { dueAt: 0, answer: null }, waiting: { dueAt: 0, answer: NOW + 86_400_000 } })
    await sweepRuns(work)
    expect([...rows]).toEqual([['waiting', NOW + 86_400_000 + SWEEP_GRACE_MS]])
  })

  it('puts off a run that breaks whoever pokes it, says so, and sees to the others', async () => {
    const { work, rows, poked, logged } = world({ broken: { dueAt: 0, answer: 'broken' }, over: { dueAt: 1, answer: null } })
    await sweepRuns(work)
    expect(poked).toEqual(['broken', 'over'])
    expect([...rows]).toEqual([['broken', NOW + SWEEP_GRACE_MS]])
    expect(logged).toEqual([expect.objectContaining({ event: 'run_not_poked_yet', run_id: 'broken' })])
  })

  it('never throws, even where the table cannot be read', async () => {
    const { work, logged } = world({})
    await sweepRuns({ ...work, unfinished: { ...work.unfinished, due: () => Promise.reject(new Error('no database')) } })
    expect(logged).toEqual([expect.objectContaining({ event: 'unfinished_runs_not_read' })])
  })
})
