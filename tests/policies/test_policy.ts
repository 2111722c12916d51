// The table that every policy's test is: what it allows, denies and asks about, over the real parsers.
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeParsers } from '../../src/adapters/parsers/node.ts'
import type { JsonObject, JudgedContext, Policy, PolicyDefinition, Verdict } from '../../src/engine/index.ts'

/** One row: the payload, and whatever else differs from the defaults. `says` must be part of the reason. */
export interface Case {
  readonly payload?: JsonObject
  readonly params?: object
  readonly attributes?: JsonObject
  readonly facts?: JsonObject
  readonly now?: string
  readonly says?: string
  readonly code?: string
  /** Why this row is here: an incident's source, an attack, a false alarm. */
  readonly why?: string
}

interface Table {
  readonly params?: object
  readonly allows?: readonly Case[]
  readonly denies?: readonly Case[]
  readonly asks?: readonly Case[]
}

// oxlint-disable-next-line typescript/no-explicit-any
type AnyDefinition = PolicyDefinition<any>

/** Binds the definition and judges one row. */
export function judge(
  definition: AnyDefinition,
  { payload = {}, params = {}, attributes = {}, facts = {}, now = '2026-03-01T04:30:00Z' }: Case
): Verdict {
  const policy: Policy = definition(params)
  return policy.judge(contextOf({ payload, user_attributes: attributes, facts, now: Date.parse(now) }))
}

/** A context with defaults for everything that a row does not say. */
export function contextOf(given: Partial<JudgedContext>): JudgedContext {
  const plain = { workflow: 'test_workflow', action: null, system: null, user_email: 'agent@company.com', user_attributes: {}, payload: {} }
  return { ...plain, now: 0, facts: {}, before: [], parsers: nodeParsers(), ...given }
}

/** Runs every row as a test of its own, named by what is judged. */
export function testPolicy(definition: AnyDefinition, table: Table): void {
  describe(definition.id, () => {
    beforeAll(() => nodeParsers().load(['sql', 'shell']))
    for (const effect of ['allow', 'deny', 'ask'] as const) {
      const rows = { allow: table.allows, deny: table.denies, ask: table.asks }[effect] ?? []
      for (const row of rows) {
        const said =
          row.why ??
          JSON.stringify({ ...row.payload, ...row.params, ...row.attributes, ...row.facts, ...(row.now ? { now: row.now } : {}) })
        it(`${effect === 'allow' ? 'allows' : effect === 'deny' ? 'denies' : 'asks about'} ${said.slice(0, 160)}`, () => {
          const verdict = judge(definition, { ...row, params: { ...table.params, ...row.params } })
          expect(verdict, verdict.reason).toMatchObject({ effect })
          expect(verdict.code).toBe(row.code)
          if (row.says !== undefined) expect(verdict.reason).toContain(row.says)
          expect(verdict.reason.length).toBeGreaterThan(5)
        })
      }
    }
  })
}
