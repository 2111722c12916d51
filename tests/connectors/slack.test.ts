// Slack against the contract of every connector.
import { slack } from '../../src/connectors/slack/index.ts'
import type { JsonObject } from '../../src/engine/schema.ts'
import type { Method } from '../fakes/slack/methods.ts'
import { SLACK_TOKEN, startSlack, type SlackFake } from '../fakes/slack/index.ts'
import { connectorContract, type Case, type Subject, type Trouble } from './contract.ts'

interface SlackSubject extends Subject {
  readonly fake: SlackFake
}

/** The one request of each action that changes something. */
const EFFECTS: Readonly<Record<string, Method>> = {
  post_message: 'chat.postMessage',
  update_message: 'chat.update',
  delete_message: 'chat.delete'
}

async function start(allow: 'everything' | 'nothing'): Promise<SlackSubject> {
  const fake = await startSlack()
  const system = slack({ token: fake.token, api_url: fake.url, ...(allow === 'nothing' ? { channels: [] } : {}) })
  return {
    fake,
    system,
    snapshot: () => fake.world.snapshot(),
    effects: () => fake.effects.length,
    trouble: (action, kind) => fake.trouble(EFFECTS[action]!, ofKind(kind)),
    async close() {
      await fake.close()
      fake.verify()
    }
  }
}

function ofKind(kind: Trouble) {
  if (kind === 'lost') return { kind: 'reset', when: 'after' } as const
  if (kind === 'silent') return { kind: 'hang', when: 'before' } as const
  const failed = { ok: false, error: 'internal_error', response_metadata: { messages: [SLACK_TOKEN] } }
  if (kind === 'refused') return { kind: 'answer', status: 200, body: failed } as const
  return { kind: 'answer', status: 429, headers: { 'retry-after': '7' }, body: `slow down, ${SLACK_TOKEN}` } as const
}

const channel = 'C0RELEASE'
const BLOCKS: JsonObject[] = [
  { type: 'header', text: { type: 'plain_text', text: 'Release 1.2' } },
  { type: 'section', text: { type: 'mrkdwn', text: '*done* in <https://ci.example|CI>' }, fields: [{ type: 'plain_text', text: '3 min' }] },
  { type: 'divider' },
  { type: 'context', elements: [{ type: 'mrkdwn', text: 'by an agent' }] },
  {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [
          { type: 'text', text: 'see ', style: { bold: true } },
          { type: 'user', user_id: 'U0ADA0000' }
        ]
      },
      { type: 'rich_text_list', style: 'bullet', elements: [{ type: 'rich_text_section', elements: [{ type: 'emoji', name: 'tada' }] }] }
    ]
  }
]
const BAD_CHANNELS = ['#general', 'general', 'c0release', 'C', '', 'C0RELEASE/..', 'C0RELEASE&ts=1', '<#C0RELEASE>', 7, null].map(
  (bad) => ({ channel: bad })
)
const BAD_TEXTS = [
  { text: '' },
  { text: ' \n' },
  { text: 'a\u0000b' },
  { text: 'x'.repeat(40_001) },
  { text: '<'.repeat(12_000) },
  { text: '\ud800' }
]
const BAD_TS = ['1', '1790000001', '1790000001.1', '../1', '', 1].map((ts) => ({ ts }))
const BAD_BLOCKS = [
  { blocks: [] },
  { blocks: [{ type: 'divider', surprise: 1 }] },
  {
    blocks: [
      { type: 'actions', elements: [{ type: 'button', action_id: 'approve', value: 'x', text: { type: 'plain_text', text: 'OK' } }] }
    ]
  },
  {
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: 'x' }, accessory: { type: 'button', text: { type: 'plain_text', text: 'OK' } } }
    ]
  },
  { blocks: [{ type: 'image', image_url: 'https://out.example/?data=1', alt_text: 'x' }] },
  { blocks: [{ type: 'section' }] },
  { blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }
]

const cases: Case<SlackSubject>[] = [
  {
    action: 'post_message',
    input: () => ({ channel, text: 'Release 1.2 is out & <!channel> is a word', blocks: BLOCKS }),
    bad: [
      ...BAD_CHANNELS,
      ...BAD_TEXTS,
      ...BAD_BLOCKS,
      { thread_ts: '1' },
      { reply_broadcast: 'yes' },
      { username: 'Boss' },
      { icon_emoji: ':ok:' }
    ],
    move: ({ fake }, { ts }) => fake.world.say(channel, 'thank you', { thread_ts: String(ts) })
  },
  {
    action: 'update_message',
    input: ({ fake }) => ({
      channel,
      ts: fake.world.botSays(channel, 'Building…', { blocks: [{ block_id: 'b0', type: 'divider' }] }).ts,
      text: 'Built'
    }),
    bad: [...BAD_CHANNELS, { channel: 'U0ADA0000' }, ...BAD_TEXTS, ...BAD_TS, ...BAD_BLOCKS],
    move: ({ fake }, { ts }) =>
      Object.assign(fake.world.find(channel, String(ts))!, {
        text: 'Built, and checked',
        edited: { user: 'U0ENACT00', ts: fake.world.stamp() }
      })
  },
  {
    action: 'delete_message',
    irreversible: true,
    input: ({ fake }) => ({ channel, ts: fake.world.botSays(channel, 'Oops').ts }),
    bad: [...BAD_CHANNELS, ...BAD_TS, { text: 'x' }]
  }
]

connectorContract<SlackSubject>({
  name: 'slack',
  secrets: [SLACK_TOKEN],
  start,
  troubles: ['refused', 'lost', 'silent', 'rate_limited'],
  cases
})
