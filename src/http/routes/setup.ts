// How far an installation is set up: for whoever claims it, and for the admin who goes on.
import * as z from 'zod'
import { Fault } from '../../engine/index.ts'
import { checklistOf } from '../checklist.ts'
import type { Host } from '../host.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'

const State = z.strictObject({
  claimed: z.boolean(),
  /** Why the installation refuses to serve, and what to do about it. */
  refusal: z.string().nullable()
})
const Step = z.strictObject({ id: z.string(), title: z.string(), done: z.boolean(), detail: z.string(), how: z.string() })

/** `GET /setup`. */
export const readSetup = route({
  id: 'readSetup',
  method: 'GET',
  path: '/setup',
  access: 'public',
  always: true,
  title: 'See whether the installation is claimed',
  about: 'Also while it refuses to serve. Browsers are led to the page `/app/setup`.',
  tag: 'installation',
  answers: { 200: { title: 'Whether it is claimed, and what keeps it from serving', schema: State }, 302: { title: 'To the page' } },
  async handle({ host, headers }) {
    if (headers.get('accept')?.includes('text/html')) return answer(302, undefined, { location: '/app/setup' })
    return answer(200, await stateOf(host))
  }
})

/** `GET /setup/checklist`. */
export const readChecklist = route({
  id: 'readChecklist',
  method: 'GET',
  path: '/setup/checklist',
  access: ['admin'],
  title: 'See what is left to set up',
  about: 'Each with the command or the page that does it.',
  tag: 'installation',
  answers: { 200: { title: 'Every step, done or not', schema: z.strictObject({ data: z.array(Step) }) } },
  async handle({ host, actor: { team_id }, url }) {
    const facts = await host.setup.of(team_id, host.ports.clock.now())
    const [checkpoint] = await host.ledger.checkpoints(team_id, null, 1)
    const checkpoint_size = checkpoint?.tree_size ?? null
    return answer(200, {
      data: checklistOf({ team_id, facts, installation: installationOf(host, team_id), checkpoint_size, origin: url.origin })
    })
  }
})

/** A database that was never migrated is the first thing that whoever deploys can run into. */
async function stateOf({ setup, refusal }: Host): Promise<z.output<typeof State>> {
  try {
    return { claimed: await setup.isClaimed(), refusal }
  } catch {
    return { claimed: false, refusal: refusal ?? 'the database does not answer: npx wrangler d1 migrations apply DB --remote' }
  }
}

function installationOf(host: Host, teamId: string) {
  try {
    return host.installation(teamId)
  } catch (error) {
    if (error instanceof Fault && error.code === 'misconfigured') return null
    throw error
  }
}
