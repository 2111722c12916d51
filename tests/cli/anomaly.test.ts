// `enact anomaly replay`: receipts of a folder counted again, with the configured thresholds and with others beside them.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ActionTaken, Receipt } from '../../src/engine/index.ts'
import { enact, filledFolder, freshFolder } from './receipts_cli.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const DAY = 86_400_000
const START = Date.UTC(2026, 2, 2)
const BURST = 90

let dir = ''
let config = ''

/** Twelve days of two deletions a day, then one receipt with a burst of 90 in 45 s. */
function more(n: number): Partial<Receipt> {
  const day = Math.floor(n / 2)
  const at = new Date(START + day * DAY + 43_200_000 + (n % 2) * 60_000)
  const count = n === 24 ? BURST : 1
  const actions_taken = Array.from({ length: count }, (_, i): ActionTaken => {
    const finished_at = new Date(at.getTime() + i * 500).toISOString()
    return {
      action: 'delete_row',
      system: 'postgres',
      success: true,
      status: 'DONE',
      output: {},
      rollback_data: 'irreversible',
      resources: [],
      started_at: finished_at,
      finished_at,
      error: null
    }
  })
  return { workflow: 'delete_row', judged_at: at.toISOString(), timestamp: at.toISOString(), actions_taken }
}

beforeAll(async () => {
  dir = (await filledFolder(25, more)).dir
  config = join(await freshFolder(), 'enact.config.ts')
  await writeFile(
    config,
    `import { defineConfig, toolSystem, TOOL_ACTIONS } from '${ROOT}src/engine/index.ts'
import { codingAgentPack } from '${ROOT}src/packs/index.ts'
export default defineConfig(() => ({ connectors: [toolSystem()], policies: codingAgentPack(), workflows: [], actions: [...TOOL_ACTIONS], anomaly: { min_history: 8 } }))
`
  )
})

const replay = (...words: string[]) => enact(['anomaly', 'replay', '--dir', dir, '--config', config, '--until', '2026-04-01', ...words])
const replayed = async (...words: string[]) => JSON.parse((await replay('--json', ...words)).out)

describe('enact anomaly replay', () => {
  it('with the configured thresholds alone finds nothing in a quiet folder, and ends with 0', async () => {
    const told = await replayed()
    expect(told).toMatchObject({ receipts: 25, acts: 24 + BURST, tried: null, configured: { rules: { min_history: 8 }, findings: [] } })
    expect((await replay()).code).toBe(0)
  })

  it('shows what other thresholds would have found, by rule and by week, without touching the configured', async () => {
    const told = await replayed('--cap', 'delete_row:20/60s', '--min-count', '1m:10', '--min-count', '1h:10')
    expect(told.configured.findings).toEqual([])
    expect(told.tried.by_rule).toEqual({ '1m': 1, 'cap delete_row:20/60s': 1 })
    expect(told.tried.by_week).toEqual({ '2026-03-09': 2 })
    expect(told.tried.findings).toMatchObject([
      { window: 'cap', agent: 'agent@company.com', action: 'postgres.delete_row', count: 20 },
      { window: '1m', expected: 2, basis: { days: 12 } }
    ])
    const { out, code } = await replay('--cap', 'delete_row:20/60s')
    expect(code).toBe(0)
    expect(out).toContain('+ 2026-03-14T12:00:09.000Z  `agent@company.com` did `postgres.delete_row` 20 times in 60 seconds; the cap is 20')
    expect(out).toMatch(/RULE +CONFIGURED +TRIED/)
    expect(out).toMatch(/cap delete_row:20\/60s +0 +1/)
    expect(out).toMatch(/2026-03-09 +0 +1/)
  })

  it('can be held to one agent and to a period', async () => {
    expect((await replayed('--cap', '*:20/60s', '--agent', 'Agent@Company.com')).tried.findings).toHaveLength(1)
    expect((await replayed('--cap', '*:20/60s', '--agent', 'other@company.com')).tried.findings).toEqual([])
    expect(await replayed('--cap', '*:20/60s', '--since', '2026-03-02', '--until', '2026-03-10')).toMatchObject({
      receipts: 16,
      tried: { findings: [] }
    })
  })

  it.each([
    [['--cap', 'delete_row'], 'is no cap'],
    [['--min-count', '2h:5'], 'is no floor'],
    [['--sigma', 'x'], '`sigma`'],
    [['--since', 'soon'], '--since and --until'],
    [['--since', '2026-05-01'], 'must be before'],
    [['--config', '/nowhere.ts'], 'there is no file']
  ])('ends with 2 for %j', async (words, said) => {
    const { code, err } = await replay(...words)
    expect([code, err]).toEqual([2, expect.stringContaining(said)])
  })

  it('ends with 2 where it is told no place to read from', async () => {
    expect((await enact(['anomaly', 'replay'])).code).toBe(2)
  })
})
