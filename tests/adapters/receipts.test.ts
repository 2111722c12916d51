import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, link, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { fileReceipts, memoryReceipts, readFolder } from '../../src/adapters/receipts/index.ts'
import { fileSealed, memorySealed } from '../../src/adapters/sealed/index.ts'
import { checkChain } from '../../src/engine/ledger.ts'
import { matchesSearch } from '../../src/engine/receipt_match.ts'
import { printSearch } from '../../src/engine/receipt_search.ts'
import { receiptOf, runId } from './receipt_samples.ts'
import { query, receiptsContract } from './receipts_contract.ts'
import { receipts, searches } from './search_samples.ts'

const made: string[] = []
const folder = async () => {
  const dir = await mkdtemp(join(tmpdir(), 'enact-receipts-'))
  made.push(dir)
  return join(dir, 'receipts')
}
afterAll(() => Promise.all(made.map((dir) => rm(dir, { recursive: true }))))

receiptsContract('memoryReceipts', () => memoryReceipts())
receiptsContract('fileReceipts', async () => fileReceipts(await folder()))

/** A folder with receipts 0 to count - 1, each its own run. */
async function filled(count: number) {
  const dir = await folder()
  const store = fileReceipts(dir)
  for (let n = 0; n < count; n++) await store.append('acme', receiptOf(n))
  return dir
}
const file = (n: number, revision = 0) => `${runId(n)}.${revision}.json`
const entry = (seq: number) => `.ledger/${String(seq).padStart(12, '0')}.json`
const placesOf = async (dir: string) => (await readFolder(dir))!.receipts.map(({ receipt }) => receipt!.ledger!)

