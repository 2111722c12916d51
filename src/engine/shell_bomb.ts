// Functions that start copies of themselves without end: `:(){ :|:& };:`.
import type { Json, JsonObject } from './schema.ts'

/** The names of functions whose body calls the function in a pipeline or in the background. */
export function forkBombs(tree: Json): readonly string[] {
  const found: string[] = []
  const rest: Json[] = [tree]
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    if (node === null || typeof node !== 'object') continue
    const body = node as JsonObject
    if (body.type === 'Function') {
      const name = String((body.name as JsonObject).value)
      if (callsItself(body.body!, name)) found.push(name)
      continue
    }
    for (const key in body) rest.push(body[key]!)
  }
  return found
}

function callsItself(tree: Json, name: string): boolean {
  const rest: { node: Json; forked: boolean }[] = [{ node: tree, forked: false }]
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    if (at.node === null || typeof at.node !== 'object') continue
    const body = at.node as JsonObject
    if (at.forked && body.type === 'Command' && (body.name as JsonObject | undefined)?.value === name) return true
    const forked = at.forked || body.type === 'Pipeline' || (body.type === 'Statement' && body.background === true)
    for (const key in body) rest.push({ node: body[key]!, forked })
  }
  return false
}
