// `enact policy lint`: each rule finds what it is for, and nothing in what is whole.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { RULES } from '../../src/cli/policy/lint.ts'
import { enact, freshFolder } from './receipts_cli.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const HEAD = `
import * as z from '${ROOT}node_modules/zod/index.js'
import { github, postgres } from '${ROOT}src/connectors/index.ts'
import { defineConfig, definePolicy, deny, defineWorkflow } from '${ROOT}src/engine/index.ts'
import * as policies from '${ROOT}src/policies/index.ts'
import * as workflows from '${ROOT}src/workflows/index.ts'
const db = (tables: string[]) => postgres({ database_url: 'postgres://x/y', tables, fencing_scope: 'dev' })
`
let count = 0
let dir: string
beforeAll(async () => void (dir = await freshFolder()))
async function configOf(body: string): Promise<string> {
  const file = join(dir, `config_${count++}.ts`)
  await writeFile(file, `${HEAD}export default defineConfig(() => (${body}))\n`)
  return file
}
const GOOD = `{ connectors: [db(['orders'])], policies: [policies.dontDeleteWithoutWhere()], workflows: [], actions: ['delete_row'] }`
interface Found {
  readonly rule: string
  readonly level: string
  readonly message: string
  readonly line: number
}
async function lint(body: string) {
  const { code, out } = await enact(['policy', 'lint', '--config', await configOf(body), '--json'])
  return { code, findings: (JSON.parse(out) as { findings: Found[] }).findings }
}

test('what is whole has no finding and exit code 0', async () => expect(await lint(GOOD)).toEqual({ code: 0, findings: [] }))

test('the shipped configuration has nothing but notes of what is off', async () => {
  const { code, out } = await enact(['policy', 'lint', '--config', join(ROOT, 'enact.config.ts'), '--json'])
  expect(code).toBe(0)
  expect(new Set((JSON.parse(out) as { findings: Found[] }).findings.map(({ rule }) => rule))).toEqual(new Set(['system-off']))
})

test.each<[keyof typeof RULES, string, string]>([
  ['does-not-start', `{ connectors: [db(['orders'])], policies: [], workflows: [], actions: [] }`, 'no policies'],
  ['does-not-start', `{ connectors: [], policies: [policies.requireBranchPrefix({ prefx: 'a/' } as never)], workflows: [] }`, 'prefx'],
  ['does-not-start', `{ connectors: [], policies: [policies.dontPushToMain()], workflows: [], actions: ['delete_row'] }`, 'delete_row'],
  ['unknown-field', GOOD.replace('workflows:', 'polices: [], workflows:'), 'polices'],
  ['never-fires', GOOD.replace('policies: [', 'policies: [policies.dontPushToMain(), '), 'dont_push_to_main'],
  [
    'unknown-target',
    GOOD.replace('policies: [', `policies: [policies.requireApproval({}, { on: ['delete_row', 'drop_row'] }), `),
    'drop_row'
  ],
  ['same-policy-twice', GOOD.replace('policies: [', 'policies: [policies.dontDeleteWithoutWhere(), '), 'same parameters'],
  [
    'same-policy-twice',
    GOOD.replace(
      'policies: [',
      `policies: [policies.requireApproval({}, { on: ['delete_row'] }), policies.requireApproval({ needed: 2 }, { on: ['postgres.delete_row', 'delete_row'] }), `
    ),
    'other parameters'
  ],
  ['empty-allow-list', GOOD.replace(`['orders']`, '[]'), '`tables` is empty'],
  ['open-allow-list', GOOD.replace(`['orders']`, `['*']`), '`*`'],
  [
    'policy-in-shadow',
    GOOD.replace('policies.dontDeleteWithoutWhere()', `policies.dontDeleteWithoutWhere(undefined, { mode: 'shadow' })`),
    'in shadow'
  ],
  ['system-off', GOOD.replace('connectors: [', `connectors: [github.off('GITHUB_TOKEN'), `), 'GITHUB_TOKEN'],
  [
    'workflow-without-policy',
    GOOD.replace('workflows: []', 'workflows: [workflows.agentPrWorkflow]').replace(
      'connectors: [',
      `connectors: [github({ token: 't', repos: ['a/b'] }), `
    ),
    'agent_pr_workflow'
  ]
])('%s: %s', async (rule, body, mentions) => {
  const { code, findings } = await lint(body)
  const found = findings.filter((one) => one.rule === rule)
  expect(findings.map(({ message }) => message).join('\n')).toContain(mentions)
  expect(found.length, JSON.stringify(findings)).toBeGreaterThan(0)
  expect(code).toBe(RULES[rule].level === 'note' ? 0 : 3)
})

describe('irreversible-without-approval', () => {
  const merging = (more: string) =>
    `{ connectors: [github({ token: 't', repos: ['a/b'] })], policies: [policies.dontMergeToMain()${more}], workflows: [], actions: ['merge_pr', 'create_issue', 'close_issue'] }`

  test('is about what cannot be undone, until somebody is asked', async () => {
    const actions = (await import('../../src/connectors/index.ts')).github.actions as Record<
      string,
      { mutates: boolean; inverse?: unknown }
    >
    const final = ['merge_pr', 'create_issue', 'close_issue'].filter((name) => actions[name]!.inverse === 'irreversible')
    const { findings } = await lint(merging(''))
    expect(findings.filter(({ rule }) => rule === 'irreversible-without-approval')).toHaveLength(final.length)
    const asked = await lint(merging(`, policies.requireApproval({}, { on: ['github.writes'] })`))
    expect(asked.findings.filter(({ rule }) => rule === 'irreversible-without-approval')).toEqual([])
  })
})

test('contradiction: a name that one policy allows and another forbids', async () => {
  const { findings } = await lint(
    `{ connectors: [db(['orders'])], actions: ['insert_row'], workflows: [], policies: [
    definePolicy({ id: 'a', title: '', params: z.strictObject({ allowed_tables: z.array(z.string()) }), reads: z.object({}), evaluate: () => deny('') })({ allowed_tables: ['orders', 'x'] }),
    definePolicy({ id: 'b', title: '', params: z.strictObject({ protected_tables: z.array(z.string()) }), reads: z.object({}), evaluate: () => deny('') })({ protected_tables: ['orders'] })
  ] }`
  )
  expect(findings.map(({ rule }) => rule)).toContain('contradiction')
})

test('a finding stands on the line that it is about', async () => {
  const { findings } = await lint(GOOD.replace('policies: [', 'policies: [\n policies.dontPushToMain(),\n '))
  expect(findings[0]).toMatchObject({ rule: 'never-fires', line: 9 })
})

test('a file that is not there, that declares nothing, or an unknown format is exit code 2', async () => {
  const empty = join(dir, 'empty.ts')
  await writeFile(empty, 'export const x = 1\n')
  for (const words of [
    ['--config', '/nowhere.ts'],
    ['--config', empty],
    ['--config', await configOf(GOOD), '--format', 'xml']
  ])
    expect((await enact(['policy', 'lint', ...words])).code).toBe(2)
})

/** Of the SARIF 2.1.0 schema: every member that is required, or has a closed set of values, in what is written here. */
const Sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string(),
          semanticVersion: z.string(),
          rules: z.array(
            z.strictObject({
              id: z.string(),
              shortDescription: z.strictObject({ text: z.string() }),
              defaultConfiguration: z.strictObject({ level: z.enum(['none', 'note', 'warning', 'error']) })
            })
          )
        })
      }),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level: z.enum(['none', 'note', 'warning', 'error']),
          message: z.strictObject({ text: z.string().min(1) }),
          locations: z.array(
            z.strictObject({
              physicalLocation: z.strictObject({
                artifactLocation: z.strictObject({ uri: z.string().regex(/^[^\\]+$/) }),
                region: z.strictObject({ startLine: z.int().min(1) })
              })
            })
          ),
          partialFingerprints: z.record(z.string(), z.string())
        })
      )
    })
  )
})

test('SARIF 2.1.0: every required member is there, and each result names its rule', async () => {
  const { code, out } = await enact([
    'policy',
    'lint',
    '--config',
    await configOf(GOOD.replace(`['orders']`, `['*']`)),
    '--format',
    'sarif'
  ])
  expect(code).toBe(3)
  const { runs } = Sarif.parse(JSON.parse(out))
  const [run] = runs
  expect(run!.results).toHaveLength(1)
  for (const { ruleId, ruleIndex } of run!.results) expect(run!.tool.driver.rules[ruleIndex]!.id).toBe(ruleId)
})
