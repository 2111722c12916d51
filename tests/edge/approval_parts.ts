// What the tests of approvals share: registered people, requests, the messages that came to them.
import { expect, inject, vi } from 'vitest'
import type { Came } from '../fakes/channels.ts'
import { call, makeKey, type Answered } from './parts.ts'

export interface Links {
  readonly approve: string
  readonly deny: string
}

/** Everything that the vendors took. */
export async function everything(): Promise<Came[]> {
  return (await fetch(`${inject('channelsUrl')}/came`)).json()
}

/** What a vendor would have refused. */
export async function refusedRequests(): Promise<string[]> {
  return (await fetch(`${inject('channelsUrl')}/wrong`)).json()
}

export async function failNext(times: number): Promise<void> {
  await fetch(`${inject('channelsUrl')}/fail?times=${times}`, { method: 'POST' })
}

/** The mails about this approval to this person, oldest first. */
export async function mailsTo(email: string, hitlId: string): Promise<{ subject: string; text: string; html: string }[]> {
  const came = await everything()
  return came.filter(({ kind, body }) => kind === 'mail' && body.to[0] === email && body.text.includes(hitlId)).map(({ body }) => body)
}

/** The links of the newest mail, without the origin. */
export async function linksTo(email: string, hitlId: string, count = 1): Promise<Links> {
  const mails = await vi.waitFor(async () => {
    const found = await mailsTo(email, hitlId)
    expect(found.length).toBeGreaterThanOrEqual(count)
    return found
  }, 8_000)
  const { text } = mails.at(-1)!
  const link = (choice: string) => new RegExp(`http://127\\.0\\.0\\.1(/hitl/${hitlId}/${choice}\\?t=\\S+)`).exec(text)![1]!
  return { approve: link('approve'), deny: link('deny') }
}

/** A team with an agent, an admin and two approvers, Ann (also in Slack where given) and Bob. */
export async function makeTeam(team: string, slackId?: string) {
  const admin = await makeKey(team, ['admin'])
  const agent = await makeKey(team, ['run', 'read'])
  const people = [
    { person_id: 'ann', email: `ann@${team}.example`, roles: ['approver'] },
    { person_id: 'bob', email: `bob@${team}.example`, roles: ['approver'] },
    { person_id: 'eve', email: `eve@${team}.example`, roles: ['reader'] }
  ]
  for (const person of people) {
    const channels = [
      { kind: 'mail', address: person.email },
      ...(slackId && person.person_id === 'ann' ? [{ kind: 'slack', address: slackId }] : [])
    ]
    const made = await call('POST', '/people', { key: admin, body: { ...person, channels } })
    expect(made.status, made.text).toBe(201)
  }
  const asked = (more: Record<string, unknown> = {}) => ({
    workflow: 'refund_customer',
    payload: { customer: 'c-7', amount: 120 },
    notify_email: `ann@${team}.example`,
    ...more
  })
  return {
    team,
    admin,
    agent,
    ann: `ann@${team}.example`,
    bob: `bob@${team}.example`,
    asked,
    ask: (more: Record<string, unknown> = {}, key = agent, headers: Record<string, string> = {}): Promise<Answered> =>
      call('POST', '/hitl/request', { key, body: asked(more), headers }),
    async open(more: Record<string, unknown> = {}): Promise<{ id: string; links: Links }> {
      const answer = await call('POST', '/hitl/request', { key: agent, body: asked(more) })
      expect(answer.status, answer.text).toBe(201)
      const id = answer.json.hitl_id as string
      return { id, links: await linksTo((more.notify_email as string | undefined) ?? `ann@${team}.example`, id) }
    },
    status: async (id: string): Promise<string> => (await call('GET', `/hitl/${id}`, { key: agent })).json.status
  }
}

/** Submits a form as a browser does. */
export function submit(path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Answered> {
  const body = new URLSearchParams(fields).toString()
  return call('POST', path, { body, headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', ...headers } })
}
