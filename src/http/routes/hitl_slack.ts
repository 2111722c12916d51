// Buttons in Slack: a signed request that says which person pressed which. What the button holds is the person's link.
import * as z from 'zod'
import { fault, parseJsonBytes, RunId, TeamId, type Json } from '../../engine/index.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'

/** What is read of Slack's payload; the rest is Slack's. */
const Pressed = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string() }),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional() })).min(1)
})

/** An id in Slack; what looks like a mail address would name somebody else's mailbox. */
const MEMBER = /^[UW][A-Z0-9]{2,30}$/
const VALUE = /\/hitl\/([0-9a-f-]{36})\/(?:approve|deny)\?t=([a-z0-9_-]{1,63})\.([\w-]{20,128})$/

/** `POST /slack/interactions`. */
export const slackInteraction = route({
  id: 'slackInteraction',
  method: 'POST',
  path: '/slack/interactions',
  access: 'public',
  title: 'Take a pressed button from Slack',
  about: 'Only with Slack’s own signature, not older than five minutes, and each once. The person in Slack must be the registered one.',
  tag: 'approvals',
  reads: 'text',
  answers: { 200: { title: 'It was taken' } },
  async handle({ host, headers, text }) {
    const isSlack = await host.slack.admit(text, headers.get('x-slack-request-timestamp'), headers.get('x-slack-signature'))
    if (!isSlack) throw fault('unauthorized', 'this is not a fresh request that Slack has signed')
    const pressed = Pressed.safeParse(payloadOf(text, host.ports.hash))
    if (!pressed.success) return answer(200)
    const { user, actions } = pressed.data
    const { action_id, value = '' } = actions[0]!
    const [, hitlId, team_id, token] = VALUE.exec(value) ?? []
    if (action_id !== 'approve' && action_id !== 'deny') return answer(200)
    if (!RunId.safeParse(hitlId).success || !TeamId.safeParse(team_id).success)
      throw fault('token_invalid', 'this button is not one of ours')
    // INVARIANT: whoever pressed must be the person the token was sent to; a stranger has no id, which is nobody's.
    const person = MEMBER.test(user.id) ? await host.approver(team_id!, user.id) : null
    const credential = { kind: 'token', token: token!, signed_in_as: person?.person_id ?? '' } as const
    const done = await host.approvals.decide(team_id!, hitlId!, { type: 'vote', choice: action_id, credential, reason: null })
    if (done === null) throw fault('token_invalid', 'this button is not one of ours')
    if (done.kind === 'refused') throw fault(done.code === 'own_request' ? 'own_request' : 'token_invalid', done.detail)
    return answer(200)
  }
})

function payloadOf(text: string, hash: Parameters<typeof parseJsonBytes>[1] & { utf8(text: string): Uint8Array }): Json {
  const payload = new URLSearchParams(text).get('payload')
  return payload === null ? null : parseJsonBytes(hash.utf8(payload), hash)
}
