// The gates that every adapter is tried with: the embedded engine, one that holds, one that is out of reach; and what they saw.
import { blockHomeDirDestructive } from '../../../src/policies/index.ts'
import { definePolicy, deny, allow, EnactClient, TOOL_ACTIONS, toolSystem, type Receipt } from '../../../src/node.ts'
import type { DecisionWanted, Gate, OutcomeTold } from '../../../src/client.ts'
import * as z from 'zod'

const noRefunds = definePolicy({
  id: 'no_refunds',
  title: 'No refunds',
  params: z.strictObject({}),
  reads: z.looseObject({ tool: z.string() }),
  on: ['agent.tool'],
  evaluate: ({ reads }) => (reads.tool === 'refund' ? deny('refunds are for people', { remedy: 'ask support' }) : allow('fine'))
})

/** The embedded engine: `rm -rf ~` and the tool `refund` are denied, everything else passes. */
export function embedded(): EnactClient {
  return new EnactClient({
    systems: { agent: toolSystem() },
    policies: [blockHomeDirDestructive(), noRefunds()],
    actions: [...TOOL_ACTIONS],
    secret: 'a secret of the tests alone',
    allowInsecureSecret: true
  })
}

/** Its receipts, each in its newest revision, blocks first. */
export async function receiptsOf(enact: EnactClient): Promise<Receipt[]> {
  const newest = new Map<string, Receipt>()
  for (const receipt of (await enact.receipts.list('local', { limit: 100 })).data) {
    const known = newest.get(receipt.run_id)
    if (known === undefined || known.revision < receipt.revision) newest.set(receipt.run_id, receipt)
  }
  return [...newest.values()].sort((one, other) => one.decision.localeCompare(other.decision))
}

export interface Scripted extends Gate {
  readonly asked: DecisionWanted[]
  readonly told: { run_id: string; outcome: OutcomeTold }[]
  answer: 'PASS' | 'BLOCK' | 'HOLD' | 'away'
}

/** A gate that says what the test wants, and keeps what it was asked and told. */
export function scripted(answer: Scripted['answer']): Scripted {
  const gate: Scripted = {
    answer,
    asked: [],
    told: [],
    async decide(request) {
      gate.asked.push(request)
      if (gate.answer === 'away') throw new Error('fetch failed: https://enact.internal')
      return {
        run_id: `run-${gate.asked.length}`,
        decision: gate.answer,
        policy_results:
          gate.answer === 'PASS' ? [] : [{ policy: 'require_approval', passed: false, effect: 'ask', reason: 'a person must agree' }],
        ...(gate.answer === 'HOLD' ? { hitl_id: 'h', approval_url: 'https://enact.example/app/approvals?id=h' } : {})
      }
    },
    async reportOutcome(run_id, outcome) {
      gate.told.push({ run_id, outcome })
    }
  }
  return gate
}

/** A tool that counts: what it is called with, whether it ran. */
export function counted<A, R>(run: (input: A) => R) {
  const calls: A[] = []
  return {
    calls,
    run(input: A): R {
      calls.push(input)
      return run(input)
    }
  }
}
