// What a policy is, as data: for `enact policy list` and the reference page.
import * as z from 'zod'
import type { PolicyDefinition } from '../../engine/index.ts'
import { catalogue } from '../../policies/index.ts'

/** One parameter; `default` is absent where the parameter must be given. */
export interface ParameterDescription {
  readonly name: string
  readonly type: string
  readonly default?: unknown
}

/** A policy as it is listed. `on` null means that it judges every request. */
export interface PolicyDescription {
  readonly id: string
  readonly family: string
  readonly title: string
  readonly params: readonly ParameterDescription[]
  readonly reads: readonly string[]
  readonly on: readonly string[] | null
  readonly facts: readonly string[]
  readonly lookups: readonly string[]
}

/** Every policy of the catalogue, in its order. */
export function describeCatalogue(): PolicyDescription[] {
  return [...catalogue.values()].map(({ family, definition }) => ({
    id: definition.id,
    family,
    title: definition.title,
    params: describeParameters(definition),
    reads: Object.keys(definition.readsSchema.shape),
    on: definition.on,
    facts: definition.facts,
    lookups: definition.lookups.map((lookup) => lookup.action)
  }))
}

type JsonSchema = {
  readonly type?: string
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
}

function describeParameters(definition: PolicyDefinition): ParameterDescription[] {
  const { properties = {} } = z.toJSONSchema(definition.paramsSchema, { io: 'input' }) as JsonSchema
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    type: typeName(schema),
    ...('default' in schema ? { default: schema.default } : {})
  }))
}

function typeName({ type = 'any', items, anyOf }: JsonSchema): string {
  if (anyOf !== undefined) return anyOf.map(typeName).join(' or ')
  return type === 'array' ? `${typeName(items ?? {})}[]` : type
}
