// A team's afternoon, through the API: blocks, passes, an approval, rollbacks, a conflict, something that waits. What the pages of receipts are looked at with.
import { randomUUID } from 'node:crypto'
import { hostileStrings, type World } from './world.ts'

const AGENT = 'agent@company.com'

/** The run ids by what they are. */
export interface Scene {
  readonly pushBlocked: string
  readonly deleteBlocked: string
  readonly deleted: string
  readonly inserted: string
  readonly pullRequest: string
  readonly updated: string
  readonly undone: string
  readonly undoneBy: string
  /** Deleted, and the place taken by a newer row since. */
  readonly conflicting: string
  /** The approval that waits. */
  readonly waiting: string
}

/** One run by the agent's key; the answer as it is. */
export function run(world: World, workflow: string, payload: unknown) {
  return world.api('POST', '/runs', { workflow, user_email: AGENT, payload, notify_email: 'ops@acme.dev' }, world.agent)
}

const insert = (world: World, id: number, name: string, plan = 'free') =>
  run(world, 'db_safe_insert', {
    table: 'customers',
    data: { id, name, email: `${id}@x.dev`, plan, mrr: '9.00', tags: '{}', settings: '{}', signed_up: '2026-11-01T08:00:00Z' }
  })

export async function playScene(world: World): Promise<Scene> {
  const idOf = async (answer: Promise<{ run_id: string }>) => (await answer).run_id
  const pushBlocked = await idOf(
    run(world, 'agent_pr_workflow', { repo: 'myorg/app', branch: 'main', files: [{ path: 'a.txt', content: 'a' }] })
  )
  const deleteBlocked = await idOf(run(world, 'delete_row', { table: 'customers', where: {} }))
  const inserted = await idOf(insert(world, 900, 'Ada Vale'))
  const pullRequest = await idOf(
    run(world, 'agent_pr_workflow', {
      repo: 'myorg/app',
      branch: 'agent/limit-uploads',
      title: 'Limit uploads to 5 MB',
      files: [
        {
          path: 'src/upload.ts',
          content:
            'export const MAX_BYTES = 5 * 1024 * 1024\n\nexport function isAllowed(size: number): boolean {\n  return size <= MAX_BYTES\n}\n'
        },
        { path: 'README.md', content: '# app\n\nUploads are limited to 5 MB.\n' }
      ]
    })
  )
  const deleted = await idOf(run(world, 'delete_row', { table: 'customers', where: { plan: 'trial-expired' } }))
  const updated = await approvedUpdate(world)
  const undone = await idOf(run(world, 'delete_row', { table: 'customers', where: { id: 1 } }))
  const undoneBy = await idOf(world.api('POST', `/runs/${undone}/rollback`, {}))
  const conflicting = await idOf(run(world, 'delete_row', { table: 'customers', where: { id: 2 } }))
  await insert(world, 2, 'Somebody Newer', 'business')
  const waiting = String((await run(world, 'update_row', { table: 'customers', where: { id: 9 }, data: { plan: 'team' } })).hitl_id)
  return { pushBlocked, deleteBlocked, deleted, inserted, pullRequest, updated, undone, undoneBy, conflicting, waiting }
}

async function approvedUpdate(world: World): Promise<string> {
  const asked = await run(world, 'update_row', { table: 'customers', where: { id: 12 }, data: { plan: 'business', mrr: '99.00' } })
  await world.api('POST', `/hitl/${asked.hitl_id}/approve`, { reason: 'they signed the contract' }, world.approver)
  const ended = await world.api('GET', `/runs/${asked.run_id}?wait=20`)
  if (ended.status !== 'DONE') throw new Error(`the approved update is ${JSON.stringify(ended)}`)
  return asked.run_id as string
}

/** Receipts of an SDK with hostile texts wherever an SDK may write: names, reasons, outputs, addresses. Gives their ids. */
export async function pushHostile(world: World, count = 12): Promise<string[]> {
  const texts = hostileStrings().filter((text) => text.isWellFormed() && text !== '')
  // Its own user must be what it says: a key that is nobody's may write any name.
  const { key } = (await world.api('POST', '/keys', { scopes: ['run'], label: 'an SDK' })) as { key: string }
  const ids: string[] = []
  const size = Math.ceil(texts.length / count)
  for (let i = 0; i < count; i++) {
    const some = texts.slice(i * size, (i + 1) * size)
    const first = (some[0] ?? 'x').slice(0, 120).toWellFormed()
    const run_id = randomUUID()
    const row = (text: string, k: number) => ({ id: String(k), name: text, [text.slice(0, 60).toWellFormed()]: text })
    const at = new Date().toISOString()
    const action = (output: unknown, action_name: string) => ({
      action: action_name,
      system: 'github',
      success: true,
      status: 'DONE',
      output,
      rollback_data: { action: first, input: { text: first }, expect: {} },
      resources: some.slice(0, 5),
      started_at: at,
      finished_at: at,
      error: { code: first, message: some.join(' ') }
    })
    await world.api(
      'POST',
      '/receipts',
      {
        run_id,
        workflow: first,
        decision: 'BLOCK',
        receipt: {
          user_email: first,
          config_digest: first,
          texts: some,
          policy_results: some.map((text) => ({ policy: text, passed: false, reason: text })),
          actions_taken: [
            action(
              { table: first, key: ['id'], affected: some.length, before: some.map(row), after: some.map((text, k) => row(`${text}!`, k)) },
              'update_row'
            ),
            action({ pr_number: 7, url: first, branch: first, sha: first }, 'create_pr'),
            action({ texts: some }, first)
          ]
        }
      },
      key
    )
    ids.push(run_id)
  }
  return ids
}
