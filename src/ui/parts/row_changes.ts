// Rows before and after as the lines of a diff: what goes, what comes, and of a changed row only what differs.
import type { Json, JsonObject } from '../../engine/schema.ts'

/** `-` = goes, `+` = comes, ` ` = stays. */
export interface Line {
  readonly sign: '-' | '+' | ' '
  readonly text: string
}

/** Null where neither payload nor preview says anything of rows or files. */
export function changesOf(workflow: string, payload: JsonObject, preview: JsonObject): Line[] | null {
  const seen = imagesIn(preview)
  if (seen !== null) return rowLines(seen.before, seen.after)
  const name = workflow.slice(workflow.indexOf('.') + 1)
  if (typeof payload.table === 'string') return tableLines(name, payload)
  if (Array.isArray(payload.files)) return payload.files.map(fileLine)
  return null
}

/** Lines of two lists of rows: those that are in both by their first column are one change. */
export function rowLines(before: readonly JsonObject[], after: readonly JsonObject[]): Line[] {
  if (before.length !== after.length || before.length === 0)
    return [...before.map((row) => line('-', row)), ...after.map((row) => line('+', row))]
  return before.flatMap((row, i) => {
    const now = after[i]!
    const [key = ''] = Object.keys(row)
    const moved = Object.keys({ ...row, ...now }).filter((name) => JSON.stringify(row[name]) !== JSON.stringify(now[name]))
    const only = (image: JsonObject) =>
      Object.fromEntries([key, ...moved].filter((name) => Object.hasOwn(image, name)).map((name) => [name, image[name] as Json]))
    return moved.length === 0 ? [line(' ', row)] : [line('-', only(row)), line('+', only(now))]
  })
}

function tableLines(name: string, { where, data, rows: given }: JsonObject): Line[] | null {
  const rows = where === undefined ? 'every row' : `rows where ${condition(where)}`
  if (name === 'delete_row') return [{ sign: '-', text: rows }]
  if (name === 'update_row' || name === 'db_safe_update_workflow')
    return [
      { sign: ' ', text: rows },
      { sign: '+', text: JSON.stringify(data ?? {}) }
    ]
  if (Array.isArray(given)) return given.map((row) => line('+', row as JsonObject))
  return data === undefined ? null : [line('+', data as JsonObject)]
}

/** `id = 7 and plan = "free"`; anything but plain equality as the JSON it is. */
function condition(where: Json): string {
  if (where === null || typeof where !== 'object' || Array.isArray(where)) return JSON.stringify(where)
  const parts = Object.entries(where)
  if (parts.some(([, value]) => value !== null && typeof value === 'object')) return JSON.stringify(where)
  return parts.map(([name, value]) => (value === null ? `${name} is null` : `${name} = ${JSON.stringify(value)}`)).join(' and ')
}

function fileLine(file: Json): Line {
  const { path, delete: goes } = (file ?? {}) as JsonObject
  const name = typeof path === 'string' ? path : JSON.stringify(file)
  return goes === true ? { sign: '-', text: name } : { sign: '+', text: name }
}

function imagesIn(preview: JsonObject): { before: JsonObject[]; after: JsonObject[] } | null {
  const found = preview.done ?? preview.already
  if (found === null || typeof found !== 'object' || Array.isArray(found)) return null
  const { before, after } = found as JsonObject
  const isRows = (value: Json | undefined): value is JsonObject[] =>
    Array.isArray(value) && value.every((row) => row !== null && typeof row === 'object' && !Array.isArray(row))
  if (!isRows(before) || !isRows(after) || before.length + after.length === 0) return null
  return { before, after }
}

function line(sign: Line['sign'], row: JsonObject): Line {
  return { sign, text: JSON.stringify(row) }
}
