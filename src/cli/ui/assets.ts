// The files of `public/` for a server on this machine, as Cloudflare serves them: the same headers, the same addresses without `.html`.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { headersFor, parseHeaderRules } from './header_rules.ts'

/** An answer without its way to the browser. */
export interface AssetAnswer {
  readonly status: 200 | 304 | 307 | 404
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8'
}
// Neither `..` nor hidden files, nor those that only tell a server something (`_headers`); no separator of any system.
const PART = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** Serves `root` and nothing outside of it. `path` is as the request spells it, without its query. */
export function assetsOf(root: string): (path: string, etag: string | null) => Promise<AssetAnswer> {
  const rules = parseHeaderRules(readFileSync(join(root, '_headers'), 'utf8'))
  return async (path, etag) => {
    const headers = { ...headersFor(rules, path), 'cache-control': 'no-cache' }
    const better = /^(.*?)(?:\/index)?\.html$/.exec(path)?.[1]
    const target = path === '/' ? '/app/' : path === '/app' ? '/app/' : better === undefined ? null : better === '/app' ? '/app/' : better
    if (target !== null && partsOf(target) !== null) return { status: 307, headers: { ...headers, location: target }, body: null }
    const file = await fileAt(root, path)
    if (file === null) return { status: 404, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' }, body: NOT_FOUND }
    const tag = `"${createHash('sha256').update(file.bytes).digest('base64url').slice(0, 27)}"`
    const found = { ...headers, etag: tag, 'content-type': file.type }
    const isKnown = (etag ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
    return isKnown ? { status: 304, headers: found, body: null } : { status: 200, headers: found, body: file.bytes }
  }
}

const NOT_FOUND = new TextEncoder().encode('There is nothing here. The receipts are at /app/.\n')

async function fileAt(root: string, path: string): Promise<{ bytes: Uint8Array; type: string } | null> {
  const parts = partsOf(path)
  if (parts === null) return null
  const name = path.endsWith('/') ? [...parts, 'index.html'] : parts
  const names = extname(name.at(-1) ?? '') === '' ? [...name.slice(0, -1), `${name.at(-1)}.html`] : name
  const type = TYPES[extname(names.at(-1)!)]
  if (type === undefined) return null
  try {
    const inside = await realpath(root)
    const file = await realpath(join(inside, ...names))
    // INVARIANT: whatever the names are, and wherever links lead, what is read lies inside.
    if (!file.startsWith(inside + sep)) return null
    return { bytes: await readFile(file), type }
  } catch {
    return null
  }
}

/** The parts of a path that can name a file here; null for every other. Nothing is decoded: no file of ours needs it. */
function partsOf(path: string): string[] | null {
  const parts = path.split('/').slice(1)
  const named = parts.at(-1) === '' ? parts.slice(0, -1) : parts
  return path.startsWith('/') && named.length > 0 && named.every((part) => PART.test(part)) ? named : null
}
