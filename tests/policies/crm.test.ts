// The crm family.
import { describe, expect, it } from 'vitest'
import { dontDuplicateContacts, limitTasksPerContact } from '../../src/policies/crm/index.ts'
import type { JsonObject } from '../../src/engine/index.ts'
import { testPolicy } from './test_policy.ts'

const looked = (answer: unknown) => ({ 'hubspot.get_contact': answer }) as never
const email = 'ada@example.com'

testPolicy(dontDuplicateContacts, {
  allows: [{ payload: {} }, { payload: { email }, facts: looked({ success: true, output: { found: false } }) }],
  denies: [
    { payload: { email }, facts: looked({ success: true, output: { found: true } }), says: `contact \`${email}\` exists` },
    { payload: { email }, says: 'did not answer', why: 'no look-up was made' },
    {
      payload: { email },
      facts: looked({ success: false, error: 'no connector for `hubspot.get_contact` is configured' }),
      says: 'no connector'
    },
    { payload: { email }, facts: looked({ success: false }), says: 'failed' },
    ...[
      null,
      'yes',
      true,
      [],
      {},
      { success: true },
      { success: true, output: null },
      { success: true, output: { found: 'no' } },
      { success: 1, output: { found: false } }
    ].map((answer) => ({ payload: { email }, facts: looked(answer), says: 'could not be looked up' })),
    { payload: { email: [email] }, code: 'policy_error' }
  ]
})

describe('dont_duplicate_contacts', () => {
  it('looks up the address folded, and nothing where there is none', () => {
    const [lookup] = dontDuplicateContacts.lookups
    expect(lookup!.input({ email: ' Ada@Example.COM ' })).toEqual({ email })
    for (const payload of [{}, { email: 7 }, { email: null }] as JsonObject[]) expect(lookup!.input(payload)).toBeNull()
  })
})

testPolicy(limitTasksPerContact, {
  allows: [
    { payload: {} },
    ...[0, 2].map((recent_task_count) => ({ payload: { recent_task_count } })),
    { payload: { recent_task_count: 9 }, params: { max_tasks: 10 } }
  ],
  denies: [
    { payload: { recent_task_count: 3 }, says: 'at most 3 in 7 days' },
    { payload: { recent_task_count: 10 }, params: { max_tasks: 10, window_days: 1 }, says: 'in 1 days' },
    { payload: { recent_task_count: 0 }, params: { max_tasks: 0 } },
    ...['3', -1, 2.5, null].map((recent_task_count) => ({ payload: { recent_task_count }, code: 'policy_error' }))
  ]
})
