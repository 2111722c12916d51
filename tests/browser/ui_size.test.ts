// What the first screen loads, counted in the build itself: it stays small, and what is large stays out of it.
import { gzipSync } from 'node:zlib'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundleUi } from '../../scripts/ui.ts'

const KB = 1024
const { files, metafile } = await bundleUi()

/** The scripts that loading this one loads at once: itself and its static imports. */
function withImports(name: string, found = new Set<string>()): Set<string> {
  const [path, output] = Object.entries(metafile.outputs).find(([path]) => basename(path) === name) ?? []
  if (path === undefined || found.has(name)) return found
  found.add(name)
  for (const one of output!.imports) if (one.kind === 'import-statement' && !one.external) withImports(basename(one.path), found)
  return found
}

function chunkOf(source: string): string {
  const [path] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === source) ?? []
  expect(path, `no chunk of \`${source}\``).toBeDefined()
  return basename(path!)
}

const firstScreen = [...new Set([...withImports('main.js'), ...withImports(chunkOf('src/ui/pages/activity/index.tsx'))])]

describe('the first screen', () => {
  it('loads less than 40 KB of script, gzipped', () => {
    const sizes = firstScreen.map((name) => [name, gzipSync(files.get(name)!).length] as const)
    const sum = sizes.reduce((all, [, size]) => all + size, 0)
    console.log(`first screen: ${(sum / KB).toFixed(1)} KB gzipped in ${sizes.length} files`)
    expect(sum).toBeLessThan(40 * KB)
  })

  it('has neither zod nor the verifier in it', () => {
    const inputs = firstScreen.flatMap((name) => {
      const [, output] = Object.entries(metafile.outputs).find(([path]) => basename(path) === name)!
      return Object.keys(output.inputs)
    })
    expect(inputs.filter((input) => /node_modules\/(zod|@noble)|src\/ui\/verify|engine\/(schema|ledger|receipt)\.ts/.test(input))).toEqual(
      []
    )
  })
})

describe('every page', () => {
  it.each(
    Object.values(metafile.outputs)
      .filter(({ entryPoint }) => entryPoint?.startsWith('src/ui/pages/'))
      .map(({ entryPoint }) => entryPoint!)
  )('%s comes without zod: only verifying loads it', (source) => {
    const inputs = [...withImports(chunkOf(source))].flatMap((name) =>
      Object.keys(Object.entries(metafile.outputs).find(([path]) => basename(path) === name)![1].inputs)
    )
    expect(inputs.filter((input) => input.includes('node_modules/zod'))).toEqual([])
  })
})
