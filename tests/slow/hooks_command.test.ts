// `enact hooks`: what is installed fires, nothing of anybody else's is lost, and what was installed can be taken out again.
import { mkdir, readdir, readFile, symlink, writeFile, lstat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { lineDiff } from '../../src/cli/hooks/diff.ts'
import { nodeAt, parseJsonc, removeAt, setAt } from '../../src/cli/hooks/jsonc.ts'
import { installedIn, withHooks, withoutHooks } from '../../src/cli/hooks/settings.ts'
import type { Json, JsonObject } from '../../src/engine/index.ts'
import { HOOK_AGENTS } from '../../src/integrations/hooks/index.ts'
import { enact, freshFolder } from '../cli/receipts_cli.ts'

const AGENTS = Object.values(HOOK_AGENTS)
const LAUNCHER = fileURLToPath(new URL('../../src/cli/enact.mjs', import.meta.url))
const PROGRAM = `'${process.execPath}' '${LAUNCHER}'`
const KEY = 'enact_live_doctor'
const HOW = { program: PROGRAM, flags: ' --local', url: null, timeoutSeconds: 600 }

/** Denies `rm`, knows one key. */
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    const key = request.headers.authorization ?? `Bearer ${String(request.headers['x-enact-api-key'])}`
    const isKnown = key === `Bearer ${KEY}`
    const isBad = body.includes('rm -rf')
    const isHook = request.url!.startsWith('/hooks/')
    const hookAnswer = isBad ? { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'deny' } } : {}
    const results = isBad ? [{ policy: 'p', passed: false, effect: 'deny', reason: 'no' }] : []
    const decision = { run_id: '0198c0de-0000-7000-8000-00000000000a', decision: isBad ? 'BLOCK' : 'PASS', policy_results: results }
    const answer = !isKnown ? { code: 'unauthorized', detail: 'unknown key' } : isHook ? hookAnswer : decision
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
})
let home: string
let env: Record<string, string>
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(async () => {
  home = await freshFolder()
  const ENACT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  env = { HOME: home, PATH: process.env.PATH ?? '', ENACT_PROJECT_DIR: home, ENACT_URL, ENACT_API_KEY: KEY }
})
const fileOf = (id: string) => join(home, HOOK_AGENTS[id]!.userFile)
async function put(id: string, text: string): Promise<void> {
  await mkdir(dirname(fileOf(id)), { recursive: true })
  await writeFile(fileOf(id), text)
}
const install = (...words: string[]) => enact(['hooks', 'install', ...words, '--yes', '--program', PROGRAM], env)
const doctor = async (...words: string[]) => {
  const ended = await enact(['hooks', 'doctor', ...words, '--user', '--json'], env)
  const { results } = JSON.parse(ended.out) as { results: { checks: { check: string; ok: boolean; detail: string }[] }[] }
  return { code: ended.code, failed: results.flatMap(({ checks }) => checks.filter(({ ok }) => !ok)) }
}

