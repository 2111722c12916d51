// What a call touches, for locks and receipts: a table, or one row where the input alone tells it.
import type { Json } from '../../engine/schema.ts'
import { parseTable } from './name.ts'

/** `postgres/default/public/customers`. */
export function tableResource(table: string): string {
  const { schema, name } = parseTable(table) ?? { schema: null, name: table }
  return ['postgres', 'default', schema ?? 'public', name].map(encodeURIComponent).join('/')
}

/**
 * The table's path with a segment for each value: `…/customers/id=7`. Only integers and UUIDs are shown;
 * anything else may be private and stands as a fingerprint. With a value that is no scalar it is the table's path.
 */
export function rowResource(table: string, values: Readonly<Record<string, Json>>): string {
  const segments = Object.entries(values).map(([name, value]) => {
    const text = String(value)
    const isShown = /^(-?\d{1,19}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.test(text)
    return { isShown, text: `${encodeURIComponent(name)}${isShown ? `=${text}` : `~${fingerprint(text)}`}` }
  })
  if (segments.length === 0 || Object.values(values).some((value) => typeof value === 'object')) return tableResource(table)
  // Identifiers first: a lock on `id=7` then covers `id=7` with any further condition.
  segments.sort((a, b) => Number(b.isShown) - Number(a.isShown) || (a.text < b.text ? -1 : 1))
  return [tableResource(table), ...segments.map((segment) => segment.text)].join('/')
}

/** Two rounds of FNV-1a: tells values apart in a path, and hides nothing from somebody who guesses. */
export function fingerprint(text: string): string {
  const round = (seed: number) => {
    let hash = seed
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    return (hash >>> 0).toString(16).padStart(8, '0')
  }
  return round(0x811c9dc5) + round(0x3c6ef372)
}
