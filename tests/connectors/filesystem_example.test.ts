// The example of files is run as its reader would run it.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('it writes, is kept out, and takes everything back', () => {
  const { PATH = '' } = process.env
  const root = join(import.meta.dirname, '../..')
  const { status, stdout } = spawnSync(process.execPath, ['examples/files.ts'], { cwd: root, env: { PATH }, encoding: 'utf8' })
  expect(stdout).toMatch(/write_file enact-example\/plan\.md: PASS, SUCCEEDED/)
  expect(stdout).toMatch(/deploy\.yml: BLOCK, NONE \(dont_touch_ci_cd/)
  expect(stdout).toMatch(/\.env: BLOCK, NONE \(dont_read_env/)
  expect(stdout).toMatch(/outside\.txt: .*must not hold `\.` or `\.\.`/)
  expect(stdout).toMatch(/the file says: the first plan\nrollback: PASS; the file and its folder are gone/)
  expect(status).toBe(0)
})