describe.each(AGENTS.map(({ id }) => [id]))('%s', (id) => {
  test('what is installed fires: denied, passed, and a block with a wrong key and without an installation', async () => {
    expect((await install(id)).code).toBe(0)
    expect(await doctor(id)).toEqual({ code: 0, failed: [] })
    if (id === 'claude-code') expect(JSON.stringify(await readFile(fileOf(id), 'utf8'))).not.toContain(KEY)
  })

  test('an event that is spelt wrong, a missing time-out and a key that is not set are found', async () => {
    await install(id)
    const agent = HOOK_AGENTS[id]!
    const wrong = agent.before.toUpperCase()
    const text = (await readFile(fileOf(id), 'utf8')).replace(`"${agent.before}"`, `"${wrong}"`)
    await writeFile(fileOf(id), text)
    expect((await doctor(id)).failed.map(({ detail }) => detail)).toContain(`\`${wrong}\` never does: it is spelt \`${agent.before}\``)
    await install(id)
    await writeFile(fileOf(id), (await readFile(fileOf(id), 'utf8')).replaceAll(/,\s*"timeout(Sec)?": \d+/g, ''))
    expect((await doctor(id)).failed.map(({ detail }) => detail)).toEqual(['the entry has no time-out'])
    delete env.ENACT_API_KEY
    expect((await doctor(id)).failed.map(({ check }) => check)).toContain('ENACT_API_KEY reaches the hook')
  })

  test('a hook whose program is gone blocks everything, which doctor tells apart from working', async () => {
    await enact(['hooks', 'install', id, '--local', '--yes', '--program', '/nowhere/enact'], env)
    const { code, failed } = await doctor(id)
    expect([code, failed.map(({ check }) => check)]).toEqual([5, ['a destructive command is denied', 'a harmless command passes']])
  })

  test('twice is once, and uninstall gives back the file as it was, to the letter', async () => {
    const agent = HOOK_AGENTS[id]!
    const foreign = Object.fromEntries(
      Object.entries(agent.entries({ ...HOW, program: 'other-guard', flags: '' })).map(([event, entry]) => [event, [entry]])
    )
    const own = JSON.stringify(foreign).replaceAll(/other-guard hook [^"\\]*(?:\\.[^"\\]*)*/g, './mine.sh')
    const before = `{\n    // what we agreed on\n    "model": "x", /* fast */\n    "version": 1,\n    "hooks": ${own},\n}\n`
    await put(id, before)
    await install(id)
    const once = await readFile(fileOf(id), 'utf8')
    expect(once).toContain('// what we agreed on')
    expect(await install(id)).toMatchObject({ code: 0, out: expect.stringContaining('nothing is to be changed') })
    expect(await readFile(fileOf(id), 'utf8')).toBe(once)
    await enact(['hooks', 'uninstall', id, '--yes'], env)
    expect(await readFile(fileOf(id), 'utf8')).toBe(before)
    const backups = (await readdir(dirname(fileOf(id)))).filter((name) => name.endsWith('.bak'))
    expect(backups).toHaveLength(2)
  })

  test('a file that was not there before is gone afterwards', async () => {
    await install(id)
    await enact(['hooks', 'uninstall', id, '--yes'], env)
    await expect(readFile(fileOf(id))).rejects.toThrow('ENOENT')
  })
})

test('shows the diff first, and writes nothing without a yes', async () => {
  await put('gemini', '{"theme": "x"}\n')
  const { code, out, err } = await enact(['hooks', 'install', 'gemini', '--program', PROGRAM], env)
  expect([code, err]).toEqual([2, expect.stringContaining('--yes')])
  expect(out).toMatch(/^- \{"theme": "x"\}$/m)
  expect(out).toMatch(/^\+ .*"BeforeTool"/m)
  expect(await readFile(fileOf('gemini'), 'utf8')).toBe('{"theme": "x"}\n')
})

test('a file that cannot be read is left alone, and so are all others', async () => {
  await put('gemini', '{"hooks": [')
  const { code, err } = await install('codex', 'gemini')
  expect([code, err]).toEqual([2, expect.stringContaining('left as it is')])
  await expect(readFile(fileOf('codex'))).rejects.toThrow('ENOENT')
  expect(await readFile(fileOf('gemini'), 'utf8')).toBe('{"hooks": [')
})

test('a link to a settings file stays one', async () => {
  await writeFile(join(home, 'dotfile.json'), '{}\n')
  await mkdir(dirname(fileOf('claude-code')), { recursive: true })
  await symlink(join(home, 'dotfile.json'), fileOf('claude-code'))
  await install('claude-code')
  expect((await lstat(fileOf('claude-code'))).isSymbolicLink()).toBe(true)
  expect(await readFile(join(home, 'dotfile.json'), 'utf8')).toContain('/hooks/claude-code')
})

test('a project gets no path of this machine, and the key is named, never written', async () => {
  await enact(['hooks', 'install', '--project', '--yes'], env)
  for (const { projectFile } of AGENTS) {
    const text = await readFile(join(home, projectFile), 'utf8')
    expect(text).not.toContain(process.execPath)
    expect(text).not.toContain(KEY)
  }
})

