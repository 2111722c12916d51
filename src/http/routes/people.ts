// People: who may be asked, and what policies may believe of whom; registered by admins.
import * as z from 'zod'
import { changedPerson, fault, newPerson, NewPerson, PersonChange, PersonRecord } from '../../engine/index.ts'
import { applyChange, changeOf, type Written } from '../change.ts'
import type { Actor, Host } from '../host.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { idempotencyKeyOf, idempotentRunId } from '../run_id.ts'
import { count, pageOf, PersonChanged } from '../schema.ts'

const PersonId = PersonRecord.shape.person_id
const PersonPath = z.strictObject({ id: PersonId })

/** `POST /people`. */
export const registerPerson = route({
  id: 'registerPerson',
  method: 'POST',
  path: '/people',
  access: ['admin'],
  title: 'Register a person',
  about:
    'Only people with the role `approver` are asked: those with the lowest `escalation_order` first, the others when time runs out. Policies believe of a user what stands here under their e-mail address (`role` is the first role that is not `approver`), unless the key says otherwise; a key without `user_email` vouches for the user that it names. Every change is receipted as `person_changed`.',
  tag: 'facts and people',
  body: NewPerson,
  idempotent: true,
  answers: { 201: { title: 'The person', schema: PersonChanged } },
  async handle({ host, actor, body, headers }) {
    const key = idempotencyKeyOf(headers)
    const id = body.person_id ?? `person-${key === null ? host.ports.ids.runId() : await idempotentRunId(actor, key, host.ports)}`
    const after = newPerson(id, body)
    const { value, run_id } = await applyChange(host, async () => {
      const there = await host.people.get(actor.team_id, id)
      if (there === null) return write(host, actor, id, null, after)
      if (key === null) throw fault('already_exists', `person \`${id}\` is registered already`)
      if (JSON.stringify(there) !== JSON.stringify(after))
        throw fault('idempotency_key_reused', 'this Idempotency-Key was used for another request, or the person was changed since')
      return { again: false, value: there, change: null }
    })
    return answer(201, { ...value!, run_id })
  }
})

/** `GET /people`. */
export const listPeople = route({
  id: 'listPeople',
  method: 'GET',
  path: '/people',
  access: ['admin'],
  title: "List the team's people",
  tag: 'facts and people',
  query: z.strictObject({ limit: count(1, 200, 50), cursor: PersonId.optional() }),
  answers: { 200: { title: 'A page of people', schema: pageOf(PersonRecord) } },
  async handle({ host, actor, query: { limit, cursor } }) {
    const found = await host.people.list(actor.team_id, cursor ?? null, limit + 1)
    const data = found.slice(0, limit)
    const has_more = found.length > limit
    return answer(200, { data, next_cursor: has_more ? data.at(-1)!.person_id : null, has_more })
  }
})

/** `GET /people/{id}`. */
export const readPerson = route({
  id: 'readPerson',
  method: 'GET',
  path: '/people/:id',
  access: ['admin'],
  title: 'Read a person',
  tag: 'facts and people',
  params: PersonPath,
  answers: { 200: { title: 'The person', schema: PersonRecord } },
  async handle({ host, actor, params: { id } }) {
    return answer(200, await known(host, actor, id))
  }
})

/** `PATCH /people/{id}`. */
export const changePerson = route({
  id: 'changePerson',
  method: 'PATCH',
  path: '/people/:id',
  access: ['admin'],
  title: 'Change a person',
  about: 'What is given replaces what was there. The last approver of a team stays one. Approvals that are open keep whom they asked.',
  tag: 'facts and people',
  params: PersonPath,
  body: PersonChange,
  answers: { 200: { title: 'The person as they are now', schema: PersonChanged } },
  async handle({ host, actor, params: { id }, body }) {
    const { value, run_id } = await applyChange(host, async () => {
      const before = await known(host, actor, id)
      const after = changedPerson(before, body)
      if (JSON.stringify(before) === JSON.stringify(after)) return { again: false, value: before, change: null }
      return write(host, actor, id, before, after)
    })
    return answer(200, { ...value!, run_id })
  }
})

/** `DELETE /people/{id}`. */
export const removePerson = route({
  id: 'removePerson',
  method: 'DELETE',
  path: '/people/:id',
  access: ['admin'],
  title: 'Remove a person',
  about: 'They are not asked any more and policies believe nothing of them. The last approver stays.',
  tag: 'facts and people',
  params: PersonPath,
  answers: { 204: { title: 'They are removed' } },
  async handle({ host, actor, params: { id } }) {
    await applyChange(host, async () => write(host, actor, id, await known(host, actor, id), null))
    return answer(204)
  }
})

async function known(host: Host, actor: Actor, id: string): Promise<PersonRecord> {
  const person = await host.people.get(actor.team_id, id)
  if (person === null) throw fault('not_found', `there is no person \`${id}\``)
  return person
}

async function write(
  host: Host,
  actor: Actor,
  id: string,
  before: PersonRecord | null,
  after: PersonRecord | null
): Promise<Written<PersonRecord | null>> {
  const change = changeOf(host, actor, 'person_changed', id, before, after)
  const written = await host.people.write(id, before, after, change)
  if (written === 'address_taken') throw fault('already_exists', 'one of these addresses belongs to another registered person')
  if (written === 'last_approver') throw fault('last_approver', 'register another approver first: without one nobody can be asked')
  return written === 'moved_on' ? { again: true } : { again: false, value: after, change }
}
