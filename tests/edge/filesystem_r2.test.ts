// Files in a real R2 bucket, inside workerd: the same suite as for a folder, and what only R2 can do to them.
import { env } from 'cloudflare:workers'
import { describe, expect, inject, test } from 'vitest'
import { filesystem, type Bucket } from '../../src/connectors/filesystem/index.ts'
import { base64, hex } from '../../src/engine/bytes.ts'
import type { JsonObject } from '../../src/engine/schema.ts'
import { inverseOf, newCall, outputOf, recoverAction, runAction, undo, type Trouble } from '../connectors/contract.ts'
import { filesSuite, type FilesSubject } from '../connectors/files_suite.ts'

const corpora = inject('corpora')
if (corpora === null) console.log('skipped: no corpora')
let worlds = 0

interface BucketWorld extends FilesSubject {
  readonly prefix: string
  restart(options: JsonObject): Promise<BucketWorld>
  /** The next change of a file that is seen throws this. */
  fail(error: Error): void
}

/** A bucket's part that nobody else uses, beside one that nobody may touch. */
async function start(options: JsonObject, place = `place${worlds++}`): Promise<BucketWorld> {
  const prefix = `${place}/base/`
  const bucket = env.FILES
  await bucket.put(`${place}/outside.txt`, 'nobody may read or change this')
  await bucket.put(`${place}/base.txt`, 'nor this')
  const state: { effects: number; next: Trouble | Error | null } = { effects: 0, next: null }
  const effect = async <T>(key: string, act: () => Promise<T>): Promise<T> => {
    if (key.startsWith(`${prefix}.enact/`)) return act()
    const trouble = state.next
    state.next = null
    if (trouble instanceof Error) throw trouble
    if (trouble === 'refused') throw new Error('put: We encountered an internal error. Please try again. (10001)')
    if (trouble === 'silent') return new Promise(() => undefined)
    const answer = await act()
    if (answer !== null) state.effects++
    if (trouble === 'lost') throw new Error('Network connection lost.')
    return answer
  }
  const watched = {
    head: (key: string) => bucket.head(key),
    get: (key: string, how?: R2GetOptions) => bucket.get(key, how),
    put: (key: string, value: ReadableStream | Uint8Array, how?: R2PutOptions) => effect(key, () => bucket.put(key, value, how)),
    delete: (key: string) => effect(key, () => bucket.delete(key)),
    list: (how: R2ListOptions) => bucket.list(how)
  } as unknown as Bucket
  const all = async (below: string) => {
    const { objects } = await bucket.list({ prefix: below, include: ['customMetadata', 'httpMetadata'] })
    const seen = await Promise.all(
      objects.map(async ({ key, customMetadata, httpMetadata }) => {
        const bytes = new Uint8Array(await (await bucket.get(key))!.arrayBuffer())
        return [key, base64(bytes), customMetadata?.['enact-mode'] ?? '0644', httpMetadata] as const
      })
    )
    return seen.filter(([key]) => !key.startsWith(`${prefix}.enact/`))
  }
  return {
    prefix,
    system: filesystem({ bucket: watched, prefix, ...options }),
    snapshot: () => all(prefix),
    outside: async () => (await all(`${place}/`)).filter(([key]) => !key.startsWith(prefix)),
    effects: () => state.effects,
    trouble: (_action, kind) => void (state.next = kind),
    fail: (error) => void (state.next = error),
    async put(path, content, mode) {
      await bucket.put(prefix + path, content, mode === undefined ? {} : { customMetadata: { 'enact-mode': mode } })
    },
    remove: (path) => bucket.delete(prefix + path),
    async get(path) {
      const found = await bucket.get(prefix + path)
      return found && { bytes: new Uint8Array(await found.arrayBuffer()), mode: found.customMetadata?.['enact-mode'] ?? '0644' }
    },
    async spoil(sha256, how) {
      const key = `${prefix}.enact/files/objects/${sha256}`
      expect(await bucket.head(key)).not.toBeNull()
      await (how === 'lose' ? bucket.delete(key) : bucket.put(key, 'spoilt'))
    },
    restart: (more) => start(more, place),
    close: () => Promise.resolve()
  }
}

filesSuite({ name: 'R2', start, naughty: corpora?.naughty ?? [], places: 1 })