describe('fileReceipts', () => {
  test('a receipt is a file of that name for this user alone, in a folder for this user alone', async () => {
    const dir = await filled(1)
    expect((await readdir(dir)).sort()).toEqual(['.ledger', file(0)])
    expect(await readdir(join(dir, '.ledger'))).toEqual(['000000000000.json'])
    for (const name of [file(0), entry(0)]) expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600)
    for (const name of ['', '.ledger']) expect((await stat(join(dir, name))).mode & 0o777).toBe(0o700)
    expect(JSON.parse(await readFile(join(dir, file(0)), 'utf8'))).toMatchObject({ run_id: runId(0), ledger: { seq: 0 } })
  })

  test('four processes that append at once lose nothing, overwrite nothing and never fork the chain', async () => {
    const dir = await folder()
    const script = fileURLToPath(new URL('receipts_child.ts', import.meta.url))
    // The ranges overlap: receipts 20 to 39 are appended by two processes each, and must be there once.
    const children = [0, 20, 40, 20].map((first) =>
      spawn(process.execPath, [script, dir, '20', String(first)], { stdio: ['ignore', 'ignore', 'pipe'] })
    )
    const ends = await Promise.all(
      children.map(async (child) => {
        let errors = ''
        child.stderr.on('data', (chunk) => (errors += chunk))
        const [code] = await once(child, 'close')
        return { code, errors: code === 0 ? '' : errors }
      })
    )
    expect(ends).toEqual(children.map(() => ({ code: 0, errors: '' })))
    const report = (await readFolder(dir))!
    expect(report).toMatchObject({ problems: [], notes: [] })
    expect(report.receipts.map(({ receipt }) => receipt!.run_id).sort()).toEqual(Array.from({ length: 60 }, (_, n) => runId(n)))
    expect(checkChain(await placesOf(dir), nodeHash)).toMatchObject({ whole: true, from: 0, to: 59 })
  }, 60_000)

  test('a process goes on where another stopped, and sees what another added', async () => {
    const dir = await filled(2)
    const [a, b] = [fileReceipts(dir), fileReceipts(dir)]
    expect((await a.append('acme', receiptOf(2))).seq).toBe(2)
    expect((await b.append('acme', receiptOf(3))).seq).toBe(3)
    expect((await a.append('acme', receiptOf(4))).seq).toBe(4)
    expect((await a.list('acme', query())).data).toHaveLength(5)
    await b.append('acme', receiptOf(5))
    expect((await a.list('acme', query())).data).toHaveLength(6)
    expect(checkChain(await placesOf(dir), nodeHash).whole).toBe(true)
  })

  test('a writer that died between entry and name is made good for: the receipt is there, and is not stored twice', async () => {
    const dir = await filled(3)
    await unlink(join(dir, file(1)))
    const store = fileReceipts(dir)
    expect((await store.append('acme', receiptOf(1))).seq).toBe(1)
    expect((await store.append('acme', receiptOf(3))).seq).toBe(3)
    expect((await readFolder(dir))!.problems).toEqual([])
  })

  test('a folder is one team’s: another team’s receipts are refused', async () => {
    const store = fileReceipts(await filled(1))
    await expect(store.append('other', receiptOf(9, { team_id: 'other' }))).rejects.toMatchObject({ code: 'misconfigured' })
  })

  test.each(['', '{"version":1', 'null', '[]', '{}', '\0\0\0'])('a file that holds %j is told, not skipped', async (text) => {
    const dir = await filled(3)
    await unlink(join(dir, file(1)))
    await writeFile(join(dir, file(1)), text)
    const store = fileReceipts(dir)
    await expect(store.get('acme', runId(1))).rejects.toMatchObject({ code: 'unavailable' })
    await expect(store.latest('acme', runId(1))).rejects.toThrow(file(1))
    const page = await store.list('acme', query())
    expect(page.data).toHaveLength(2)
    expect(page.damaged).toEqual([expect.stringContaining(file(1))])
    expect((await readFolder(dir))!.receipts[1]!.problem).toMatch(/cut off|not a receipt/)
  })

  test('a ledger whose newest entry is cut off is not continued', async () => {
    const dir = await filled(2)
    await truncate(join(dir, entry(1)), 40)
    await expect(fileReceipts(dir).append('acme', receiptOf(2))).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('an append that was cut off is noted, and stands in no later append’s way', async () => {
    const dir = await filled(1)
    await writeFile(join(dir, '.ledger', 'unfinished-0198c0de-0000-7000-8000-000000000000.json'), '{"versi')
    expect((await readFolder(dir))!.notes).toEqual([expect.stringContaining('cut off')])
    expect((await fileReceipts(dir).append('acme', receiptOf(1))).seq).toBe(1)
  })

  test('a removed entry, a removed file, a stranger and a swap are all told', async () => {
    const check = async (spoil: (dir: string) => Promise<unknown>) => {
      const dir = await filled(4)
      await spoil(dir)
      const report = (await readFolder(dir))!
      const chain = checkChain(
        report.receipts.flatMap(({ receipt }) => receipt?.ledger ?? []),
        nodeHash
      )
      return [...report.problems, ...chain.gaps, ...chain.breaks].join('; ')
    }
    expect(await check((dir) => unlink(join(dir, file(1))))).toContain(`\`${file(1)}\` is missing`)
    expect(await check((dir) => unlink(join(dir, entry(1))))).toContain(`\`${file(1)}\` is not in the folder's ledger`)
    expect(await check(async (dir) => (await unlink(join(dir, entry(1))), unlink(join(dir, file(1)))))).toBe('entry 1 is missing')
    expect(await check((dir) => link(join(dir, file(1)), join(dir, file(9))))).toContain(`\`${file(9)}\` is not in the folder's ledger`)
    expect(
      await check(
        async (dir) => (
          await rename(join(dir, entry(1)), join(dir, 'x')),
          await rename(join(dir, entry(2)), join(dir, entry(1))),
          rename(join(dir, 'x'), join(dir, entry(2)))
        )
      )
    ).toContain('holds entry 2')
    expect(
      await check(async (dir) => (await unlink(join(dir, file(1))), writeFile(join(dir, file(1)), await readFile(join(dir, file(2))))))
    ).toContain('is not what the ledger has')
  })

  test('a list tells of an entry that was removed', async () => {
    const dir = await filled(4)
    await unlink(join(dir, entry(1)))
    expect((await fileReceipts(dir).list('acme', query())).damaged).toEqual([`${entry(1)}: missing`])
  })

  test('links and pipes in place of receipts are not followed, nor is a link in place of the ledger', async () => {
    const dir = await filled(2)
    const secret = join(dir, '..', 'secret.json')
    await writeFile(secret, JSON.stringify(receiptOf(7)))
    await symlink(secret, join(dir, file(7)))
    const store = fileReceipts(dir)
    await expect(store.get('acme', runId(7))).rejects.toThrow('symbolic link')
    await expect(store.append('acme', receiptOf(7))).rejects.toThrow('symbolic link')
    await mkdir(join(dir, file(8)))
    await expect(store.get('acme', runId(8))).rejects.toThrow('not a file')

    const elsewhere = await folder()
    await mkdir(elsewhere, { recursive: true })
    await rm(join(dir, '.ledger'), { recursive: true })
    await symlink(elsewhere, join(dir, '.ledger'))
    await expect(fileReceipts(dir).append('acme', receiptOf(3))).rejects.toMatchObject({ code: 'misconfigured' })
    expect(await readdir(elsewhere)).toEqual([])
  })

  test('reading makes no folder, and a folder that is none is told', async () => {
    const dir = await folder()
    expect(await fileReceipts(dir).get('acme', runId(0))).toBeNull()
    expect(await readFolder(dir)).toBeNull()
    await writeFile(dir, '')
    await expect(fileReceipts(dir).get('acme', runId(0))).rejects.toThrow()
  })

  test.skipIf(process.getuid?.() === 0)(
    'a failed append changes nothing, and the next one goes on (skipped for root, whom no mode stops)',
    async () => {
      const dir = await filled(1)
      const store = fileReceipts(dir)
      await store.append('acme', receiptOf(1))
      await chmod(join(dir, '.ledger'), 0o500)
      await expect(store.append('acme', receiptOf(2))).rejects.toThrow()
      await chmod(join(dir, '.ledger'), 0o700)
      expect((await store.append('acme', receiptOf(3))).seq).toBe(2)
    }
  )
})

describe.each([
  ['memorySealed', async () => memorySealed()],
  ['fileSealed', async () => fileSealed(await folder())]
])('%s', (name, make) => {
  test('gives back what was put, the newest, and only to the same team and run', async () => {
    const sealed = await make()
    expect(await sealed.get('acme', runId(1))).toBeNull()
    await sealed.put('acme', runId(1), 'one')
    await sealed.put('acme', runId(1), 'two')
    await sealed.put('other', runId(1), 'three')
    expect(await sealed.get('acme', runId(1))).toBe('two')
    expect(await sealed.get('other', runId(1))).toBe('three')
    expect(await sealed.get('acme', runId(2))).toBeNull()
  })

  test.runIf(name === 'fileSealed')('writes nowhere but in its folder, for this user alone, and leaves no halves', async () => {
    const dir = await folder()
    const sealed = fileSealed(dir)
    for (const [team, run] of [
      ['../x', runId(1)],
      ['acme', '../x'],
      ['acme', ''],
      ['a.b', runId(1)]
    ] as const) {
      await expect(sealed.put(team, run, 'x')).rejects.toMatchObject({ code: 'invalid' })
      await expect(sealed.get(team, run)).rejects.toMatchObject({ code: 'invalid' })
    }
    await sealed.put('acme', runId(1), 'x')
    expect(await readdir(dir)).toEqual([`acme.${runId(1)}.sealed`])
    expect((await stat(join(dir, `acme.${runId(1)}.sealed`))).mode & 0o777).toBe(0o600)
  })
})

test('memory and folder find the same, random receipts and random searches', async () => {
  const stores = [memoryReceipts(), fileReceipts(await folder())]
  const stored = fc.sample(fc.tuple(...Array.from({ length: 40 }, (_, n) => receipts(n))), { numRuns: 1, seed: 3 })[0]!
  for (const receipt of stored) for (const store of stores) await store.append('acme', receipt)
  await fc.assert(
    fc.asyncProperty(searches(2), async (search) => {
      const asked = query({ search: printSearch(search), limit: 200 })
      const [memory, files] = await Promise.all(stores.map((store) => store.list('acme', asked)))
      const expected = stored.filter((receipt) => matchesSearch(receipt, search, Date.now())).toReversed()
      expect(memory!.data.map(({ run_id }) => run_id)).toEqual(expected.map(({ run_id }) => run_id))
      expect(files).toEqual(memory)
    }),
    { numRuns: 40, seed: 4 }
  )
})
