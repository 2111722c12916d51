// Budgets as people see them: what real calls have used, who is stopped at the end of it, and when some of it frees.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { enact } from '../cli/receipts_cli.ts'
import { lookAt } from './look.ts'
import { startWorld, visit, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld('update_row', { ENACT_LIMIT_RATE: 'delete_row:2/60s', ENACT_LIMIT_ROWS: 'delete_row:500/24h' })
})
afterAll(() => world?.close())

const drop = (id: number) =>
  world.api(
    'POST',
    '/runs',
    { workflow: 'delete_row', user_email: 'agent@company.com', payload: { table: 'customers', where: { id } } },
    world.agent
  )

it('says which policies count where nothing is used', async () => {
  await lookAt(world, { key: world.admin, path: '/app/policies?view=budgets', name: 'budgets-empty', ready: 'Nothing of a budget is used' })
})

it('shows what is used as it is used, in words and not by colour alone', async () => {
  const seen = await visit(world, { key: world.admin })
  try {
    await seen.page.goto('/app/policies?view=budgets')
    await seen.page.getByText('Nothing of a budget is used').waitFor()
    await drop(1)
    await seen.page.getByText('1 used, of 2').waitFor()
    await drop(2)
    await drop(3)
    await seen.page.getByText('2 used, of 2: full').waitFor()
    await seen.page.getByText('at most 2 calls in 1 min for each key').waitFor()
    expect(seen.wrongs).toEqual([])
  } finally {
    await seen.close()
  }
  await lookAt(world, { key: world.admin, path: '/app/policies?view=budgets', name: 'budgets', ready: 'at most 500' })
})

it('is the same on the command line', async () => {
  const { code, out } = await enact(['budgets'], { ENACT_URL: world.url, ENACT_API_KEY: world.admin })
  expect(code).toBe(0)
  expect(out).toMatch(/limit_rate +delete_row +\w+ +2 +0 +2 +60/)
})
