// The slack family.
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject, JudgedContext } from '../../src/engine/index.ts'
import { blockDms, noBulkChannelBlast, noDmExternalUsers, requireChannelAllowlist } from '../../src/policies/slack/index.ts'
import { contextOf, testPolicy } from './test_policy.ts'

const channels = (list: readonly string[]) => list.map((channel) => ({ payload: { channel } }))
/** What Slack says of a channel, as the gate records it. */
const found = (more: JsonObject): { facts: JsonObject } => ({
  facts: {
    'slack.resolve_channel': {
      success: true,
      output: {
        id: 'C0123ABCD',
        name: 'general',
        kind: 'channel',
        is_ext_shared: false,
        num_members: 12,
        user: null,
        externals: [],
        guests: [],
        ...more
      }
    }
  }
})
const person = (more: JsonObject = {}): JsonObject => ({
  id: 'D0123ABCD',
  name: null,
  kind: 'im',
  user: { id: 'U0123ABCD', is_external: false, is_guest: false, ...more }
})
const unfound = (answer: Json): { facts: JsonObject } => ({ facts: { 'slack.resolve_channel': answer } })
const wrongTypes = [1, null, ['general'], { id: 'C1' }].map((channel) => ({ payload: { channel }, code: 'policy_error' }))

testPolicy(requireChannelAllowlist, {
  params: { channels: ['#general', 'dev-ops', 'C0123ABCD'] },
  allows: [
    { payload: {} },
    ...channels(['general', '#general', ' #General ', 'dev-ops', '#dev-ops', 'C0123ABCD', '<#C0123ABCD|any>', '<#C0123ABCD>']),
    { payload: { channel: 'C0999ABCD' }, ...found({ id: 'C0999ABCD', name: 'dev-ops' }), why: 'an id whose real name is listed' },
    { payload: { channel: 'releases' }, ...found({ id: 'C0123ABCD', name: 'releases' }), why: 'a name whose real id is listed' },
    {
      payload: { channel: '@ada' },
      ...found(person()),
      params: { channels: ['D0123ABCD'] },
      why: 'a direct message that is listed by its id'
    },
    {
      payload: { channel: 'general' },
      ...unfound({ success: false, error: 'off' }),
      why: 'without an answer the text is compared, and the id later'
    }
  ],
  denies: [
    ...channels([
      'random',
      'general2',
      'dev',
      'c0123abcd',
      'C0123ABCE',
      '',
      '#',
      'general,random',
      'ｇeneral',
      'gen\u200beral',
      'D0123ABCD',
      '@general',
      '<#C0123ABCE|general>'
    ]),
    { payload: { channel: 'general' }, params: { channels: [] }, says: 'no channel is' },
    {
      payload: { channel: 'general' },
      ...found({ id: 'C0999ABCD', name: 'general-old' }),
      why: 'a listed name that stands for another channel'
    },
    {
      payload: { channel: 'C0123ABCD' },
      ...found({ id: 'C0999ABCD', name: 'random' }),
      why: 'a listed id that stands for another channel'
    },
    {
      payload: { channel: 'general' },
      ...found({ ...person(), name: 'general' }),
      why: 'a person who is called like a listed channel'
    },
    { payload: { channel: 'general' }, ...found({}), params: { channels: [] }, says: 'no channel is' },
    ...wrongTypes
  ]
})

testPolicy(blockDms, {
  allows: [
    { payload: {} },
    ...channels([
      'general',
      '#general',
      'design',
      'dev',
      'users',
      'gtm',
      'web',
      'd-team',
      'u2-fans',
      'C0123ABCD',
      '#d0123abcd',
      'weekly-1',
      'general@home',
      'DEV',
      'g20',
      'mpd'
    ]),
    { payload: { channel: 'G0123ABCD' }, ...found({ id: 'G0123ABCD', kind: 'private' }), why: 'a private channel of the old kind' },
    { payload: { channel: 'general' }, ...unfound(null), why: 'no answer: the text is judged' }
  ],
  denies: [
    ...channels([
      'D0123ABCD',
      'U0123ABCD',
      'W0123ABCD',
      'G0123ABCD',
      'D123',
      'UABCDEFGH',
      ' D0123ABCD ',
      '#U0123ABCD',
      '@ada',
      ' @ada',
      '<@U0123ABCD>',
      '<@U0123ABCD|ada>',
      'mpdm-ada--bob-1',
      '#mpdm-ada--bob-1',
      'U0123ABCD,U0123ABCE',
      'general,U0123ABCD',
      'USLACKBOT'
    ]),
    { payload: { channel: 'C0123ABCD' }, ...found(person()), why: 'what Slack says is a direct message' },
    { payload: { channel: 'ada@house.example' }, ...found(person()), why: 'a person by address' },
    { payload: { channel: 'C0123ABCD' }, ...found({ kind: 'mpim', name: 'mpdm-a--b-1' }), why: 'a group message' },
    { payload: { channel: 'D0123ABCD' }, ...unfound({ success: false, error: 'no connector' }), why: 'no answer: the text is judged' },
    ...wrongTypes
  ]
})

