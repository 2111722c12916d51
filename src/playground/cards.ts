// The catalogue's policies as forms: each parameter read from its schema, and what was typed turned back into values.
import * as z from 'zod'
import type { Json, PolicyDefinition } from '../engine/index.ts'
import { catalogue } from '../policies/index.ts'
import type { Param, PolicyCard } from '../ui/playground/protocol.ts'

/** Every policy of the catalogue. */
export function cardsOf(): PolicyCard[] {
  return [...catalogue.values()].map(({ definition }) => ({ id: definition.id, title: definition.title, params: paramsOf(definition) }))
}

/** What was typed, as the schema wants it. An empty field is left out: the schema has a default, or says that it is missing. */
export function readParams(definition: PolicyDefinition, typed: Readonly<Record<string, string>>): Record<string, Json> {
  const given = paramsOf(definition).flatMap(({ name, kind }): [string, Json][] => {
    const text = Object.hasOwn(typed, name) ? typed[name]! : ''
    if (kind === 'list') return [[name, listOf(text)]]
    if (text.trim() === '') return []
    return [[name, kind === 'number' && Number.isFinite(Number(text)) ? Number(text) : text]]
  })
  return Object.fromEntries(given)
}

/** `a, b` and lines as a list. */
export function listOf(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

type JsonSchema = { readonly type?: string; readonly default?: unknown; readonly properties?: Readonly<Record<string, JsonSchema>> }

function paramsOf(definition: PolicyDefinition): Param[] {
  const { properties = {} } = z.toJSONSchema(definition.paramsSchema, { io: 'input' }) as JsonSchema
  return Object.entries(properties).map(([name, { type, default: initial }]) => ({
    name,
    kind: type === 'array' ? 'list' : type === 'integer' || type === 'number' ? 'number' : 'text',
    initial: Array.isArray(initial) ? initial.join(', ') : initial === undefined ? '' : String(initial)
  }))
}
