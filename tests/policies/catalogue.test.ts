// What holds for every policy: its name, its shape, its page, and that no input makes it throw or lose its way.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { policiesReference } from '../../scripts/policies_reference.ts'
import { nodeParsers } from '../../src/adapters/parsers/node.ts'
import { describeCatalogue } from '../../src/cli/policy/describe.ts'
import type { Json, JsonObject, Policy } from '../../src/engine/index.ts'
import * as policies from '../../src/policies/index.ts'
import { contextOf } from './test_policy.ts'

const root = join(import.meta.dirname, '..', '..')

/** Parameters for those policies that cannot do without. */
const PARAMS: Record<string, JsonObject> = {
  protect_tables: { protected: ['customers'] },
  restrict_paths: { allowed_dirs: ['/data'] },
  block_extensions: { extensions: ['.env', '.pem'] },
  require_actor_role: { allowed_roles: ['engineer'] },
  require_user_role: { allowed_roles: ['support'] },
  dont_read_sensitive_tables: { tables: ['salaries'] },
  dont_read_sensitive_paths: { paths: ['/etc', 'secrets'] },
  require_clearance_for_path: { paths: ['/vault'], min_clearance: 2 },
  contractor_cannot_write_pii: { pii_fields: ['ssn'] },
  within_maintenance_window: { start_hour_utc: 2, end_hour_utc: 4 },
  require_channel_allowlist: { channels: ['general'] },
  webfetch_domain_allowlist: { allowed: ['example.com'] },
  no_email_external_domains: { domains: ['example.com'] },
  block_prompt_injection_fields: { fields: ['text'] },
  limit_rate: { max: 10, window: '60s' },
  limit_total: { field: 'amount', max: 1_000, window: '24h' }
}
const bound: [string, Policy][] = [...policies.catalogue].map(([id, { definition }]) => [id, definition(PARAMS[id])])

beforeAll(() => nodeParsers().load(['sql', 'shell']))

describe('the catalogue', () => {
  it('has every policy of its families, in their folders', () => {
    const byFamily = Object.groupBy(describeCatalogue(), ({ family }) => family)
    const counts = Object.fromEntries(Object.entries(byFamily).map(([family, list]) => [family, list!.length]))
    expect(counts).toEqual({
      git: 8,
      db: 7,
      filesystem: 8,
      access: 7,
      crm: 2,
      time: 2,
      slack: 4,
      budget: 2,
      email: 4,
      cloud_storage: 1,
      url: 5,
      credential: 1,
      prompt_injection: 2,
      file_access: 2,
      coding_agent: 45
    })
    for (const { family, id } of describeCatalogue()) expect(existsSync(join(root, 'src/policies', family, `${id}.ts`)), id).toBe(true)
  })
  it('exports each under the camel case of its id', () => {
    const exported = new Map<string, unknown>(Object.entries(policies))
    for (const [id, { definition }] of policies.catalogue) {
      const name = id.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
      expect(exported.get(name), name).toBe(definition)
    }
  })
  it('has a reference page that is fresh', () => {
    expect(readFileSync(join(root, 'docs/reference/policies.md'), 'utf8')).toBe(policiesReference())
  })
})

const corpus = join(root, '..', 'shared', 'corpora', 'naughty_strings', 'blns.json')
const hasCorpus = existsSync(corpus)
if (!hasCorpus) console.warn('skipped: no corpora')
const HOSTILE: Json[] = [
  '',
  '\0',
  '\ud800',
  '__proto__',
  'constructor',
  '%',
  '%%%2',
  '%c0%ae',
  '\\',
  '$(',
  '`',
  "'",
  '"',
  ';',
  '--',
  '/*',
  '$$',
  '\u202e',
  '🏴‍☠️',
  'a'.repeat(100_000),
  '('.repeat(70_000),
  '../'.repeat(5_000),
  '%25'.repeat(5_000)
]

// Linear is a fifth of a second on a quiet machine; what starts over at every character takes minutes on any.
const LONG_MS = 5_000

