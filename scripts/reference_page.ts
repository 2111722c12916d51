// The reference as one static page without a script: nothing to load, nothing to trust, and it prints.
import { escapeHtml } from '../src/engine/index.ts'

type Schema = { readonly [key: string]: unknown }
type Operation = {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: Schema }[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> }
  readonly responses: Record<string, { readonly description: string; readonly content?: Record<string, { readonly schema: Schema }> }>
}

/** The page of an OpenAPI document. Every text of it is escaped. */
export function referencePage(document: { readonly [key: string]: unknown }): string {
  const { info, paths, components } = document as unknown as {
    info: { version: string; description: string }
    paths: Record<string, Record<string, Operation>>
    components: { schemas: Record<string, Schema> }
  }
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation }))
  )
  const tags = [...new Set(operations.map(({ tags: [tag] }) => tag!))]
  const menu = tags.map(
    (tag) =>
      `<li>${escapeHtml(tag)}<ul>${operations
        .filter((one) => one.tags[0] === tag)
        .map((one) => `<li><a href="#${one.operationId}">${escapeHtml(one.summary)}</a></li>`)
        .join('')}</ul></li>`
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Enact API ${escapeHtml(info.version)}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/tokens.css">
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<nav class="menu" aria-label="Reference" tabindex="0"><a href="/">Enact ${escapeHtml(info.version)}</a><ul>${menu.join('')}<li><a href="#shapes">Shapes</a></li></ul></nav>
<main id="top">
<h1>Enact API</h1>
<p>${escapeHtml(info.description)} The same as a machine reads it: <a href="/openapi.json">openapi.json</a>.</p>
<p>Send the key as <code>X-Enact-Api-Key</code> or <code>Authorization: Bearer</code>. Whatever goes wrong is <code>application/problem+json</code> with a <code>code</code> and a <code>request_id</code>.</p>
${tags
  .map(
    (tag) =>
      `<h2>${escapeHtml(tag)}</h2>\n${operations
        .filter((one) => one.tags[0] === tag)
        .map(section)
        .join('\n')}`
  )
  .join('\n')}
<h2 id="shapes">Shapes</h2>
${Object.entries(components.schemas)
  .map(([name, schema]) => `<section id="shape-${name}"><h3>${name}</h3>${code(schema)}</section>`)
  .join('\n')}
</main>
</body>
</html>
`
}

function section(one: Operation & { path: string; method: string }): string {
  const parameters = (one.parameters ?? []).map(
    (given) =>
      `<tr><td><code>${escapeHtml(given.name)}</code></td><td>${given.in}${given.required ? ', required' : ''}</td><td>${brief(given.schema)}</td></tr>`
  )
  const body = one.requestBody === undefined ? '' : `<h4>Body</h4>${code(Object.values(one.requestBody.content)[0]!.schema)}`
  const answers = Object.entries(one.responses).map(([status, { description, content }]) => {
    const [type, media] = Object.entries(content ?? {})[0] ?? []
    return `<h4>${status === 'default' ? 'Otherwise' : status}${type === undefined || type === 'application/json' ? '' : ` <small>${escapeHtml(type)}</small>`}</h4><p>${inline(description)}</p>${media === undefined ? '' : code(media.schema)}`
  })
  return `<section id="${one.operationId}">
<h3><span class="method ${one.method.toLowerCase()}">${one.method}</span> <code>${escapeHtml(one.path)}</code></h3>
<p><strong>${escapeHtml(one.summary)}.</strong> ${inline(one.description)}</p>
${parameters.length === 0 ? '' : `<div class="scroll" tabindex="0" role="region" aria-label="Parameters of ${escapeHtml(one.summary)}"><table><thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Type</th></tr></thead><tbody>${parameters.join('')}</tbody></table></div>`}${body}${answers.join('')}
</section>`
}

/** A schema as JSON; a reference is a link. */
function code(schema: Schema): string {
  if (typeof schema.$ref === 'string') return `<p>${link(schema.$ref)}</p>`
  const text = escapeHtml(JSON.stringify(schema, null, 2))
  return `<pre tabindex="0">${text.replace(/&#34;(#\/components\/schemas\/\w+)&#34;/g, (_, uri: string) => link(uri))}</pre>`
}

function link(uri: string): string {
  const name = uri.split('/').at(-1)!
  return `<a href="#shape-${name}">${name}</a>`
}

function brief(schema: Schema): string {
  const { type, enum: values, maxLength, default: otherwise } = schema
  const parts = [
    Array.isArray(values) ? values.join(' | ') : (type ?? 'any'),
    maxLength === undefined ? '' : `at most ${String(maxLength)}`,
    otherwise === undefined ? '' : `default ${String(otherwise)}`
  ]
  return escapeHtml(parts.filter((part) => part !== '').join(', '))
}

function inline(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}
