// The badge of a workflow, for everybody: a picture that a README can show.
import * as z from 'zod'
import { badgeSvg, hex, TeamId } from '../../engine/index.ts'
import type { Host } from '../host.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'

const MAX_AGE_SECONDS = 60
/** As the receipts of SDKs may have it. */
const WORKFLOW_LENGTH_MAX = 256
/** In place of what cannot be an id: it is looked up like any other, and there is none. */
const NOBODY = ''

/** `GET /badge/{team_id}/{workflow}.svg`. */
export const readBadge = route({
  id: 'readBadge',
  method: 'GET',
  path: '/badge/:team_id/:workflow.svg',
  access: 'public',
  title: 'Show the last decision of a workflow',
  about:
    'Green PASS, red BLOCK, amber PARTIAL, with the minute; grey for no data, an unknown team or workflow, and a team that switched it off. Only enforced runs count.',
  tag: 'installation',
  params: z.strictObject({ team_id: z.string(), workflow: z.string() }),
  answers: { 200: { title: 'The picture', type: 'image/svg+xml' }, 304: { title: 'The same as before' } },
  async handle({ host, params, headers }) {
    const svg = badgeSvg(await factsOf(host, params.team_id, params.workflow.replace(/\.svg$/, '')))
    const { hash } = host.ports
    const etag = `"${hex(hash.sha256(hash.utf8(svg))).slice(0, 32)}"`
    const caching = {
      etag,
      'cache-control': `public, max-age=${MAX_AGE_SECONDS}`,
      // Pages of others show it: that is what it is for.
      'cross-origin-resource-policy': 'cross-origin'
    }
    if (
      headers
        .get('if-none-match')
        ?.split(',')
        .some((one) => one.trim().replace(/^W\//, '') === etag)
    )
      return answer(304, undefined, caching)
    return { status: 200, body: svg, headers: { ...caching, 'content-type': 'image/svg+xml; charset=utf-8' } }
  }
})

/** INVARIANT: the same two look-ups whatever is asked for, so that neither the picture nor its time tells a team that there is from one that there is not. */
async function factsOf(host: Host, team: string, name: string) {
  const teamId = TeamId.safeParse(team).data ?? NOBODY
  const workflow = name.length > WORKFLOW_LENGTH_MAX ? NOBODY : name
  const [newest, { badge }] = await Promise.all([host.badges.newest(teamId, workflow), host.settings.get(teamId)])
  return badge ? newest : null
}
