// The published description of the API: fresh, whole, and about exactly the routes there are.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { referencePage } from '../../scripts/reference_page.ts'
import { openapi } from '../../src/http/openapi.ts'
import { ROUTES } from '../../src/http/routes/index.ts'

const root = join(import.meta.dirname, '..', '..')
const document = openapi() as {
  openapi: string
  paths: Record<string, Record<string, { operationId: string; responses: object; security?: unknown[] }>>
  components: { schemas: object }
}

function referencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf)
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, one]) => (key === '$ref' && typeof one === 'string' ? [one] : referencesOf(one)))
}

describe('openapi.json', () => {
  it('is what the routes say; `npm run openapi` writes it', () => {
    expect(JSON.parse(readFileSync(join(root, 'public/openapi.json'), 'utf8'))).toEqual(document)
  })

  it('describes every route once, with its answers and who may call it', () => {
    expect(document.openapi).toBe('3.1.0')
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
    )
    expect(described.toSorted()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`).toSorted())
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(ROUTES.length)
    for (const route of ROUTES) {
      const operation = operations.find(({ operationId }) => operationId === route.id)!
      expect(Object.keys(operation.responses)).toEqual([...Object.keys(route.answers), 'default'])
      expect(operation.security).toEqual(route.access === 'public' ? [] : undefined)
    }
  })

  it('refers to nothing that it does not hold', () => {
    const references = referencesOf(document)
    expect(references.length).toBeGreaterThan(20)
    for (const reference of references)
      expect(Object.keys(document.components.schemas)).toContain(reference.replace('#/components/schemas/', ''))
  })
})

describe('the reference page', () => {
  it('is what the routes say, has an entry for each, and needs no script and nothing from elsewhere', () => {
    const page = readFileSync(join(root, 'public/docs.html'), 'utf8')
    expect(page).toBe(referencePage(document))
    for (const { id } of ROUTES) expect(page).toContain(`<section id="${id}">`)
    expect(page).not.toMatch(/<script|style=|https?:\/\//)
  })
})

describe('wrangler.toml', () => {
  it('sends every path of the API to the Worker first, so that no asset can stand in for an answer', () => {
    const [, list = ''] = /run_worker_first = \[([^\]]*)\]/.exec(readFileSync(join(root, 'wrangler.toml'), 'utf8')) ?? []
    const patterns = [...list.matchAll(/"([^"]+)"/g)].map(([, pattern]) => pattern!)
    for (const { path } of ROUTES) {
      const covered = patterns.some((pattern) => (pattern.endsWith('/*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path))
      expect(covered, `add ${path} to run_worker_first`).toBe(true)
    }
  })
})
