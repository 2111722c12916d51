// `enact policy`: the list is complete, and `test` says which cases hold.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../src/cli/enact.ts'
import { catalogue } from '../../src/policies/index.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'enact-policy-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

async function enact(
  args: readonly string[],
  env: Record<string, string> = {}
): Promise<{ code: number; out: string[]; json: unknown[]; notes: string[] }> {
  const out: string[] = []
  const json: unknown[] = []
  const notes: string[] = []
  const code = await main(['policy', ...args], {
    env,
    out: (line) => void out.push(line),
    json: (value) => void json.push(value),
    note: (line) => void notes.push(line),
    async *input() {}
  })
  return { code, out, json, notes }
}

let files = 0
async function file(content: unknown): Promise<string> {
  const path = join(folder, `cases-${files++}.json`)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const GOOD = { policy: 'dont_push_to_main', context: { payload: { branch: 'agent/x' } }, expect: 'pass' }
const BAD = { policy: 'dont_push_to_main', context: { payload: { branch: 'main' } }, expect: 'pass' }

describe('policy list', () => {
  it('lists every policy with its parameters, what it reads and what it guards', async () => {
    const { code, json } = await enact(['list', '--json'])
    expect(code).toBe(0)
    const listed = json[0] as { id: string }[]
    expect(listed.map(({ id }) => id)).toEqual([...catalogue.keys()])
    expect(listed).toContainEqual({
      id: 'require_branch_prefix',
      family: 'git',
      title: 'Branches begin with a prefix',
      params: [{ name: 'prefix', type: 'string', default: 'agent/' }],
      reads: ['branch'],
      on: ['github.writes'],
      facts: [],
      lookups: []
    })
    expect(listed).toContainEqual(expect.objectContaining({ id: 'code_freeze_active', on: null, facts: ['code_freeze'] }))
    expect(listed).toContainEqual(expect.objectContaining({ id: 'dont_duplicate_contacts', lookups: ['hubspot.get_contact'] }))
  })
  it('is a table for people', async () => {
    const { out } = await enact(['list'])
    for (const id of catalogue.keys()) expect(out[0]).toContain(id)
    expect(out[0]).toContain('max_files (50)')
  })
})

describe('policy test', () => {
  it('passes the example of the contract', async () => {
    const path = await file([
      {
        policy: 'require_branch_prefix',
        params: { prefix: 'agent/' },
        context: { workflow: 'agent_pr_workflow', user_email: 'agent@company.com', payload: { branch: 'agent/x' }, user_attributes: {} },
        now: '2026-03-01T04:30:00Z',
        facts: {},
        lookups: { 'hubspot.get_contact': { success: true, output: { found: false } } },
        before: [],
        expect: 'pass',
        reason_mentions: ['agent/']
      }
    ])
    expect(await enact(['test', path])).toMatchObject({ code: 0, out: ['1 passed'] })
  })
  it('prints one line a failure and a summary, and exits 1', async () => {
    const { code, out } = await enact(['test', await file([GOOD, BAD, GOOD])])
    expect(code).toBe(1)
    expect(out).toHaveLength(2)
    expect(out[0]).toContain('case 1: `dont_push_to_main` was to pass, but said block: branch `main` is protected')
    expect(out[1]).toBe('1 of 3 failed')
  })
  it('prints one JSON object a case with --json', async () => {
    const { code, out } = await enact(['test', '--json', await file([GOOD, BAD])])
    expect(code).toBe(1)
    expect(out.map((line) => JSON.parse(line))).toEqual([
      { index: 0, policy: 'dont_push_to_main', expect: 'pass', got: 'pass', reason: expect.any(String), ok: true },
      { index: 1, policy: 'dont_push_to_main', expect: 'pass', got: 'block', reason: expect.stringContaining('`main`'), ok: false }
    ])
  })
  it('reads NDJSON with blank lines, a single object and a byte order mark', async () => {
    expect(await enact(['test', await file(`${JSON.stringify(GOOD)}\n\n${JSON.stringify(GOOD)}\r\n`)])).toMatchObject({
      code: 0,
      out: ['2 passed']
    })
    expect(await enact(['test', await file(JSON.stringify(GOOD, null, 2))])).toMatchObject({ code: 0, out: ['1 passed'] })
    expect(await enact(['test', await file(`\ufeff${JSON.stringify([GOOD])}`)])).toMatchObject({ code: 0 })
  })
  it('judges several files and says which one failed', async () => {
    const [good, bad] = [await file([GOOD]), await file([BAD])]
    expect((await enact(['test', good, bad])).out[0]).toContain(`${bad}, case 0`)
    const { out } = await enact(['test', '--json', good, bad])
    expect(out.map((line) => (JSON.parse(line) as { file: string }).file)).toEqual([good, bad])
  })
  it('fails a case whose reason does not mention what it should', async () => {
    const { code, out } = await enact(['test', await file([{ ...GOOD, reason_mentions: ['agent/x', 'unicorn'] }])])
    expect(code).toBe(1)
    expect(out[0]).toContain('unicorn')
  })
  it('gives a policy the time, the facts, the look-ups and the attributes of its case', async () => {
    const context = { payload: {} }
    const cases = [
      {
        policy: 'within_maintenance_window',
        params: { start_hour_utc: 2, end_hour_utc: 4 },
        context,
        now: '2026-03-01T03:59:59Z',
        expect: 'pass'
      },
      {
        policy: 'within_maintenance_window',
        params: { start_hour_utc: 2, end_hour_utc: 4 },
        context,
        now: '2026-03-01T05:30:00+02:00',
        expect: 'pass'
      },
      {
        policy: 'within_maintenance_window',
        params: { start_hour_utc: 2, end_hour_utc: 4 },
        context,
        now: '2026-03-01T04:00:00Z',
        expect: 'block'
      },
      { policy: 'within_maintenance_window', params: { start_hour_utc: 0, end_hour_utc: 24 }, context, expect: 'pass' },
      { policy: 'code_freeze_active', context, facts: { code_freeze: true }, expect: 'block' },
      { policy: 'code_freeze_active', context, expect: 'pass' },
      {
        policy: 'dont_duplicate_contacts',
        context: { payload: { email: 'a@b.c' } },
        lookups: { 'hubspot.get_contact': { success: true, output: { found: true } } },
        expect: 'block',
        reason_mentions: ['exists']
      },
      { policy: 'dont_duplicate_contacts', context: { payload: { email: 'a@b.c' } }, expect: 'block', reason_mentions: ['looked up'] },
      { policy: 'require_user_role', params: { allowed_roles: ['support'] }, context: { payload: { role: 'support' } }, expect: 'block' },
      {
        policy: 'require_user_role',
        params: { allowed_roles: ['support'] },
        context: { payload: {}, user_attributes: { role: 'support' } },
        expect: 'pass'
      },
      {
        policy: 'require_actor_role',
        params: { allowed_roles: ['engineer'] },
        context: { payload: { actor_role: 'engineer' } },
        expect: 'pass'
      },
      {
        policy: 'require_actor_role',
        params: { allowed_roles: ['engineer'] },
        context: { payload: {}, user_attributes: { actor_role: 'engineer' } },
        expect: 'pass'
      },
      {
        policy: 'require_actor_role',
        params: { allowed_roles: ['engineer'] },
        context: { payload: { actor_role: 'engineer' }, user_attributes: { actor_role: 'contractor' } },
        expect: 'block'
      },
      {
        policy: 'dont_delete_without_where',
        context: { payload: { sql: 'DELETE FROM customers' } },
        expect: 'block',
        before: [{ payload: { sql: 'SELECT 1' } }]
      },
      { policy: 'dont_force_push', context: { payload: { command: 'git push -f' } }, expect: 'block' }
    ]
    expect(await enact(['test', await file(cases)])).toMatchObject({ code: 0, out: [`${cases.length} passed`] })
  })
  it('knows a code freeze from ENACT_FREEZE as an embedded host does, unless the case names the fact', async () => {
    const cases = [
      { policy: 'code_freeze_active', context: { payload: {} }, expect: 'block' },
      { policy: 'code_freeze_active', context: { payload: {} }, facts: { code_freeze: false }, expect: 'pass' }
    ]
    expect(await enact(['test', await file(cases)], { ENACT_FREEZE: 'Yes' })).toMatchObject({ code: 0 })
  })
  it('goes on after a text that exhausts the parser', async () => {
    const sql = { policy: 'block_ddl', context: { payload: { sql: `SELECT ${'1+'.repeat(15_000)}1` } }, expect: 'block' }
    expect(await enact(['test', await file([sql, { ...sql, context: { payload: { sql: 'SELECT 1' } }, expect: 'pass' }])])).toMatchObject({
      code: 0
    })
  })
  it.each([
    ['an unknown policy', { ...GOOD, policy: 'dont_panic' }, 'case 1: there is no policy `dont_panic`'],
    ['a prototype member as policy', { ...GOOD, policy: 'constructor' }, 'there is no policy `constructor`'],
    [
      'a parameter of the wrong type',
      { ...GOOD, policy: 'require_branch_prefix', params: { prefix: 7 } },
      'case 1: policy `require_branch_prefix`: parameter `prefix`'
    ],
    ['a parameter that there is not', { ...GOOD, params: { prefx: 'a' } }, 'case 1: policy `dont_push_to_main`'],
    ['a missing parameter', { ...GOOD, policy: 'block_extensions' }, '`extensions`'],
    ['a case without an expectation', { ...GOOD, expect: undefined }, 'case 1: `expect`'],
    ['an unknown expectation', { ...GOOD, expect: 'deny' }, 'case 1: `expect`'],
    ['a misspelt key', { ...GOOD, reason_mention: ['x'] }, 'reason_mention'],
    ['a case without a payload', { ...GOOD, context: {} }, '`context.payload`'],
    ['a time that is none', { ...GOOD, now: 'yesterday' }, '`now`'],
    ['a case that is no object', 7, 'case 1'],
    ['an earlier context without a payload', { ...GOOD, before: [{}] }, '`before.0.payload`']
  ])('refuses %s, naming file and case, before judging anything', async (_name, bad, says) => {
    const path = await file([BAD, bad])
    const { code, out, notes } = await enact(['test', path])
    expect({ code, out }).toEqual({ code: 2, out: [] })
    expect(notes.join('\n')).toContain(path)
    expect(notes.join('\n')).toContain(says)
  })
  it.each([
    ['no JSON', '{ nope', 'line 1'],
    ['a broken array', '[{]', 'not JSON'],
    ['a bad second line', `${JSON.stringify(GOOD)}\nnope`, 'line 2'],
    ['nothing', '[]', 'no cases'],
    ['an empty file', '', 'no cases']
  ])('refuses a file with %s', async (_name, content, says) => {
    const { code, notes } = await enact(['test', await file(content)])
    expect(code).toBe(2)
    expect(notes.join('\n')).toContain(says)
  })
  it('refuses a file that is not there, and no file at all', async () => {
    expect(await enact(['test', join(folder, 'missing.json')])).toMatchObject({ code: 2, notes: [expect.stringContaining('no such file')] })
    expect((await enact(['test'])).code).toBe(2)
  })
  it('shows what an agent wrote without letting it move the cursor', async () => {
    const { out } = await enact(['test', await file([{ ...BAD, context: { payload: { branch: 'main\u001b[2J\u202e' } }, expect: 'ask' }])])
    expect(out.join('\n')).not.toContain('\u001b[2J')
    expect(out.join('\n')).not.toContain('\u202e')
  })
})