const texts = (list: readonly string[]) => list.map((text) => ({ payload: { channel: 'general', text } }))
const rich = (...elements: JsonObject[]): JsonObject[] => [
  { type: 'rich_text', elements: [{ type: 'rich_text_list', style: 'bullet', elements: [{ type: 'rich_text_section', elements }] }] }
]
const section = (text: string): JsonObject[] => [{ type: 'section', text: { type: 'mrkdwn', text } }]

testPolicy(noBulkChannelBlast, {
  allows: [
    { payload: {} },
    ...texts([
      'the release is out',
      'write to ada@here.com or bob@channel.example',
      'mail channel@everyone.org, please',
      'the channel is here, everyone knows',
      'https://example.com/@here/page',
      'use `@channel` only when it burns',
      '<@U0123ABCD> please look',
      '<!date^1392734382^{date}|today>',
      '@hereford and @channels and @everyone_else',
      '&lt;b&gt; & a < b > c',
      '@here.example'
    ]),
    { payload: { channel: 'general', blocks: rich({ type: 'text', text: 'hello' }, { type: 'user', user_id: 'U0123ABCD' }) } },
    { payload: { channel: 'general', blocks: section('*hello* <https://example.com|here>') } },
    { payload: { channels: ['general', '#general'] } },
    { payload: { channel: 'a,b' }, params: { max_channels: 2 } },
    { payload: { channel: 'general' }, ...found({ num_members: 12 }), params: { max_members: 12 } },
    { payload: { channel: 'general' }, ...unfound(null), why: 'nobody asked how many there are' }
  ],
  denies: [
    ...texts([
      '<!channel> hello',
      '<!here>',
      '<!everyone>',
      '<!group>',
      '<!channel|channel>',
      '<!here|here> you',
      '<!CHANNEL>',
      '<!subteam^S0123ABCD>',
      '<!subteam^S0123ABCD|@oncall>',
      '&lt;!channel&gt;',
      '&amp;lt;!channel&amp;gt;',
      '&#60;!here&#62;',
      '&#x3C;&excl;here>',
      '<!chan\u200bnel>',
      '<\u2060!here>',
      '\uff1c!channel\uff1e',
      '`<!channel>`',
      '@channel the release is out',
      'hello @here',
      '(@everyone)',
      'all: @channel, please',
      '@Channel',
      '@ch\u00adannel',
      '\uff20here',
      '&commat;here',
      '*@here*',
      'hi @here.'
    ]),
    { payload: { channel: 'general', text: 'hi @here' }, says: 'calls @here' },
    { payload: { channel: 'general', text: 'x', blocks: section('<!channel>') }, says: 'calls @channel' },
    { payload: { channel: 'general', blocks: rich({ type: 'broadcast', range: 'everyone' }) }, says: 'calls @everyone' },
    { payload: { channel: 'general', blocks: rich({ type: 'usergroup', usergroup_id: 'S0123ABCD' }) }, says: 'a group of people' },
    {
      payload: { channel: 'general', blocks: JSON.stringify(section('<!here>')) },
      says: 'calls @here',
      why: 'blocks as a text, as a form has them'
    },
    { payload: { channel: 'general', attachments: [{ fields: [{ value: '<!channel>' }] }] }, says: 'calls @channel' },
    { payload: { channel: 'general', attachments: [{ pretext: '@channel' }] }, says: 'calls @channel' },
    { payload: { channel: 'a,b' }, says: '2 channels at once' },
    { payload: { channels: ['a', 'b', 'c'] }, params: { max_channels: 2 }, says: '3 channels at once' },
    { payload: { channel: 'a', channels: 'b' } },
    { payload: { channel: 'general' }, ...found({ num_members: 13 }), params: { max_members: 12 }, says: '13 people' },
    { payload: { channel: 'general' }, ...found({ num_members: null }), params: { max_members: 12 }, says: 'is not known' },
    {
      payload: { channel: 'general' },
      ...unfound({ success: false, error: 'slack is away' }),
      params: { max_members: 12 },
      says: 'slack is away'
    },
    ...[{ channel: 1 }, { text: ['x'] }, { blocks: [1] }, { channels: [1] }, { attachments: {} }].map((payload) => ({
      payload: payload as unknown as JsonObject,
      code: 'policy_error'
    }))
  ]
})

