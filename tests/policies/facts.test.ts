// What policies take from facts that admins change while the installation runs.
import { protectTables } from '../../src/policies/index.ts'
import { testPolicy } from './test_policy.ts'

testPolicy(protectTables, {
  params: { protected: ['ledger'] },
  allows: [
    { payload: { table: 'orders' }, facts: { protected_tables: ['customers'] } },
    { payload: { table: 'orders' }, facts: { protected_tables: null }, why: 'a fact that was emptied' },
    { payload: { table: 'orders' }, params: { protected: [] }, facts: {}, why: 'nothing is protected' }
  ],
  denies: [
    { payload: { table: 'customers' }, facts: { protected_tables: ['customers'] }, says: 'customers' },
    { payload: { sql: 'SELECT * FROM "Customers"' }, facts: { protected_tables: ['public.customers'] }, says: 'customers' },
    {
      payload: { table: 'ledger' },
      facts: { protected_tables: [] },
      says: 'ledger',
      why: 'the fact adds to the parameter, it cannot empty it'
    },
    { payload: { table: 'ledger' }, facts: { protected_tables: ['customers'] }, says: 'ledger' },
    { payload: { table: 'customers' }, params: { protected: [] }, facts: { protected_tables: ['customers'] }, says: 'customers' },
    ...['customers', { customers: true }, [1], [''], true].map((fact) => ({
      payload: { table: 'orders' },
      facts: { protected_tables: fact },
      code: 'policy_error',
      says: 'protected_tables'
    }))
  ]
})
