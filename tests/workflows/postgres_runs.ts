// Runs over a real Postgres, in this process: with deaths at any line that they write down, and going on afterwards.
import { memoryJournal } from '../../src/adapters/journal/memory.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { nodeParsers } from '../../src/adapters/parsers/node.ts'
import { memoryReceipts } from '../../src/adapters/receipts/index.ts'
import {
  admit,
  execute,
  install,
  isStopped,
  judge,
  stopped,
  type Journal,
  type JournalEntry,
  type JsonObject,
  type Policy,
  type Ports,
  type Progress,
  type Receipt,
  type RunEnding,
  type System,
  type Workflow
} from '../../src/engine/index.ts'
import { EnactClient } from '../../src/node.ts'
import { asked, toyPorts } from '../engine/toy.ts'

/** An installation of these workflows over one system. */
export interface Runs {
  readonly client: EnactClient
  run(workflow: string, payload: JsonObject, attributes?: JsonObject): ReturnType<EnactClient['run']>
  /**
   * Runs, and dies when it would write its `line`-th line (from 1); `meanwhile` looks at the world then. Another attempt goes on over what
   * was written. `died` is false where the run wrote fewer lines.
   */
  crash(
    workflow: string,
    payload: JsonObject,
    line: number,
    meanwhile: () => Promise<void>
  ): Promise<{ died: boolean; receipt: Receipt; told: readonly Progress[] }>
}

export function runsOver(
  system: System,
  workflows: readonly Workflow[],
  policies: readonly Policy[],
  actions: readonly string[] = []
): Runs {
  const receipts = memoryReceipts()
  const ports: Partial<Ports> = { parsers: nodeParsers() }
  const client = new EnactClient({
    systems: { [system.id]: system },
    workflows,
    policies,
    actions,
    secret: 'the tests may know this secret of 32+',
    receipts,
    ports
  })
  const installation = install({ connectors: [system], policies, workflows, actions }, nodeHash)
  return {
    client,
    run: (workflow, payload, user_attributes = {}) => client.run({ workflow, user_email: 'agent@company.com', payload, user_attributes }),
    async crash(workflow, payload, line, meanwhile) {
      const own = toyPorts(ports)
      const judged = await judge(installation, admit(installation, asked(workflow, payload)), own)
      if (isStopped(judged)) return { died: false, receipt: over(await stopped(judged, own)), told: [] }
      const entries: JournalEntry[] = []
      const first = mortal(entries, line)
      const ending = await execute(installation, judged, own, first.journal).catch(() => null)
      if (ending !== null) return { died: false, receipt: over(ending), told: first.told }
      await meanwhile()
      const second = mortal(entries, Infinity)
      return { died: true, receipt: over(await execute(installation, judged, own, second.journal)), told: second.told }
    }
  }
}

/** A journal that is gone, with whoever writes it, from its `line`-th line on. */
function mortal(entries: JournalEntry[], line: number): { journal: Journal; told: Progress[] } {
  const told: Progress[] = []
  const journal = memoryJournal(entries)
  let lines = 0
  return {
    told,
    journal: {
      ...journal,
      append: (entry) => (++lines >= line ? Promise.reject(new Error('dead')) : journal.append(entry)),
      progress: (now) => void told.push(now)
    }
  }
}

function over(ending: RunEnding): Receipt {
  if (ending.status === 'PENDING') throw new Error('the run waits for a person')
  return ending.receipt
}

/** `insert_rows DONE`, in the order of the calls. */
export function lines(receipt: Pick<Receipt, 'actions_taken'>): string[] {
  return receipt.actions_taken.map(({ action, status }) => `${action} ${status}`)
}