describe('no_bulk_channel_blast', () => {
  const now = Date.parse('2026-03-01T04:30:00Z')
  const post = (channel: string, minutesAgo: number, more: Partial<JudgedContext> = {}) =>
    contextOf({ workflow: 'post_slack_message', payload: { channel, text: 'x' }, now: now - minutesAgo * 60_000, ...more })
  const judge = (before: readonly JudgedContext[], params: object = {}, more: Partial<JudgedContext> = {}) =>
    noBulkChannelBlast(params).judge(contextOf({ payload: { channel: 'general', text: 'x' }, now, before, ...more }))

  it('counts the channels of a session within the window, each once', () => {
    expect(judge([post('#general', 1), post('GENERAL'.toLowerCase(), 2)])).toMatchObject({ effect: 'allow' })
    expect(judge([post('random', 1)])).toMatchObject({ effect: 'deny', reason: '2 channels within 10 minutes, at most 1 are allowed' })
    expect(judge([post('random', 11)])).toMatchObject({ effect: 'allow' })
    expect(judge([post('random', 11)], { window_minutes: 30 })).toMatchObject({ effect: 'deny' })
    expect(judge([post('random', 1), post('dev', 1)], { max_channels: 3 })).toMatchObject({ effect: 'allow' })
    expect(judge([post('random', 1, { workflow: 'create_issue' })])).toMatchObject({ effect: 'allow' })
  })

  it('takes a name and the id that Slack tells for it as one channel', () => {
    const before = [post('C0123ABCD', 1, found({}))]
    expect(judge(before, {}, found({}))).toMatchObject({ effect: 'allow' })
    expect(judge(before)).toMatchObject({ effect: 'deny' })
  })

  it('reads blocks as deep as a request can be, and long texts fast', () => {
    let deep: JsonObject = { type: 'broadcast', range: 'here' }
    for (let i = 0; i < 30; i++) deep = { elements: [deep] }
    expect(judge([], {}, { payload: { blocks: [deep] } })).toMatchObject({ effect: 'deny' })
    const started = performance.now()
    for (const piece of ['<!channel', '&amp;', '&lt;!', '@', '@her', '`@', '<!subteam', '\u200b<'])
      judge([], {}, { payload: { channel: 'general', text: piece.repeat(250_000 / piece.length) } })
    expect(performance.now() - started).toBeLessThan(4_000)
  })
})

testPolicy(noDmExternalUsers, {
  allows: [
    { payload: {} },
    { payload: { channel: 'general' }, ...found({}) },
    { payload: { channel: 'secret' }, ...found({ kind: 'private' }) },
    { payload: { channel: '@ada' }, ...found(person()) },
    { payload: { channel: 'G0123ABCD' }, ...found({ kind: 'mpim' }) },
    { payload: { channel: '@gus' }, ...found(person({ is_guest: true })), params: { allow_guests: true } },
    { payload: { channel: 'G0123ABCD' }, ...found({ kind: 'mpim', guests: ['U1'] }), params: { allow_guests: true } },
    { payload: { channel: 'with-other' }, ...found({ is_ext_shared: true }), params: { allow_shared_channels: true } },
    {
      payload: { channel: '#general' },
      ...unfound(null),
      params: { allow_shared_channels: true },
      why: 'who else reads a channel does not matter'
    }
  ],
  denies: [
    { payload: { channel: '@eve' }, ...found(person({ is_external: true })), says: 'another company' },
    { payload: { channel: 'eve@other.example' }, ...found(person({ is_external: true })), params: { allow_shared_channels: true } },
    { payload: { channel: '@gus' }, ...found(person({ is_guest: true })), says: 'a guest' },
    {
      payload: { channel: 'G0123ABCD' },
      ...found({ kind: 'mpim', externals: ['U1'] }),
      params: { allow_guests: true, allow_shared_channels: true }
    },
    { payload: { channel: 'G0123ABCD' }, ...found({ kind: 'mpim', guests: ['U1'] }), says: '1 guests' },
    { payload: { channel: 'with-other' }, ...found({ is_ext_shared: true }), says: 'is shared with another company' },
    { payload: { channel: 'D0123ABCD' }, ...found({ ...person(), user: null }), why: 'a direct message with nobody knows whom' },
    ...['@ada', 'U0123ABCD', 'D0123ABCD', 'G0123ABCD', 'ada@house.example', '<@U0123ABCD>', 'mpdm-a--b-1'].map((channel) => ({
      payload: { channel },
      ...unfound({ success: false, error: 'no connector for `slack.resolve_channel` is configured' }),
      params: { allow_shared_channels: true },
      says: 'could not be looked up: no connector'
    })),
    ...[
      undefined,
      null,
      'yes',
      true,
      [],
      {},
      { success: true },
      { success: true, output: { kind: 'im' } },
      { success: 1, output: person() }
    ].map((answer) => ({
      payload: { channel: 'general' },
      facts: answer === undefined ? {} : ({ 'slack.resolve_channel': answer } as JsonObject),
      says: 'could not be looked up'
    })),
    { payload: { channel: 'general,U0123ABCD' }, params: { allow_shared_channels: true }, says: 'could not be looked up' },
    ...wrongTypes
  ]
})

describe('the look-up of a channel', () => {
  const [lookup] = noDmExternalUsers.lookups
  it.each([
    [{ channel: ' #general ' }, { channel: '#general' }],
    [{ channel: 'U0123ABCD' }, { channel: 'U0123ABCD' }],
    [{}, null],
    [{ channel: '' }, null],
    [{ channel: '  ' }, null],
    [{ channel: 7 }, null],
    [{ channel: 'a,b' }, null]
  ])('%j asks %j', (payload, asked) => {
    expect(lookup!.input(payload as JsonObject)).toEqual(asked)
  })
  it('is one for all that need it', () => {
    for (const policy of [blockDms, requireChannelAllowlist, noBulkChannelBlast]) expect(policy.lookups[0]!.input).toBe(lookup!.input)
  })
})
