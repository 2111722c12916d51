// The OpenAPI 3.1 document, made from the table of routes and the schemas that parse requests. Written to public/ by scripts/openapi.ts; not in the Worker.
import * as z from 'zod'
import {
  ActionTaken,
  Approval,
  ENGINE_VERSION,
  FAULTS,
  InclusionProof,
  Inverse,
  JsonObject,
  Links,
  PersonRecord,
  PolicyResult,
  Receipt,
  RunRequest,
  Signature
} from '../engine/index.ts'
import type { Route } from './route.ts'
import { ROUTES } from './routes/index.ts'
import { Checkpoint, ExportShown, FactShown, JsonValue, KeyListed, Problem, RunAnswer, RunPending } from './schema.ts'
import { AlertDeliveryShown, AlertShown, ChannelShown } from './alert_schema.ts'
import { WebhookDelivery, WebhookEndpoint, WebhookSecret } from './webhook_schema.ts'

type Json = { [key: string]: unknown }

/** Shapes that have a name of their own; all others are written where they are used. */
const NAMED = {
  Receipt,
  PolicyResult,
  ActionTaken,
  Approval,
  Inverse,
  Links,
  Signature,
  JsonObject,
  JsonValue,
  RunRequest,
  RunAnswer,
  RunPending,
  InclusionProof,
  Checkpoint,
  Export: ExportShown,
  KeyListed,
  Fact: FactShown,
  Person: PersonRecord,
  WebhookEndpoint,
  WebhookSecret,
  WebhookDelivery,
  Alert: AlertShown,
  AlertDelivery: AlertDeliveryShown,
  AlertChannel: ChannelShown,
  Problem
}

/** Faults that any route may answer with, beside those of its own. */
const COMMON = ['rate_limited', 'internal', 'unavailable', 'misconfigured'] as const

/** The whole document. Pure: the same table gives the same text. */
export function openapi(): Json {
  const read = schemasOf('input', (route) => ({ body: route.body, query: route.query, params: route.params }))
  const written = schemasOf('output', (route) =>
    Object.fromEntries(Object.entries(route.answers).map(([status, { schema }]) => [status, schema]))
  )
  const paths: Record<string, Json> = {}
  for (const route of ROUTES) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, read, written) }
  }
  const schemas = Object.fromEntries(Object.keys(NAMED).map((name) => [name, written[name] ?? read[name]]))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Enact',
      version: ENGINE_VERSION,
      description: 'The action firewall for AI agents: ask for a run, read its receipt, take it back.',
      license: { name: 'MIT', identifier: 'MIT' }
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { bearer: [] }, { session: [] }],
    tags: [...new Set(ROUTES.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'X-Enact-Api-Key' },
        bearer: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-enact' }
      }
    }
  }
}

function operation(route: Route, read: Json, written: Json): Json {
  const isPublic = route.access === 'public'
  const scopes = isPublic ? '' : ` Scope: ${(route.access as string[]).map((scope) => `\`${scope}\``).join(' or ')}.`
  const parameters = [
    ...parametersOf('path', read[`${route.id}.params`] as Json | undefined),
    ...parametersOf('query', read[`${route.id}.query`] as Json | undefined),
    ...(route.idempotent ? [{ name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', maxLength: 255 } }] : [])
  ]
  return {
    operationId: route.id,
    summary: route.title,
    description: `${route.about ?? ''}${scopes}`.trim(),
    tags: [route.tag],
    ...(isPublic ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: read[`${route.id}.body`] } } } }),
    responses: { ...answersOf(route, written), default: problemAnswer(route) }
  }
}

function answersOf(route: Route, written: Json): Json {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, { title, schema, type = 'application/json' }]) => [
      status,
      { description: title, ...(schema === undefined ? {} : { content: { [type]: { schema: written[`${route.id}.${status}`] } } }) }
    ])
  )
}

function problemAnswer(route: Route): Json {
  const own = [
    ...(route.access === 'public' ? [] : (['unauthorized', 'forbidden'] as const)),
    ...(route.body === undefined ? [] : (['bad_json', 'payload_too_large', 'unsupported_media_type'] as const))
  ]
  const codes = [...own, ...COMMON].map((code) => `${FAULTS[code].status} \`${code}\``).join(', ')
  return {
    description: `A problem (RFC 9457), among others ${codes}`,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  }
}

function parametersOf(place: 'path' | 'query', schema: Json | undefined): Json[] {
  const required = (schema?.required ?? []) as string[]
  return Object.entries((schema?.properties ?? {}) as Json).map(([name, one]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: one
  }))
}

/** JSON Schemas of one direction: `name` for the named, `<route>.<part>` for the others, which refer to the named. */
function schemasOf(io: 'input' | 'output', partsOf: (route: Route) => Record<string, z.ZodType | undefined>): Json {
  const registry = z.registry<{ id: string }>()
  const alias: Record<string, string> = {}
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema as z.ZodType, { id })
  for (const route of ROUTES) {
    for (const [part, schema] of Object.entries(partsOf(route))) {
      if (schema === undefined) continue
      const id = `${route.id}.${part}`
      const known = registry.get(schema)
      if (known === undefined) registry.add(schema, { id })
      else alias[id] = known.id
    }
  }
  const uri = (id: string) => `#/components/schemas/${id}`
  const { schemas } = z.toJSONSchema(registry, {
    io,
    uri,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === (JsonObject as unknown)) asAnything(jsonSchema, { type: 'object' })
      if (zodSchema === (JsonValue as unknown)) asAnything(jsonSchema, {})
    }
  })
  const clean: Record<string, Json> = Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema])
  )
  // An alias is another use of a named shape, or (`params`) of one that another route wrote out.
  for (const [id, known] of Object.entries(alias)) clean[id] = known in NAMED ? { $ref: uri(known) } : clean[known]!
  return clean
}

/** What is in it is the workflow's business. */
function asAnything(schema: Json, instead: Json): void {
  for (const key of Object.keys(schema)) delete schema[key]
  Object.assign(schema, instead)
}
