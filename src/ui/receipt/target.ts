// What a run was about, in a few words: `customers · 5 rows`, `myorg/app #12`. From the receipt alone, redacted as it is.
import type { JsonObject, Receipt } from '../../engine/schema.ts'
import { changeKind } from './call_name.ts'
import { counted } from './counted.ts'
import { numberAt, objectAt, rowsAt, textAt } from './read_json.ts'

type Told = Pick<Receipt, 'workflow' | 'payload' | 'actions_taken'>

/** Never empty: `—` where nothing tells. */
export function targetOf(receipt: Told): string {
  const { workflow, payload } = receipt
  const change = changeKind(workflow)
  if (change !== null) return change.of === '' ? (textAt(payload, 'name') ?? '—') : change.of
  const inner = workflow.startsWith('approval:') ? (objectAt(payload, 'payload') ?? payload) : payload
  return tableTarget(receipt, inner) ?? repoTarget(receipt, inner) ?? namedTarget(inner) ?? resourceTarget(receipt) ?? '—'
}

/** How many rows all calls changed together; null where none says. */
export function rowsChanged({ actions_taken }: Pick<Receipt, 'actions_taken'>): number | null {
  const counts = actions_taken
    .map(({ output }) => numberAt(output, 'affected') ?? rowsAt(objectAt(output, 'input'), 'rows')?.length ?? null)
    .filter((count) => count !== null)
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0)
}

function tableTarget(receipt: Told, payload: JsonObject): string | null {
  const tables = receipt.actions_taken.map(({ output }) => textAt(output, 'table') ?? textAt(objectAt(output, 'input'), 'table'))
  const table = textAt(payload, 'table') ?? tables.find((name) => name !== null)
  if (table === null || table === undefined) return null
  const rows = rowsChanged(receipt) ?? numberAt(payload, 'row_count')
  return rows === null ? plainTable(table) : `${plainTable(table)} · ${counted(rows, 'row')}`
}

/** `customers` of `public.customers`: the schema that goes without saying. */
export function plainTable(table: string): string {
  return table.replace(/^public\.(?=.)/, '')
}

function repoTarget({ actions_taken }: Told, payload: JsonObject): string | null {
  const repo = textAt(payload, 'repo')
  if (repo === null) return null
  const numbers = [payload, ...actions_taken.map(({ output }) => output)].map(
    (from) => numberAt(from, 'pr_number') ?? numberAt(from, 'issue_number')
  )
  const number = numbers.find((one) => one !== null)
  if (number !== undefined) return `${repo} #${number}`
  const branch = textAt(payload, 'branch')
  return branch === null ? repo : `${repo} → ${branch}`
}

/** Members that name what is acted on, the more telling first. */
const NAMES = ['command', 'path', 'file_path', 'key', 'channel', 'to', 'url', 'email', 'name', 'id'] as const

function namedTarget(payload: JsonObject): string | null {
  for (const name of NAMES) {
    const text = textAt(payload, name)
    if (text !== null) return text
  }
  const input = objectAt(payload, 'input')
  return input === null ? null : namedTarget(input)
}

/** The last part of the first resource, and how many more there are. */
function resourceTarget({ actions_taken }: Told): string | null {
  const all = [...new Set(actions_taken.flatMap(({ resources }) => resources))]
  const [first] = all
  if (first === undefined) return null
  const last = decoded(first.split('/').slice(-2).join('/'))
  return all.length === 1 ? last : `${last} and ${all.length - 1} more`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
