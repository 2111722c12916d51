// The slack family.
import { blockDms, requireChannelAllowlist } from '../../src/policies/slack/index.ts'
import { testPolicy } from './test_policy.ts'

const channels = (list: readonly string[]) => list.map((channel) => ({ payload: { channel } }))
const wrongTypes = [1, null, ['general'], { id: 'C1' }].map((channel) => ({ payload: { channel }, code: 'policy_error' }))

testPolicy(requireChannelAllowlist, {
  params: { channels: ['#general', 'dev-ops', 'C0123ABCD'] },
  allows: [
    { payload: {} },
    ...channels(['general', '#general', ' #General ', 'dev-ops', '#dev-ops', 'C0123ABCD', '<#C0123ABCD|any>', '<#C0123ABCD>'])
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
    ])
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
    ...wrongTypes
  ]
})
