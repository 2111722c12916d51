// Builds what browsers load into public/app: one esbuild call, then a small HTML file for each page. wrangler runs it before `dev` and `deploy`.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { PAGES } from '../src/ui/shell/pages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'public', 'app')

/** Every file of public/app with its bytes, and what each was made of. */
export interface BuiltUi {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly metafile: Metafile
}

/** The receipt UI and the landing page's scripts, in memory. */
export async function bundleUi(): Promise<BuiltUi> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      main: 'src/ui/main.tsx',
      style: 'src/ui/style/app.css',
      landing: 'src/ui/landing/landing.ts',
      playground: 'src/playground.ts'
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: ['es2022'],
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    chunkNames: 'part-[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.wasm': 'file' },
    define: { __dirname: '"/"', __filename: '"/libpg-query.js"' },
    external: ['fs', 'path', 'crypto', 'node:*'],
    legalComments: 'none',
    // Before anything of zod in whichever file comes first: it must not try `new Function`, which the pages' policy forbids and would report.
    banner: { js: 'globalThis.__zod_globalConfig??={jitless:true};' },
    metafile: true,
    write: false,
    logLevel: 'warning'
  })
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]))
  const shell = readFileSync(join(root, 'src/ui/shell/page.html'), 'utf8')
  for (const [name, { title }] of Object.entries(PAGES))
    files.set(`${name === 'activity' ? 'index' : name}.html`, new TextEncoder().encode(shell.replace('{title}', title)))
  return { files, metafile }
}

/**
 * Each file is replaced at once, and only where it changed, so that a server that is running, or a second build, never sees half of one
 * or a folder in motion; what is not built any more goes.
 */
async function buildUi(): Promise<void> {
  const { files } = await bundleUi()
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of files) replace(join(folder, name), bytes)
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name), { force: true })
  replace(join(root, 'public', '_routes.json'), new TextEncoder().encode(pagesRoutes()))
}

/** Which paths are the API's, for Cloudflare Pages: wrangler.toml says it, nothing else. */
export function pagesRoutes(): string {
  const [, list = ''] = /^run_worker_first = (\[[^\]]*\])/m.exec(readFileSync(join(root, 'wrangler.toml'), 'utf8')) ?? []
  return `${JSON.stringify({ version: 1, include: JSON.parse(list) as string[], exclude: [] }, null, 2)}\n`
}

function replace(path: string, bytes: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(bytes)) return
  // Beside `public/`, where no server looks for files to serve.
  const fresh = join(root, '.enact', 'ui', `${basename(path)}.${process.pid}`)
  mkdirSync(dirname(fresh), { recursive: true })
  writeFileSync(fresh, bytes)
  renameSync(fresh, path)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildUi()
