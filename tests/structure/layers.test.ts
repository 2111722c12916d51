// The table of DESIGN §1: which room may import which, what a file may hold, and that each unit has its line and its test.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, dirname, join, relative, sep } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter(
      (file) => /\.tsx?$/.test(file) && !file.includes('node_modules') && !file.endsWith('.d.ts') && statSync(join(root, file)).isFile()
    )
    .map((file) => file.split(sep).join('/'))
    .sort()
}

const files = [...sources('src'), ...sources('durable')]

/** `src/engine/gate.ts` → `engine`; the entries and the config are rooms of their own. */
function roomOf(file: string): string {
  if (file.startsWith('durable/')) return 'durable'
  const [, room = ''] = file.split('/')
  return room.endsWith('.ts') ? basename(room, '.ts') : room
}

const NODE = ['node:*']
const TABLE: Record<string, { rooms: string[]; packages: string[] }> = {
  engine: { rooms: ['engine'], packages: ['zod'] },
  policies: { rooms: ['engine', 'policies'], packages: ['zod'] },
  packs: { rooms: ['engine', 'policies', 'packs'], packages: ['zod'] },
  alerts: { rooms: ['engine', 'alerts'], packages: [] },
  connectors: {
    rooms: ['engine', 'connectors'],
    // The SDK of a real folder is node:fs.
    packages: ['zod', '@octokit/rest', '@neondatabase/serverless', 'pg', 'ws', '@slack/web-api', 'nodemailer', ...NODE]
  },
  workflows: { rooms: ['engine', 'connectors', 'workflows'], packages: ['zod'] },
  adapters: {
    rooms: ['engine', 'adapters', 'durable'],
    packages: [
      'drizzle-orm',
      'jose',
      'uuidv7',
      'libpg-query',
      'unbash',
      'zod',
      '@slack/web-api',
      '@modelcontextprotocol/client',
      'cloudflare:workers',
      'itty-durable',
      ...NODE
    ]
  },
  durable: { rooms: ['engine', 'durable'], packages: ['cloudflare:workers', 'itty-durable'] },
  http: { rooms: ['engine', 'http'], packages: ['hono', 'zod', '@hono/zod-validator', 'hono-openapi', '@modelcontextprotocol/server'] },
  jobs: { rooms: ['engine', 'jobs'], packages: [] },
  client: { rooms: ['engine', 'client'], packages: ['zod'] },
  ui: { rooms: ['engine', 'client', 'ui'], packages: ['preact', '@preact/signals', '@noble/hashes', 'zod'] },
  integrations: { rooms: ['engine', 'client', 'integrations'], packages: ['*'] },
  cli: { rooms: ['*'], packages: ['*'] },
  node: { rooms: ['*'], packages: ['*'] },
  playground: { rooms: ['*'], packages: ['*'] },
  edge: { rooms: ['*'], packages: ['*'] },
  worker: { rooms: ['*'], packages: ['*'] }
}

function importsOf(file: string): { target: string; isType: boolean }[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = [
    ...text.matchAll(/^\s*(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm)
  ]
  return found.map((match) => ({ target: match[2] ?? match[3] ?? match[4] ?? '', isType: match[1] !== undefined }))
}

function packageOf(target: string): string {
  if (target.startsWith('node:') || builtinModules.includes(target)) return 'node:*'
  if (target.startsWith('cloudflare:')) return target
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')
}

describe('imports point to the engine', () => {
  it.each(files)('%s imports only what its room may', (file) => {
    const rule = TABLE[roomOf(file)]
    expect(rule, `no rule for room \`${roomOf(file)}\`: add it to DESIGN and to this table`).toBeDefined()
    for (const { target, isType } of importsOf(file)) {
      if (target.startsWith('.')) {
        const at = relative(root, join(root, dirname(file), target))
          .split(sep)
          .join('/')
        const room = at === 'enact.config.ts' ? 'enact.config' : at === 'package.json' ? 'package.json' : roomOf(at)
        if (rule!.rooms.includes('*')) continue
        expect(rule!.rooms, `\`${file}\` imports \`${target}\``).toContain(room)
        // Durable Objects reach adapters as types only.
        if (roomOf(file) === 'adapters' && room === 'durable') expect(isType, `\`${file}\` imports \`${target}\` as a value`).toBe(true)
      } else if (!rule!.packages.includes('*')) {
        expect(rule!.packages, `\`${file}\` imports \`${target}\``).toContain(packageOf(target))
      }
    }
  })

  it('only the entries read the environment', () => {
    const reading = files.filter((file) => /process\.env/.test(readFileSync(join(root, file), 'utf8')))
    expect(reading.filter((file) => roomOf(file) !== 'cli' && file !== 'src/node.ts')).toEqual([])
  })
})

describe('a file', () => {
  it.each(files)('%s has at most 300 lines and begins by saying its purpose', (file) => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    expect(lines.length).toBeLessThanOrEqual(301)
    expect(lines[0]!.startsWith('#!') ? lines[1] : lines[0]).toMatch(/^(\/\/|\/\*\*?) ?\S/)
    expect(basename(file)).toMatch(/^[a-z0-9_]+\.tsx?$/)
    expect(basename(file)).not.toMatch(/^(utils?|helpers?|common|types?|manager|service)\./)
  })
})

describe('one file, one line, one test', () => {
  const units = ['policies', 'connectors', 'workflows'].flatMap((room) =>
    sources(`src/${room}`).map((file) => ({ room, file, id: basename(file, '.ts') }))
  )
  const tests = sources('tests').map((file) => readFileSync(join(root, file), 'utf8'))
  const camel = (id: string) => id.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
  const named = units.filter(
    ({ room, file, id }) =>
      id !== 'index' && (room === 'policies' ? /definePolicy\(/.test(readFileSync(join(root, file), 'utf8')) : room === 'workflows')
  )
  it.each(named.map(({ file, id }) => [file, id]))('%s is named by its id, exported by an index and tested', (file, id) => {
    expect(readFileSync(join(root, file), 'utf8')).toContain(`id: '${id}'`)
    const indexes = units.filter((unit) => unit.id === 'index').map((unit) => readFileSync(join(root, unit.file), 'utf8'))
    expect(indexes.some((text) => text.includes(`/${id}.ts'`))).toBe(true)
    expect(tests.some((text) => text.includes(camel(id)) || text.includes(`'${id}'`))).toBe(true)
  })
})
