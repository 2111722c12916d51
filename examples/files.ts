// Files: an agent may write in one folder and nowhere else; what it overwrites or deletes comes back with one call, byte for byte.
// `node examples/files.ts` plays it in a new folder under the system's temporary one; `FOLDER=… node examples/files.ts` in a folder of yours.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EnactClient, type JsonObject } from 'enact'
import { filesystem } from 'enact/connectors'
import { dontCopyApiKeys, dontReadEnv, dontTouchCiCd } from 'enact/policies'

const folder = process.env.FOLDER ?? mkdtempSync(join(tmpdir(), 'enact-files-'))
const enact = new EnactClient({
  systems: { filesystem: filesystem({ folder }) },
  policies: [dontReadEnv(), dontTouchCiCd(), dontCopyApiKeys()],
  actions: ['read_file', 'write_file', 'delete_file', 'list_dir'],
  secret: randomBytes(32).toString('hex')
})

async function ask(workflow: string, payload: JsonObject) {
  const { receipt } = await enact.run({ workflow, user_email: 'agent@company.com', payload })
  const stopped = receipt.policy_results.find(({ passed }) => !passed)
  console.log(
    `${workflow} ${String(payload['path'])}: ${receipt.decision}, ${receipt.outcome}${stopped ? ` (${stopped.policy}: ${stopped.reason})` : ''}`
  )
  return receipt
}

const path = 'enact-example/plan.md'
const first = await ask('write_file', { path, content: 'the first plan\n' })
const second = await ask('write_file', { path, content: 'a better plan\n' })
await ask('write_file', { path: '.github/workflows/deploy.yml', content: 'on: push' })
await ask('read_file', { path: '.env' })
await enact.run({ workflow: 'read_file', user_email: 'agent@company.com', payload: { path: '../outside.txt' } }).catch((error: Error) => {
  console.log(`read_file ../outside.txt: ${error.message}`)
})

const undone = await enact.rollback(second.run_id)
console.log(`rollback: ${undone.receipt.decision}; the file says: ${readFileSync(join(folder, path), 'utf8').trim()}`)
const gone = await enact.rollback(first.run_id)
console.log(`rollback: ${gone.receipt.decision}; the file and its folder are gone`)

if (process.env.FOLDER === undefined) rmSync(folder, { recursive: true })
process.exitCode = undone.result.success && gone.result.success ? 0 : 1