describe('R2', () => {
  test('one write a second for one file is a rate limit without effect, and says how long to wait', async () => {
    const world = await start({})
    await world.put('a.txt', 'before')
    for (const [action, more] of [
      ['write_file', { content: 'after' }],
      ['delete_file', {}]
    ] as const) {
      world.fail(new Error('put: Reduce your concurrent request rate for the same object. (10058)'))
      expect(await runAction(world.system, action, { path: 'a.txt', ...more })).toMatchObject({
        kind: 'failed',
        code: 'rate_limited',
        effect: 'none',
        message: expect.stringContaining('1 s')
      })
    }
    expect(world.effects()).toBe(0)
  })

  test('no answer at all leaves the effect unknown, until it is seen', async () => {
    const world = await start({})
    world.fail(new Error('Network connection lost.'))
    const [input, call] = [{ path: 'a.txt', content: 'x' }, newCall()]
    expect(await runAction(world.system, 'write_file', input, call)).toMatchObject({ kind: 'failed', effect: 'unknown' })
    expect(await recoverAction(world.system, 'write_file', input, call)).toEqual({ kind: 'unknown' })
    await world.put('a.txt', 'x')
    expect(await recoverAction(world.system, 'write_file', input, call)).toMatchObject({ kind: 'done', output: { created: true } })
  })

  test('what other programs said of an object stays with it, and comes back with it', async () => {
    const world = await start({})
    const at = `${world.prefix}a.csv`
    const httpMetadata = { contentType: 'text/csv', cacheControl: 'no-store', cacheExpiry: new Date('2027-01-01T00:00:00Z') }
    await env.FILES.put(at, 'a,b', { httpMetadata, customMetadata: { owner: 'billing' } })
    const look = async () => {
      const found = (await env.FILES.head(at))!
      return [found.size, found.httpMetadata, found.customMetadata]
    }
    const before = await look()
    for (const [action, more] of [
      ['write_file', { content: 'c,d,e' }],
      ['delete_file', {}]
    ] as const) {
      const input = { path: 'a.csv', ...more }
      const output = outputOf(await runAction(world.system, action, input))
      if (action === 'write_file') expect((await env.FILES.head(at))!.httpMetadata?.contentType).toBe('text/csv')
      expect((await undo(world.system, inverseOf(world.system, action, input, output))).kind).toBe('done')
      const [size, http, custom] = await look()
      expect([size, http, { ...(custom as object), 'enact-mode': undefined }]).toEqual([
        before[0],
        before[1],
        { owner: 'billing', 'enact-mode': undefined }
      ])
    }
  })

  test('a larger file is kept and comes back in pieces, byte for byte', async () => {
    const world = await start({})
    const bytes = crypto.getRandomValues(new Uint8Array(65_536))
    const large = new Uint8Array(6_000_000)
    for (let at = 0; at < large.length; at += bytes.length) large.set(bytes.subarray(0, Math.min(bytes.length, large.length - at)), at)
    large[5_999_999] = 7
    await world.put('large.bin', large)
    const input = { path: 'large.bin', content: 'small' }
    const output = outputOf(await runAction(world.system, 'write_file', input))
    const digest = hex(new Uint8Array(await crypto.subtle.digest('SHA-256', large)))
    expect(output).toMatchObject({ before: { sha256: digest, size_bytes: large.length } })
    expect((await undo(world.system, inverseOf(world.system, 'write_file', input, output))).kind).toBe('done')
    expect(hex(new Uint8Array(await crypto.subtle.digest('SHA-256', (await world.get('large.bin'))!.bytes)))).toBe(digest)
  })

  test('a name that is too long with the prefix is refused by us', async () => {
    const world = await start({})
    const path = Array.from({ length: 4 }, () => 'a'.repeat(254)).join('/')
    expect(await runAction(world.system, 'write_file', { path, content: 'x' })).toMatchObject({ code: 'path_too_long', effect: 'none' })
  })

  test.each(['../', '/', 'a', 'a//', 'a/../', './', 'ä/', 'a/b/c/d/e/'])('the prefix %j is refused', (prefix) => {
    expect(() => filesystem({ bucket: env.FILES as unknown as Bucket, prefix })).toThrow('prefix')
  })

  test('a Worker has no folder', () => {
    expect(() => filesystem({ folder: '/tmp' })).toThrow('give a `bucket`')
  })
})
