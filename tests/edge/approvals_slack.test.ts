// Approvals in Slack: buttons that only that person can press, requests that only Slack can make, messages that change in place.
import { createHmac } from 'node:crypto'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { blocksOf } from '../../src/adapters/notices/index.ts'
import { everything, makeTeam, refusedRequests } from './approval_parts.ts'
import { call, type Answered } from './parts.ts'

const SECRET = 'slack-signing-secret-of-the-tests'
const ANN = 'U0ANNANN'
let house: Awaited<ReturnType<typeof makeTeam>>

beforeAll(async () => {
  house = await makeTeam('slackers', ANN)
})

interface Button {
  readonly action_id: string
  readonly value?: string
  readonly url?: string
}

/** Asks, and gives what Ann has in Slack. */
async function ask(more: Record<string, unknown> = {}): Promise<{ id: string; ts: string; approve: Button; deny: Button; text: string }> {
  const { json } = await house.ask(more)
  const id = json.hitl_id as string
  const message = await vi.waitFor(async () => {
    const found = (await everything()).find(({ kind, body }) => kind === 'chat.postMessage' && JSON.stringify(body.blocks).includes(id))
    expect(found).toBeDefined()
    return found!
  }, 8_000)
  const buttons = message.body.blocks.at(-1).elements as Button[]
  const button = (name: string) => buttons.find(({ action_id }) => action_id === name)!
  return { id, ts: message.ts!, approve: button('approve'), deny: button('deny'), text: JSON.stringify(message.body) }
}

interface Pressed {
  readonly user?: string
  readonly at?: number
  readonly secret?: string
  readonly change?: (body: string) => string
  readonly headers?: Record<string, string>
}

let nonce = 0

/** Presses a button as Slack tells it. */
function press(
  { action_id, value }: Button,
  { user = ANN, at = Date.now(), secret = SECRET, change = (body) => body, headers = {} }: Pressed = {}
): Promise<Answered> {
  const payload = {
    type: 'block_actions',
    user: { id: user },
    trigger_id: String(++nonce),
    actions: [{ type: 'button', action_id, value }]
  }
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  const timestamp = String(Math.floor(at / 1_000))
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
  return call('POST', '/slack/interactions', {
    body: change(body),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature,
      ...headers
    }
  })
}

const finalText = async (ts: string) => (await everything()).find((came) => came.kind === 'chat.update' && came.ts === ts)?.body

describe('a button in Slack', () => {
  it('decides for the person it was sent to, signed in, and the message changes in place', async () => {
    const { id, approve, ts } = await ask()
    expect((await press(approve)).status).toBe(200)
    const { json } = await call('GET', `/hitl/${id}/receipt`, { key: house.agent })
    expect(json.approval).toMatchObject({ decision: 'APPROVED', votes: [{ by: house.ann, via: 'slack', assurance: 'signed_in' }] })
    const changed = await vi.waitFor(async () => (await finalText(ts)) ?? expect.fail('not changed yet'), 8_000)
    expect(changed.text).toBe(`APPROVED: refund_customer for ${`API key ${json.actor.api_key_id}`}, by ${house.ann}.`)
    expect(JSON.stringify(changed.blocks)).not.toContain('button')
  })

  it('shows all of it as plain text: nothing an agent writes is markup, a mention or hidden', async () => {
    const { text } = await ask({ payload: { note: '<!channel> *bold* <https://evil.example|click> \u202e' } })
    expect(text).toContain('<!channel>')
    expect(text).not.toMatch(/mrkdwn|\u202e/)
    expect(text).toContain('⟨U+202E⟩')
  })

  it('that approves is missing where not all of it fits into the message', () => {
    const links = { approve: 'https://enact.example/a', deny: 'https://enact.example/d' }
    const ids = (text: string) => (blocksOf('s', text, links).at(-1) as { elements: Button[] }).elements.map(({ action_id }) => action_id)
    expect(ids('short')).toEqual(['approve', 'deny', 'open'])
    expect(ids('x'.repeat(200_000))).toEqual(['deny', 'open'])
  })

  it('pressed by somebody else, registered or not, decides nothing', async () => {
    const { id, approve, deny } = await ask()
    for (const button of [approve, deny])
      for (const user of ['U0STRANGER', 'U0BOBBOB', '', house.ann]) {
        const answer = await press(button, { user })
        expect([answer.status, answer.json.code]).toEqual([403, 'token_invalid'])
      }
    expect(await house.status(id)).toBe('PENDING')
  })

  it('that only denies cannot be made to approve', async () => {
    const { id, deny } = await ask()
    expect((await press({ action_id: 'approve', value: deny.value! })).status).toBe(403)
    expect((await press(deny)).status).toBe(200)
    expect(await house.status(id)).toBe('DENIED')
  })
})

describe('a request that says it is Slack’s', () => {
  const forged: [string, Pressed][] = [
    ['with another secret', { secret: 'not-the-secret' }],
    ['six minutes old', { at: Date.now() - 360_000 }],
    ['from a clock that is six minutes ahead', { at: Date.now() + 360_000 }],
    ['with a changed body', { change: (body) => `${body}&x=1` }],
    ['with another time than was signed', { headers: { 'x-slack-request-timestamp': String(Math.floor(Date.now() / 1_000) - 1) } }],
    ['without a time', { headers: { 'x-slack-request-timestamp': '' } }],
    ['without a signature', { headers: { 'x-slack-signature': '' } }],
    ['with a cut signature', { headers: { 'x-slack-signature': 'v0=00' } }]
  ]
  it('is refused when it is not: wrong secret, body, time or signature', async () => {
    const { id, approve } = await ask()
    for (const [what, pressed] of forged) expect([what, (await press(approve, pressed)).status]).toEqual([what, 401])
    expect(await house.status(id)).toBe('PENDING')
  })

  it('is taken once: the very same request again is refused', async () => {
    const { approve } = await ask()
    const at = Date.now()
    const send = () => {
      nonce = 4_711
      return press(approve, { at })
    }
    expect((await send()).status).toBe(200)
    const again = await send()
    expect([again.status, again.json.code]).toEqual([401, 'unauthorized'])
  })
})

it('no request to Slack was one that Slack would refuse', async () => {
  expect(await refusedRequests()).toEqual([])
})
