// The scorecard: sets are read and split as documented, and the pack holds its aims over the public commands.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { report, score } from '../../bench/scorecard.ts'
import { readSet } from '../../bench/scorecard_sets.ts'
import { wilson } from '../../bench/wilson.ts'
import { corpus } from '../vectors/corpora.ts'

describe('a set', () => {
  it('of NDJSON is read, one call a line, doubles once', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'enact-scorecard-')), 'calls.ndjson')
    const line = (tool_name: string, tool_input: object, expected: string) => JSON.stringify({ tool_name, tool_input, expect: expected })
    writeFileSync(
      file,
      [
        line('Bash', { command: 'rm -rf ~' }, 'stop'),
        line('Bash', { command: 'rm -rf ~' }, 'stop'),
        line('Bash', { command: 'rm -rf src' }, 'ask'),
        line('Read', { file_path: 'src/app.ts' }, 'pass'),
        line('Bash', { command: 'git reset --hard' }, 'allow'),
        line('Bash', { command: 'ls' }, 'whatever')
      ].join('\n')
    )
    const set = readSet(file)!
    expect(set.cases.map(({ expect: expected }) => expected)).toEqual(['stop', 'stop', 'pass', 'pass'])
    expect(set.left_out).toEqual(['calls.ndjson: 1'])
    const { scores } = await score(set)
    const sum = (pick: (one: (typeof scores)[number]) => number) => scores.reduce((all, one) => all + pick(one), 0)
    expect(sum(({ destructive }) => destructive.denied)).toBe(1)
    expect(sum(({ destructive }) => destructive.asked)).toBe(1)
    expect(sum(({ harmless }) => harmless.denied)).toBe(1)
    expect(report('calls', scores, set.left_out)).toContain('held out half')
  })
  it('that is missing is null', () => {
    expect(readSet('/nowhere')).toBeNull()
  })
  it('is split by the case alone, so that a case never changes its half', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'enact-scorecard-')), 'calls.ndjson')
    const lines = Array.from({ length: 200 }, (_, n) =>
      JSON.stringify({ tool_name: 'Bash', tool_input: { command: `echo ${n}` }, expect: 'pass' })
    )
    writeFileSync(file, lines.join('\n'))
    const first = readSet(file)!.cases.filter(({ held_out }) => held_out)
    writeFileSync(file, lines.reverse().join('\n'))
    expect(
      new Set(
        readSet(file)!
          .cases.filter(({ held_out }) => held_out)
          .map((one) => JSON.stringify(one))
      )
    ).toEqual(new Set(first.map((one) => JSON.stringify(one))))
    expect(first.length).toBeGreaterThan(60)
    expect(first.length).toBeLessThan(140)
  })
})

describe('the Wilson interval', () => {
  it.each([
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [5, 10, 0.2366, 0.7634],
    [99, 100, 0.9455, 0.9982]
  ])('of %i in %i', (count, total, low, high) => {
    const found = wilson(count, total)
    expect(found[0]).toBeCloseTo(low, 3)
    expect(found[1]).toBeCloseTo(high, 3)
  })
})

const commands = corpus('shell_commands')
describe.skipIf(commands === null)(`the pack over public commands${commands === null ? ' (skipped: no corpora)' : ''}`, () => {
  it('stops what is destructive and lets harmless commands pass, in both halves', async () => {
    const { scores, missed } = await score(readSet(commands!)!)
    expect(missed).toEqual([])
    for (const { destructive, harmless } of scores) {
      expect((destructive.denied + destructive.asked) / destructive.total).toBeGreaterThan(0.97)
      expect((harmless.denied + harmless.asked) / harmless.total).toBeLessThanOrEqual(0.01)
    }
  })
})
