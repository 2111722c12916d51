// Runs the real `enact`, in this process or as one of its own, over folders made by the real store with really signed receipts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { fileReceipts } from '../../src/adapters/receipts/index.ts'
import { main } from '../../src/cli/enact.ts'
import { safeJson, visible } from '../../src/cli/print.ts'
import { signReceipt } from '../../src/engine/receipt.ts'
import type { Receipt } from '../../src/engine/schema.ts'
import { receiptOf } from '../adapters/receipt_samples.ts'

const LAUNCHER = fileURLToPath(new URL('../../src/cli/enact.mjs', import.meta.url))
export const SECRET = 'uYw3tQpZk81LxVb6RcNd0MsHaE5fGj2o'
export const OTHER_SECRET = 'oLdU4nXw8Jq1ZpTb7RcKd2MsHaE5fGv9'

const made: string[] = []
afterAll(() => Promise.all(made.map((dir) => rm(dir, { recursive: true, force: true }))))

/** A new empty folder, gone after the tests. */
export async function freshFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'enact-cli-'))
  made.push(dir)
  return dir
}

/** A receipt with real signatures. */
export async function signed(n: number, more: Partial<Receipt> = {}, secret = SECRET): Promise<Receipt> {
  const { signatures: _, ...body } = receiptOf(n, more)
  return signReceipt(body, await webcryptoKeys({ secret }).team(body.team_id), nodeHash)
}

/** A folder with receipts 0 to count - 1, and beside it `keys.json`, the team's published keys. */
export async function filledFolder(
  count: number,
  more: (n: number) => Partial<Receipt> = () => ({})
): Promise<{ dir: string; keys: string; at: string }> {
  const at = await freshFolder()
  const dir = join(at, 'receipts')
  const store = fileReceipts(dir)
  for (let n = 0; n < count; n++) await store.append('acme', await signed(n, more(n)))
  return { dir, keys: await keysFile(at, 'acme'), at }
}

/** A JWKS file of a team. */
export async function keysFile(at: string, team: string, secret = SECRET): Promise<string> {
  const file = join(at, `keys-${team}-${secret.slice(0, 4)}.json`)
  await writeFile(file, JSON.stringify({ keys: await (await webcryptoKeys({ secret }).team(team)).publicKeys() }))
  return file
}

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

interface How {
  readonly node?: string
  /** Called after each line of output, with their number. */
  onLine?(count: number): unknown
}

/** `enact …` to its end, in this process: everything but the launcher. Only what `env` names is in its environment. */
export async function enact(args: readonly string[], env: Record<string, string> = {}, input = ''): Promise<Ended> {
  let out = ''
  let err = ''
  const code = await main(args, {
    env,
    out: (line) => void (out += `${line}\n`),
    json: (value) => void (out += `${safeJson(value)}\n`),
    note: (line) => void (err += `${visible(line)}\n`),
    async *input() {
      yield input
    }
  })
  return { code, out, err }
}

/** `enact …` to its end, as a process of its own. */
export async function enactProcess(args: readonly string[], env: Record<string, string> = {}, how: How = {}): Promise<Ended> {
  const child = spawn(how.node ?? process.execPath, [LAUNCHER, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const letter of text) if ((out += letter) && letter === '\n') void how.onLine?.(out.split('\n').length - 1)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const [code] = (await once(child, 'close')) as [number]
  return { code, out, err }
}
