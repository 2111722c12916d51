// Signed tree heads and the public keys that verify them: what a third party needs, without a key of this installation.
import { fault } from '../../engine/index.ts'
import * as z from 'zod'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { Checkpoint, PageQuery, pageOf, TeamQuery } from '../schema.ts'

/** Teams whose keys are published in one document; beyond them `?team=` asks for one. */
const TEAMS_MAX = 100

/** `GET /checkpoints`. */
export const listCheckpoints = route({
  id: 'listCheckpoints',
  method: 'GET',
  path: '/checkpoints',
  access: ['read'],
  title: 'List checkpoints',
  about: 'Newest first. `note` is a C2SP signed note over tree size and root.',
  tag: 'receipts',
  query: PageQuery,
  answers: { 200: { title: 'A page of checkpoints', schema: pageOf(Checkpoint) } },
  async handle({ host, actor, query: { limit, cursor } }) {
    const found = await host.ledger.checkpoints(actor.team_id, cursor === undefined ? null : Number(cursor), limit + 1)
    const data = found.slice(0, limit)
    const has_more = found.length > limit
    return answer(200, { data, next_cursor: has_more ? String(data.at(-1)!.tree_size) : null, has_more })
  }
})

/** `GET /checkpoints/latest?team=`. */
export const latestCheckpoint = route({
  id: 'latestCheckpoint',
  method: 'GET',
  path: '/checkpoints/latest',
  access: 'public',
  title: "A team's newest checkpoint",
  about: 'Public, so that anyone can pin it. `Accept: text/plain` gives the bare note.',
  tag: 'receipts',
  query: TeamQuery,
  answers: { 200: { title: 'The checkpoint', schema: Checkpoint } },
  async handle({ host, query, headers }) {
    const known = await host.directory.team(query.team)
    const [checkpoint] = known === null ? [] : await host.ledger.checkpoints(query.team, null, 1)
    if (checkpoint === undefined) throw fault('not_found', `there is no checkpoint of \`${query.team}\``)
    const wantsNote = headers.get('accept')?.startsWith('text/plain') ?? false
    return wantsNote
      ? { status: 200, body: checkpoint.note, headers: { 'content-type': 'text/plain; charset=utf-8' } }
      : answer(200, checkpoint)
  }
})

/** `GET /.well-known/enact-keys.json`. */
export const publicKeys = route({
  id: 'publicKeys',
  method: 'GET',
  path: '/.well-known/enact-keys.json',
  access: 'public',
  title: 'Public keys',
  about:
    'A JWKS with the Ed25519 keys, all generations, of one team with `?team=`, else of the first hundred. A key id is a digest of its key and names no team.',
  tag: 'receipts',
  query: TeamQuery.partial(),
  answers: {
    200: {
      title: 'A JSON Web Key Set',
      schema: z.strictObject({ keys: z.array(z.record(z.string(), z.string())) }),
      type: 'application/jwk-set+json'
    }
  },
  async handle({ host, query: { team } }) {
    const known = team === undefined ? await host.directory.teams(TEAMS_MAX) : [await host.directory.team(team)]
    const rings = await Promise.all(known.filter((one) => one !== null).map(({ team_id }) => host.ports.keys.team(team_id)))
    const keys = (await Promise.all(rings.map((ring) => ring.publicKeys()))).flat()
    return answer(200, { keys }, { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=60' })
  }
})
