// What `npm pack` puts into the package: JavaScript and types for every subpath export, since Node runs no TypeScript under node_modules.
// `prepack` builds `dist` and puts the published manifest in the place of the repository's; `postpack` puts that back.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifestFile = join(root, 'package.json')
const keptFile = join(root, '.enact', 'package.json.kept')
/** The command, which is no subpath. */
const COMMAND = 'src/cli/start.ts'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly [more: string]: unknown
}

/** What the repository needs and a user of the package does not. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'private',
  'scripts',
  'devDependencies',
  'optionalDependencies',
  'overrides',
  'allowScripts',
  'cloudflare'
])

function restore(): void {
  if (existsSync(keptFile)) renameSync(keptFile, manifestFile)
}

async function prepack(): Promise<void> {
  // A pack that was killed half-way has left the published manifest in place.
  restore()
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as Manifest
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  execFileSync(process.execPath, [join(root, 'scripts/ui.ts')], { stdio: 'inherit' })
  const used = await bundle(Object.values(manifest.exports))
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.package.json')], {
    stdio: 'inherit'
  })
  writeFileSync(join(root, 'dist/cli/command.js'), "#!/usr/bin/env node\nimport { start } from './start.js'\n\nawait start()\n", {
    mode: 0o755
  })
  mkdirSync(join(root, '.enact'), { recursive: true })
  writeFileSync(keptFile, readFileSync(manifestFile))
  writeFileSync(manifestFile, `${JSON.stringify(published(manifest, used), null, 2)}\n`)
}

/** Bundles all entries, which share what they share; says which packages they import. */
async function bundle(entries: readonly string[]): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...entries, COMMAND],
    outbase: 'src',
    outdir: 'dist',
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    chunkNames: 'parts/[hash]',
    metafile: true,
    logLevel: 'warning'
  })
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external).map(({ path }) => path)
  )
  return new Set(imported.map(packageOf))
}

function packageOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')
}

function published(manifest: Manifest, used: ReadonlySet<string>): Record<string, unknown> {
  const kept = Object.fromEntries(Object.entries(manifest).filter(([name]) => !LEFT_OUT.has(name)))
  const built = (source: string) => source.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, '.js')
  const types = (source: string) => source.replace(/^\.\/src\//, './dist/types/src/').replace(/\.ts$/, '.d.ts')
  return {
    ...kept,
    bin: { enact: 'dist/cli/command.js' },
    files: ['dist', 'public', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md'],
    exports: Object.fromEntries(
      Object.entries(manifest.exports).map(([name, source]) => [name, { types: types(source), default: built(source) }])
    ),
    dependencies: Object.fromEntries(Object.entries(manifest.dependencies).filter(([name]) => used.has(name))),
    engines: { node: '>=20' }
  }
}

if (process.argv[2] === 'postpack') restore()
else await prepack()
