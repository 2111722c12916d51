// The ways to people: each by its own provider, never by a redirect, and what goes wrong quotes nothing of the message.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bindingMailer, noMailer, notices, resendMailer, slackNotices } from '../../src/adapters/notices/index.ts'
import { RESEND_KEY, SLACK_TOKEN, startChannels, type Came } from '../fakes/channels.ts'
import type { Notice } from '../../src/engine/index.ts'

const TOKEN = 'acme.SecretTokenThatDecides'
const links = { approve: `https://enact.example/hitl/1/approve?t=${TOKEN}`, deny: `https://enact.example/hitl/1/deny?t=${TOKEN}` }
const notice = (kind: 'mail' | 'slack', id = 'n:1'): Notice => ({
  id,
  channel: { kind, address: kind === 'mail' ? 'ann@acme.example' : 'U0ANNANN' },
  subject: 'Please decide',
  text: 'words',
  html: '<p>words</p>',
  links
})
let channels: Awaited<ReturnType<typeof startChannels>>
let moved: { url: string; close(): void; hits: string[] }

beforeAll(async () => {
  channels = await startChannels()
  const hits: string[] = []
  const server = createServer((request, response) => {
    hits.push(request.url ?? '')
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  moved = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close(), hits }
})
afterAll(async () => {
  moved.close()
  await channels.close()
})

const came = async (): Promise<Came[]> => (await fetch(`${channels.url}/came`)).json() as Promise<Came[]>

describe('mail', () => {
  it('through Resend is one mail, however often the same notice is sent', async () => {
    const mailer = resendMailer({ apiKey: RESEND_KEY, apiUrl: `${channels.url}/`, from: 'Enact <enact@acme.example>' })
    await mailer(notice('mail'))
    await mailer(notice('mail'))
    const mails = (await came()).filter(({ kind }) => kind === 'mail')
    expect(mails.map(({ body }) => body)).toEqual([
      { from: 'Enact <enact@acme.example>', to: ['ann@acme.example'], subject: 'Please decide', text: 'words', html: '<p>words</p>' }
    ])
  })

  it('through the binding carries both texts, to that address alone', async () => {
    const sent: unknown[] = []
    await bindingMailer({ send: async (message) => void sent.push(message) }, 'enact@acme.example')(notice('mail'))
    expect(sent).toEqual([
      { from: 'enact@acme.example', to: 'ann@acme.example', subject: 'Please decide', text: 'words', html: '<p>words</p>' }
    ])
  })
})

describe('what goes wrong', () => {
  const broken: [string, () => Promise<unknown>][] = [
    ['a refused mail', () => resendMailer({ apiKey: 'wrong', apiUrl: channels.url, from: 'e@x.example' })(notice('mail'))],
    ['a mail that is sent elsewhere', () => resendMailer({ apiKey: RESEND_KEY, apiUrl: moved.url, from: 'e@x.example' })(notice('mail'))],
    ['a refused message', () => slackNotices({ token: 'wrong', apiUrl: `${channels.url}/api` }).send(notice('slack'))],
    ['a message that is sent elsewhere', () => slackNotices({ token: SLACK_TOKEN, apiUrl: `${moved.url}/api` }).send(notice('slack'))],
    ['no Slack', () => notices(noMailer(), null).send('acme', notice('slack'))],
    ['no mailer', () => notices(noMailer(), null).send('acme', notice('mail'))]
  ]
  it.each(broken)('%s is an error that holds no link, token or key', async (_what, send) => {
    const error: unknown = await send().then(
      () => null,
      (reason: unknown) => reason
    )
    expect(error).toBeInstanceOf(Error)
    const told = `${(error as Error).stack} ${JSON.stringify(error)} ${String((error as Error).cause)}`
    for (const secret of [TOKEN, RESEND_KEY, SLACK_TOKEN]) expect(told).not.toContain(secret)
  })

  it('follows no redirect', () => {
    expect(moved.hits.length).toBeGreaterThan(0)
    expect(moved.hits).not.toContain('/elsewhere')
  })
})

describe('a message in Slack', () => {
  it('is changed in place, and then has no buttons', async () => {
    const port = notices(noMailer(), slackNotices({ token: SLACK_TOKEN, apiUrl: `${channels.url}/api/` }))
    const ref = await port.send('acme', notice('slack'))
    await port.change('acme', notice('slack').channel, ref!, 'APPROVED')
    const [sent, changed] = (await came()).filter(({ kind }) => kind !== 'mail')
    expect(JSON.stringify(sent!.body.blocks)).toContain('"action_id":"approve"')
    expect(changed).toMatchObject({ kind: 'chat.update', ts: sent!.ts, body: { text: 'APPROVED', blocks: [{ type: 'section' }] } })
    expect(await (await fetch(`${channels.url}/wrong`)).json()).toEqual([])
  })
})