test('a hook that lets failures through is told: no onFailure, no failClosed, a matcher that leaves out MCP', async () => {
  await install('claude-code', 'cursor', 'codex')
  const change = async (id: string, from: string | RegExp, to: string) =>
    writeFile(fileOf(id), (await readFile(fileOf(id), 'utf8')).replaceAll(from, to))
  await change('claude-code', '"onFailure": "block"', '"onFailure": "allow"')
  await change('cursor', '"failClosed": true', '"failClosed": false')
  await change('codex', '.*|mcp__.*', 'Bash')
  const names = (await doctor()).failed.map(({ check }) => check)
  expect(names.filter((name) => name === 'a hook that fails blocks')).toHaveLength(2)
  expect(names).toContain('every tool is matched')
  expect(names).toContain('a wrong key is a block')
})

test('with nothing installed doctor does not say that all is well', async () => {
  expect(await enact(['hooks', 'doctor', '--user'], env)).toMatchObject({ code: 5, err: expect.stringContaining('nothing is installed') })
  expect((await enact(['hooks', 'doctor', 'vim'], env)).code).toBe(2)
  expect((await enact(['hooks', 'install'], { HOME: home })).code).toBe(2)
})

describe('changing JSON in place', () => {
  const key = fc.string({ maxLength: 6 }).filter((name) => name !== '__proto__')
  const objects = fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })

  test('setting a member gives what setting it in the value gives, and removing it again the same text', () => {
    fc.assert(
      fc.property(objects, key, fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(undefined, 2, '\t'), (object, name, value, indent) => {
        const plain = JSON.parse(JSON.stringify({ deep: object })) as { deep: JsonObject }
        const text = JSON.stringify(plain, null, indent)
        const changed = setAt(text, ['deep', name], value as Json)
        expect(JSON.parse(changed)).toEqual({ deep: { ...plain.deep, [name]: JSON.parse(JSON.stringify(value)) } })
        if (!Object.hasOwn(plain.deep, name)) expect(removeAt(changed, ['deep', name])).toBe(text)
      }),
      { seed: 7, numRuns: 500 }
    )
  })

  test('comments, trailing commas and what is not touched stay', () => {
    const text = '{\n  "a": [1, 2,], // two\n  /* and */ "b": {},\n}\n'
    expect(parseJsonc(text).value).toEqual({ a: [1, 2], b: {} })
    const changed = setAt(setAt(text, ['a', 2], 3), ['b', 'c'], true)
    expect(parseJsonc(changed).value).toEqual({ a: [1, 2, 3], b: { c: true } })
    expect(changed).toContain('// two')
    expect(nodeAt(parseJsonc(changed), ['b', 'c'])?.value).toBe(true)
  })

  test.each(['', '{', '{"a":1 "b":2}', '{"a":1}{}', '[1,,2]', "{'a':1}", '{"a":1,"a":2}', '"\n"', '['.repeat(5_000)])(
    'refuses %j',
    (text) => {
      expect(() => parseJsonc(text)).toThrow(SyntaxError)
    }
  )

  test('only what is wholly Enact’s is taken out of a list', () => {
    const agent = HOOK_AGENTS.codex!
    const text = withHooks(agent, null, agent.entries(HOW))
    expect(installedIn(agent, text)).toHaveLength(2)
    expect(withoutHooks(agent, text)).toBeNull()
    const mixed = JSON.stringify({ hooks: { PreToolUse: [{ hooks: [{ type: 'command', command: './mine.sh hook codex' }] }] } })
    expect(withoutHooks(agent, mixed)).toBe(mixed)
  })

  test('a diff gives both texts back', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 })
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const diff = lineDiff(a.join('\n'), b.join('\n'))
        expect(diff.filter(({ sign }) => sign === '+').length - diff.filter(({ sign }) => sign === '-').length).toBe(
          (b.join('\n') === '' ? 0 : b.length) - (a.join('\n') === '' ? 0 : a.length)
        )
      }),
      { seed: 7 }
    )
  })
})
