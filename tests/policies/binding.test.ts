// The policies beside the connectors that are shipped: each finds what it guards, or says that there is nothing.
import { describe, expect, it } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { github, postgres } from '../../src/connectors/index.ts'
import { install } from '../../src/engine/index.ts'
import type { Policy } from '../../src/engine/index.ts'
import * as policies from '../../src/policies/index.ts'

const connectors = [github.off('GITHUB_TOKEN'), postgres.off('DATABASE_URL')]
const actions = connectors.flatMap(({ id, actions: all }) =>
  Object.entries(all).flatMap(([name, action]) => (action.mutates && action.internal ? [] : [`${id}.${name}`]))
)
const installed = (policy: Policy) => install({ connectors, policies: [policy], workflows: [], actions }, nodeHash)
const judged = (policy: Policy) => {
  const installation = installed(policy)
  return actions.filter((action) => {
    const target = installation.actions.get(action)!
    return installation.callPolicies(target).includes(policy)
  })
}

describe('a policy judges the calls that it is about', () => {
  it.each([
    [
      policies.dontPushToMain(),
      ['github.push_commit', 'github.create_branch', 'github.delete_branch'],
      ['github.create_issue', 'postgres.delete_row']
    ],
    [
      policies.requireBranchPrefix(),
      ['github.push_commit', 'github.create_branch', 'github.create_pr'],
      ['github.create_issue', 'github.close_pr']
    ],
    [policies.dontMergeToMain(), ['github.merge_pr'], ['github.create_pr']],
    [policies.dontDeleteBranch(), ['github.delete_branch'], ['github.create_branch']],
    [policies.maxFilesPerCommit(), ['github.push_commit'], ['github.create_pr']],
    [policies.requireMeaningfulCommitMessage(), ['github.push_commit'], ['github.create_issue']],
    [policies.dontCommitApiKeys(), ['github.push_commit'], ['github.create_branch']],
    [policies.dontDeleteRow(), ['postgres.delete_row'], ['postgres.update_row', 'github.delete_branch']],
    [policies.dontDeleteWithoutWhere(), ['postgres.delete_row'], ['postgres.select_rows', 'postgres.update_row']],
    [policies.dontUpdateWithoutWhere(), ['postgres.update_row'], ['postgres.select_rows', 'postgres.delete_row']],
    [policies.requireRowExists(), ['postgres.update_row'], ['postgres.count_rows', 'postgres.delete_row', 'postgres.insert_rows']],
    [policies.limitRowsPerRun(), ['postgres.insert_rows'], ['postgres.insert_row', 'postgres.check_rows']],
    [
      policies.protectTables({ protected: ['x'] }),
      [
        'postgres.select_rows',
        'postgres.count_rows',
        'postgres.check_rows',
        'postgres.insert_row',
        'postgres.insert_rows',
        'postgres.update_row',
        'postgres.delete_row'
      ],
      ['github.create_pr']
    ],
    [policies.dontReadSensitiveTables({ tables: ['x'] }), ['postgres.select_rows'], ['github.create_pr']],
    [
      policies.contractorCannotWritePii(),
      ['postgres.insert_row', 'postgres.insert_rows', 'postgres.update_row'],
      ['postgres.select_rows', 'postgres.delete_row']
    ]
  ] as const)('$id', (policy, on, off) => {
    expect(judged(policy)).toEqual(expect.arrayContaining([...on]))
    for (const action of off) expect(judged(policy)).not.toContain(action)
  })
  it.each([
    policies.requireActorRole({ allowed_roles: ['x'] }),
    policies.requireUserRole({ allowed_roles: ['x'] }),
    policies.codeFreezeActive(),
    policies.withinMaintenanceWindow({ start_hour_utc: 1, end_hour_utc: 2 })
  ])('$id judges every request', (policy) => {
    const installation = installed(policy)
    for (const action of actions) expect(installation.requestPolicies(installation.actions.get(action)!.id)).toContain(policy)
  })
  it.each([policies.blockDdl(), policies.dontForcePush(), policies.restrictPaths({ allowed_dirs: ['x'] }), policies.blockDms()])(
    '$id refuses to be switched on where nothing has what it reads',
    (policy) => {
      expect(() => installed(policy)).toThrow(`policy \`${policy.id}\` would never judge anything`)
    }
  )
})
