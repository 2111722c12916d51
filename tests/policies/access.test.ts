// The access family (its path and table policies stand with those of filesystem and db).
import { contractorCannotWritePii, requireActorRole, requireApproval, requireUserRole } from '../../src/policies/access/index.ts'
import { testPolicy } from './test_policy.ts'

testPolicy(contractorCannotWritePii, {
  params: { pii_fields: ['ssn'] },
  allows: [
    { payload: {} },
    { payload: { actor_role: 'employee', data: { ssn: '1' } } },
    { payload: { data: { ssn: '1' } }, why: 'nobody who is a contractor' },
    { payload: { actor_role: 'contractor' } },
    { payload: { actor_role: 'contractor', data: {} } },
    { payload: { actor_role: 'contractor', data: { name: 'x', note: 'ssn' } }, why: 'a field name inside a value' },
    { payload: { actor_role: 'contractor', data: { email: 'x' } }, why: 'a field that nobody listed' },
    { payload: { actor_role: 'contractors', data: { ssn: '1' } } },
    { payload: { actor_role: 'contractor', pii_fields: [], data: { ssn: '1' } }, params: { pii_fields: [] } }
  ],
  denies: [
    { payload: { actor_role: 'contractor', data: { ssn: '1' } }, says: '`ssn`', why: 'a field of the parameter, the agent naming none' },
    {
      payload: { actor_role: 'contractor', pii_fields: ['email'], data: { ssn: '1' } },
      why: 'the agent listing other fields than the parameter'
    },
    { payload: { actor_role: 'contractor', pii_fields: ['email'], data: { email: 'x' } }, says: '`email`' },
    { payload: { actor_role: 'Contractor', data: { SSN: '1' } } },
    { payload: { actor_role: ' contractor ', data: { 'S-S_N': '1' } } },
    { payload: { actor_role: 'contractor', data: [{ a: 1 }, { ssn: '1' }] }, why: 'rows' },
    { payload: { actor_role: 'contractor', rows: [{ a: 1 }, { ssn: '1' }] }, says: '`ssn`', why: 'the rows of an import' },
    { payload: { actor_role: 'contractor', data: {}, rows: [{ ssn: '1' }] } },
    { payload: { actor_role: 'contractor', rows: 'ssn' }, code: 'policy_error' },
    { payload: { actor_role: 'contractor', data: { person: { papers: [{ ssn: '1' }] } } }, why: 'a nested field' },
    { payload: { actor_role: 'contractor', data: { ssn: null } } },
    { payload: { actor_role: 'contractor', data: { ｓｓｎ: 1 } } },
    { payload: { actor_role: ['contractor'], data: { ssn: '1' } }, code: 'policy_error' },
    { payload: { actor_role: 'contractor', data: 'ssn=1' }, code: 'policy_error' },
    { payload: { actor_role: 'contractor', pii_fields: 'ssn', data: {} }, code: 'policy_error' }
  ]
})

testPolicy(requireActorRole, {
  params: { allowed_roles: ['engineer', 'admin'] },
  allows: [{ payload: { actor_role: 'engineer' } }, { payload: { actor_role: 'admin' } }],
  denies: [
    { payload: {}, says: 'no role', why: 'absence' },
    ...['contractor', 'Engineer', ' engineer', 'engineer,admin', '', 'constructor', '__proto__'].map((actor_role) => ({
      payload: { actor_role },
      says: 'not allowed'
    })),
    { payload: { actor_role: 'admin' }, params: { allowed_roles: [] } },
    { payload: { actor_role: ['admin'] }, code: 'policy_error' },
    { payload: {}, attributes: { role: 'admin' }, why: 'the user having a role, the actor none' }
  ]
})

testPolicy(requireUserRole, {
  params: { allowed_roles: ['support'] },
  allows: [{ attributes: { role: 'support' } }, { attributes: { role: 'support' }, payload: { role: 'intern' } }],
  denies: [
    { says: 'no role', why: 'absence' },
    {
      payload: { role: 'support', user_role: 'support', user_attributes: { role: 'support' } },
      says: 'no role',
      why: 'a role that the payload claims'
    },
    { attributes: { role: 'intern' }, payload: { role: 'support' }, says: '`intern`' },
    { attributes: { role: 'Support' } },
    { attributes: { role: null }, says: 'no role' },
    { attributes: { role: ['support'] }, code: 'policy_error' },
    { attributes: { role: 'support' }, params: { allowed_roles: [] } }
  ]
})

testPolicy(requireApproval, {
  asks: [
    { payload: {}, says: 'waits for the approval of a person' },
    { payload: {}, params: { needed: 2 }, says: '2 people' },
    { payload: { approved: true, hitl_id: 'x' }, why: 'an approval that the agent claims' }
  ]
})
