#!/usr/bin/env node
// Starts `enact` under a Node that runs TypeScript: this one, or the one that the project's packages brought along.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
const here = fileURLToPath(import.meta.url)

if (major > 22 || (major === 22 && minor >= 18)) {
  const { start } = await import('./start.ts')
  await start()
} else {
  const node = process.env.ENACT_NODE_TRIED ? undefined : packagedNode(dirname(here))
  if (node === undefined) {
    console.error(`enact: needs Node 22.18 or newer, this is ${process.version}: install one from https://nodejs.org`)
    process.exit(1)
  }
  const child = spawn(node, [here, ...process.argv.slice(2)], { stdio: 'inherit', env: { ...process.env, ENACT_NODE_TRIED: '1' } })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`enact: cannot start ${node}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}

/** The nearest node_modules/.bin/node above `folder`. */
function packagedNode(folder) {
  for (let at = folder; ; at = dirname(at)) {
    const node = join(at, 'node_modules', '.bin', 'node')
    if (existsSync(node)) return node
    if (at === dirname(at)) return undefined
  }
}
