// Builds what browsers load into public/app: one esbuild call, then a small HTML file for each page. wrangler runs it before `dev` and `deploy`.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type BuildResult } from 'esbuild'
import { PAGES } from '../src/ui/shell/pages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = join(root, 'public', 'app')

/** The receipt UI and the landing page's scripts; the bytes of each file come with the result. */
export async function buildUi(): Promise<BuildResult<{ metafile: true }>> {
  // What an earlier build left would be served for ever.
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const result = await build({
    absWorkingDir: root,
    entryPoints: {
      main: 'src/ui/main.tsx',
      style: 'src/ui/style/app.css',
      landing: 'src/ui/landing/landing.ts',
      playground: 'src/playground.ts'
    },
    outdir: out,
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
    metafile: true,
    logLevel: 'warning'
  })
  const shell = readFileSync(join(root, 'src/ui/shell/page.html'), 'utf8')
  for (const [name, { title }] of Object.entries(PAGES))
    writeFileSync(join(out, `${name === 'activity' ? 'index' : name}.html`), shell.replace('{title}', title))
  return result
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildUi()
