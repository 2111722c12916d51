// On a developer's machine an agent's mail is written down, once, with everybody it would have gone to.
import { expect, it } from 'vitest'
import { outboxEmail } from '../../src/adapters/notices/index.ts'
import { mail } from '../../src/connectors/index.ts'
import type { Notice } from '../../src/engine/index.ts'
import { outputOf, runAction } from '../connectors/contract.ts'

it('takes what the mail connector sends, and names it', async () => {
  const kept: Notice[] = []
  const binding = outboxEmail(
    async (notice) => void kept.push(notice),
    () => 'id-1'
  )
  const system = mail({ via: 'send_email', binding, from: 'agent@company.com' })
  const input = { to: 'ada@example.com', cc: ['bob@example.com'], bcc: 'carol@example.com', subject: 'Hi', html: '<p>Hello</p>' }
  expect(outputOf(await runAction(system, 'send_email', input))).toMatchObject({ message_id: 'id-1' })
  expect(kept).toEqual([
    {
      id: 'id-1',
      channel: { kind: 'mail', address: 'ada@example.com, bob@example.com, carol@example.com' },
      subject: 'Hi',
      text: '',
      html: '<p>Hello</p>',
      links: { approve: null, deny: null }
    }
  ])
})
