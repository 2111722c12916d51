// Agents: the team's keys with what each did lately.
import * as z from 'zod'
import { timeText } from '../../engine/index.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { count, KeyListed, pageOf } from '../schema.ts'

const DAY_MS = 86_400_000

const Agent = KeyListed.extend({ receipts_24h: z.int(), blocked_24h: z.int(), last_at: z.string().nullable() })

/** `GET /agents`. */
export const listAgents = route({
  id: 'listAgents',
  method: 'GET',
  path: '/agents',
  access: ['admin'],
  title: 'List who acts for the team',
  about:
    'Its keys, as in `GET /keys`, each with how many receipts of its own the last 24 hours brought, how many of them are BLOCK, and when its newest run was recorded.',
  tag: 'keys and teams',
  query: z.strictObject({ limit: count(1, 200, 50), cursor: z.string().min(1).max(64).optional() }),
  answers: { 200: { title: 'A page of keys', schema: pageOf(Agent) } },
  async handle({ host, actor, query: { limit, cursor } }) {
    const { team_id } = actor
    const found = await host.directory.list(team_id, cursor ?? null, limit + 1)
    const shown = found.slice(0, limit)
    await host.ledger.project(team_id)
    const counts = await host.receipts.countsOfKeys(
      team_id,
      shown.map(({ id }) => id),
      host.ports.clock.now() - DAY_MS
    )
    const data = shown.map((key) => {
      const { receipts = 0, blocked = 0, last_at = null } = counts.get(key.id) ?? {}
      return { ...key, receipts_24h: receipts, blocked_24h: blocked, last_at: last_at === null ? null : timeText(last_at) }
    })
    const has_more = found.length > limit
    return answer(200, { data, next_cursor: has_more ? data.at(-1)!.id : null, has_more })
  }
})
