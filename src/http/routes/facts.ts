// Facts: what changes hourly (code freeze, kill switch, protected tables), set by admins, read by policies.
import * as z from 'zod'
import { checkFact, fault, Name, timeText, type FactRecord, type Json } from '../../engine/index.ts'
import { applyChange, changeOf } from '../change.ts'
import type { Actor, Host } from '../host.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { count, FactChanged, FactShown, JsonValue, pageOf } from '../schema.ts'

const FactPath = z.strictObject({ name: Name })

/** `GET /facts`. */
export const listFacts = route({
  id: 'listFacts',
  method: 'GET',
  path: '/facts',
  access: ['admin'],
  title: "List the team's facts",
  tag: 'facts and people',
  query: z.strictObject({ limit: count(1, 200, 50), cursor: Name.optional() }),
  answers: { 200: { title: 'A page of facts', schema: pageOf(FactShown) } },
  async handle({ host, actor, query: { limit, cursor } }) {
    const found = await host.facts.list(actor.team_id, cursor ?? null, limit + 1)
    const data = found.slice(0, limit)
    const has_more = found.length > limit
    return answer(200, { data, next_cursor: has_more ? data.at(-1)!.name : null, has_more })
  }
})

/** `GET /facts/{name}`. */
export const readFact = route({
  id: 'readFact',
  method: 'GET',
  path: '/facts/:name',
  access: ['admin'],
  title: 'Read a fact',
  tag: 'facts and people',
  params: FactPath,
  answers: { 200: { title: 'The fact as it is now', schema: FactShown } },
  async handle({ host, actor, params: { name } }) {
    const fact = await host.facts.get(actor.team_id, name)
    if (fact === null) throw fault('not_found', `fact \`${name}\` is not set`)
    return answer(200, fact)
  }
})

/** `PUT /facts/{name}`. */
export const setFact = route({
  id: 'setFact',
  method: 'PUT',
  path: '/facts/:name',
  access: ['admin'],
  title: 'Set a fact',
  about:
    'Policies see it within two seconds. `kill_switch` (true, a reason, or `{active, reason}`) stops every new effect of the team, rollbacks too; `code_freeze` has the same form; `protected_tables` is a list of names. A change is receipted as `fact_changed:<name>`: `run_id` names the receipt, and is null where nothing changed.',
  tag: 'facts and people',
  params: FactPath,
  body: z.strictObject({ value: JsonValue }),
  answers: { 200: { title: 'The fact as it is now', schema: FactChanged } },
  async handle({ host, actor, params: { name }, body: { value } }) {
    checkFact(name, value)
    const { fact, run_id } = await write(host, actor, name, value)
    return answer(200, { ...fact!, run_id })
  }
})

/** `DELETE /facts/{name}`. */
export const unsetFact = route({
  id: 'unsetFact',
  method: 'DELETE',
  path: '/facts/:name',
  access: ['admin'],
  title: 'Unset a fact',
  about: 'As if it had never been set; receipted like every change.',
  tag: 'facts and people',
  params: FactPath,
  answers: { 204: { title: 'It is not set any more' } },
  async handle({ host, actor, params: { name } }) {
    await write(host, actor, name, undefined)
    return answer(204)
  }
})

/** `undefined` unsets. */
async function write(
  host: Host,
  actor: Actor,
  name: string,
  value: Json | undefined
): Promise<{ fact: FactRecord | null; run_id: string | null }> {
  const done = await applyChange<FactRecord | null>(host, async () => {
    const before = await host.facts.get(actor.team_id, name)
    if (value === undefined && before === null) throw fault('not_found', `fact \`${name}\` is not set`)
    if (before !== null && JSON.stringify(before.value) === JSON.stringify(value)) return { again: false, value: before, change: null }
    const after = value === undefined ? null : { name, value, updated_at: timeText(host.ports.clock.now()) }
    const change = changeOf(host, actor, `fact_changed:${name}`, name, before?.value ?? null, value ?? null)
    const written = await host.facts.write(name, before, after, change)
    if (written === 'full') throw fault('invalid', 'this team has as many facts as it may have: unset one first')
    return written === 'moved_on' ? { again: true } : { again: false, value: after, change }
  })
  return { fact: done.value, run_id: done.run_id }
}