describe.each(bound)('%s', (_id, policy) => {
  const judgeWith = (value: Json) => {
    const payload: Record<string, Json> = {}
    for (const key of policy.readKeys) payload[key] = value
    return policy.judge(
      contextOf({
        payload,
        user_attributes: { role: value, clearance_level: value, actor_role: value },
        facts: { code_freeze: value, 'hubspot.get_contact': value }
      })
    )
  }
  const expectVerdict = (value: Json) => {
    const verdict = judgeWith(value)
    expect(['allow', 'deny', 'ask']).toContain(verdict.effect)
    expect(verdict.reason.length).toBeGreaterThan(5)
    expect(verdict.reason.length, 'a reason is a sentence, not a copy of the payload').toBeLessThan(1_000)
    expect(verdict.reason).not.toMatch(/^policy failed/)
  }

  it('has a verdict for every hostile value, under every key', () => {
    for (const value of HOSTILE) expectVerdict(value)
  })
  it('takes no long time over the worst texts that fit into a request', { timeout: 60_000 }, () => {
    for (const piece of [
      'a/',
      '../',
      '.',
      ' ',
      '%25',
      '~',
      '/',
      ':',
      'heads/',
      '+',
      '-',
      '\\',
      '@',
      'main',
      '\u200b',
      'ﷺ',
      'git push -f;',
      '$(',
      'x = 1 OR ',
      "'",
      '/*',
      '-\n',
      '@@ \n-',
      'sk-',
      '-----BEGIN ',
      'D1,',
      'fix '
    ]) {
      const started = performance.now()
      judgeWith(`a${piece.repeat(Math.floor(250_000 / piece.length))}b`)
      expect(performance.now() - started, piece).toBeLessThan(LONG_MS)
    }
    // From the first character on, where what skips space at a beginning may start over at every character.
    for (const space of [' ', '\n', '\t', ' \n', '\r', '<', '"']) {
      const started = performance.now()
      judgeWith(space.repeat(Math.floor(250_000 / space.length)))
      expect(performance.now() - started, JSON.stringify(space)).toBeLessThan(LONG_MS)
    }
  })
  it.skipIf(!hasCorpus)(`has a verdict for every naughty string${hasCorpus ? '' : ' (skipped: no corpora)'}`, () => {
    for (const value of JSON.parse(readFileSync(corpus, 'utf8')) as string[]) expectVerdict(value)
  })
  it('has a verdict for any JSON, and denies what is of a type it cannot read', () => {
    fc.assert(fc.property(fc.jsonValue() as fc.Arbitrary<Json>, expectVerdict), { seed: 5, numRuns: 200 })
    if (policy.readKeys.length === 0 || policy.readKeys.includes('files')) return
    for (const value of [true, 1.5, [null]] as Json[]) expect(judgeWith(value)).toMatchObject({ effect: 'deny', code: 'policy_error' })
  })
  it('says the same about the same, whatever it judged before', () => {
    for (const value of ['main', '/etc/passwd', 'DELETE FROM customers', 'git push -f', 'D0123ABCD', {}, null] as Json[])
      expect(judgeWith(value)).toEqual(judgeWith(value))
  })
  it('names what is wrong with its parameters', () => {
    const entry = policies.catalogue.get(policy.id)!
    expect(() => entry.definition({ ...PARAMS[policy.id], unheard_of: 1 } as never)).toThrow(`policy \`${policy.id}\``)
  })
  it('gives a remedy with every deny but those of an empty allow list and of unreadable input', () => {
    const verdicts = (['main', '/etc/passwd', 'DELETE FROM customers', 'git push -f', 'D0123ABCD', '.env', 'wip', ''] as Json[]).map(
      judgeWith
    )
    for (const verdict of verdicts)
      if (verdict.effect === 'deny' && verdict.code === undefined) expect(verdict.remedy, verdict.reason).toMatch(/./)
  })
})
