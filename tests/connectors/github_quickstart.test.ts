// The quickstart is run as its reader would run it.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'
import { startGitHub } from '../fakes/github/index.ts'

const root = path.join(import.meta.dirname, '../..')

function quickstart(env: Readonly<Record<string, string>>): Promise<{ code: number | null; out: string }> {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, ['examples/quickstart.ts'], { cwd: root, env: { PATH, ...env } })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => void (out += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out })))
}

const STORY = [
  /BLOCK, outcome NONE\n {4}✗ dont_push_to_main: branch `main` is protected/,
  /PASS, outcome SUCCEEDED[^]*create_branch DONE\n {4}push_commit DONE\n {4}create_pr DONE/,
  /whose signatures verify:\n {2}\{/,
  /PASS, outcome SUCCEEDED\n {4}close_pr REVERTED\n {4}revert_commit REVERTED\n {4}delete_branch REVERTED/
]

test('without a token it plays on the local fake: blocked, passed, receipt, rolled back', async () => {
  const { code, out } = await quickstart({})
  for (const part of STORY) expect(out).toMatch(part)
  expect(code).toBe(0)
})

test('with a token it does the same where it is told to, and leaves nothing behind', async () => {
  const fake = await startGitHub()
  const before = fake.world.repository('myorg/app').snapshot()
  const { code, out } = await quickstart({ GITHUB_TOKEN: fake.token, GITHUB_API_URL: fake.url, GITHUB_REPOSITORY: 'myorg/app' })
  for (const part of STORY) expect(out).toMatch(part)
  expect(code).toBe(0)
  expect(out).not.toContain(fake.token)
  expect(fake.world.repository('myorg/app').snapshot()).toEqual(before)
  await fake.close()
  fake.verify()
})

test('with a token but no repository it says what to set, and touches nothing', async () => {
  const { code, out } = await quickstart({ GITHUB_TOKEN: 'ghp_secret' })
  expect(code).toBe(2)
  expect(out).toContain('GITHUB_REPOSITORY')
  expect(out).not.toContain('ghp_secret')
})
