// GitHub's published OpenAPI as a judge: says what is wrong with a request, or with what the fake answers to it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly nullable?: boolean
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly minItems?: number
  readonly pattern?: string
  readonly minLength?: number
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}
interface Parameter {
  readonly $ref?: string
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Schema
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>
interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: Content }>>
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** A request as the description names it: `PATCH /repos/{owner}/{repo}/git/refs/{ref}` and its path parameters. */
export interface Matched {
  readonly route: string
  readonly params: Readonly<Record<string, string>>
  readonly operation: Operation
}

/** Undocumented: a pull request whose fork was deleted is listed with `null` here. */
const NULL_ALL_THE_SAME = '.head.repo'

let loaded: Document | undefined

function description(): Document {
  const main = createRequire(import.meta.url).resolve('@octokit/openapi')
  loaded ??= JSON.parse(readFileSync(path.join(path.dirname(main), 'generated/api.github.com.json'), 'utf8')) as Document
  return loaded
}

/** The operation of a request, or null when GitHub has none such. A slash inside a parameter has to be escaped. */
export function match(method: string, pathname: string): Matched | null {
  const segments = pathname.split('/').slice(1)
  const candidates = Object.entries(description().paths)
    .filter(([template]) => template.split('/').length === segments.length + 1)
    .map(([template, methods]) => ({ template, operation: methods[method.toLowerCase()], params: fit(template, segments) }))
    .filter(
      (each): each is typeof each & { operation: Operation; params: Record<string, string> } =>
        each.operation !== undefined && each.params !== null
    )
    .sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)
  const [best] = candidates
  return best ? { route: `${method} ${best.template}`, params: best.params, operation: best.operation } : null
}

function fit(template: string, segments: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {}
  for (const [at, part] of template.split('/').slice(1).entries()) {
    const segment = segments[at] ?? ''
    const name = /^\{(.+)\}$/.exec(part)?.[1]
    if (name === undefined ? part !== segment : segment === '') return null
    if (name !== undefined) params[name] = decodeURIComponent(segment)
  }
  return params
}

/** What the description forbids about a request; empty when nothing. */
export function requestErrors(matched: Matched, query: URLSearchParams, body: unknown): string[] {
  const errors: string[] = []
  const parameters = (matched.operation.parameters ?? []).map((each) => resolve(each) as Parameter)
  const known = new Map(parameters.filter((each) => each.in === 'query').map((each) => [each.name, each]))
  for (const parameter of parameters) {
    const value =
      parameter.in === 'path'
        ? matched.params[parameter.name]
        : parameter.in === 'query'
          ? (query.get(parameter.name) ?? undefined)
          : undefined
    if (value === undefined) {
      if (parameter.required && parameter.in !== 'header') errors.push(`${parameter.in} parameter ${parameter.name} is missing`)
    } else check(fromText(value, parameter.schema), parameter.schema, parameter.name, errors, 'request')
  }
  for (const name of query.keys()) if (!known.has(name)) errors.push(`there is no query parameter ${name}`)
  const wanted = matched.operation.requestBody
  const schema = wanted?.content['application/json']?.schema
  if (body === undefined) {
    if (wanted?.required) errors.push('a body is required')
  } else if (!schema) errors.push('no body is allowed')
  else check(body, schema, 'body', errors, 'request')
  return errors
}

/** What the description forbids about an answer. The fake may leave fields out, never invent or mistype one. */
export function answerErrors(matched: Matched, status: number, body: unknown): string[] {
  const errors: string[] = []
  const response = matched.operation.responses[String(status)]
  if (!response) return [`${matched.route} never answers ${status}`]
  const schema = (resolve(response) as typeof response).content?.['application/json']?.schema
  if (schema && body !== undefined) check(body, schema, 'answer', errors, 'answer')
  return errors
}

function resolve<T extends object>(node: T): T {
  const ref = '$ref' in node ? (node.$ref as string | undefined) : undefined
  if (!ref) return node
  const [, , kind = '', name = ''] = ref.split('/')
  return resolve(description().components[kind]?.[name] as T)
}

function fromText(text: string, schema: Schema): unknown {
  const type = resolve(schema).type
  if (type === 'integer' || type === 'number') return /^-?\d+$/.test(text) ? Number(text) : text
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  return text
}

function check(value: unknown, given: Schema, place: string, errors: string[], side: 'request' | 'answer'): void {
  const schema = whole(resolve(given))
  if (value === null && (schema.nullable || [schema.type].flat().includes('null') || place.endsWith(NULL_ALL_THE_SAME))) return
  const options = schema.oneOf ?? schema.anyOf
  if (options) {
    const tries = options.map((option) => problems(value, option, place, side))
    if (tries.every((each) => each.length > 0)) errors.push(`${place}: fits no alternative (${tries[0]?.join('; ') ?? ''})`)
  }
  if (schema.type !== undefined && ![schema.type].flat().some((type) => isOf(type, value))) {
    errors.push(`${place}: ${JSON.stringify(value)} is not of type ${[schema.type].flat().join(' or ')}`)
    return
  }
  if (schema.enum && !schema.enum.includes(value))
    errors.push(`${place}: ${JSON.stringify(value)} is not one of ${JSON.stringify(schema.enum)}`)
  if (
    typeof value === 'string' &&
    (value.length < (schema.minLength ?? 0) || (schema.pattern && !new RegExp(schema.pattern, 'u').test(value)))
  )
    errors.push(`${place}: not in the right form`)
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) errors.push(`${place}: too few items`)
    for (const [at, item] of value.entries()) if (schema.items) check(item, schema.items, `${place}[${at}]`, errors, side)
  } else if (typeof value === 'object' && value !== null && schema.properties) {
    checkObject(value as Record<string, unknown>, schema, place, errors, side)
  }
}

/** The parts of an `allOf` as one object: each alone would not know the others' properties. */
function whole(schema: Schema): Schema {
  if (!schema.allOf) return schema
  const parts = schema.allOf.map((part) => whole(resolve(part)))
  return {
    ...schema,
    properties: Object.assign({}, schema.properties, ...parts.map((part) => part.properties)),
    required: parts.flatMap((part) => part.required ?? [])
  }
}

function checkObject(
  value: Readonly<Record<string, unknown>>,
  schema: Schema,
  place: string,
  errors: string[],
  side: 'request' | 'answer'
): void {
  for (const name of side === 'request' ? (schema.required ?? []) : [])
    if (!Object.hasOwn(value, name)) errors.push(`${place}: ${name} is missing`)
  for (const [name, inner] of Object.entries(value)) {
    const property = schema.properties?.[name]
    if (property) check(inner, property, `${place}.${name}`, errors, side)
    else if (schema.additionalProperties === undefined || schema.additionalProperties === false)
      errors.push(`${place}: there is no ${name}`)
  }
}

function problems(value: unknown, schema: Schema, place: string, side: 'request' | 'answer'): string[] {
  const errors: string[] = []
  check(value, schema, place, errors, side)
  return errors
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return type === (value === null ? 'null' : typeof value)
}
