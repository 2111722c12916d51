// Shell texts as lists of simple commands, wrappers taken off.
import { describe, expect, it } from 'vitest'
import { nodeParsers } from '../../src/adapters/parsers/node.ts'
import { argvCommands, shellCommands } from '../../src/engine/shell.ts'

const parsers = nodeParsers()

function commands(text: string): string[] {
  const read = shellCommands(text, parsers)
  if (!read.ok) throw new Error(read.error)
  return read.tree.map(({ words }) => words.map((word) => (word.literal ? word.text : `<${word.text}>`)).join(' '))
}

describe('a text', () => {
  it.each([
    ['a b; c && d | e &', ['a b', 'c', 'd', 'e']],
    ['a "b c" d\\ e \'$f\'', ['a b c d e $f']],
    ['a $(b $(c))', ['a <$(b $(c))>', 'b <$(c)>', 'c']],
    ['if a; then b; else c; fi', ['a', 'b', 'c']],
    ['f() { a; }; f', ['a', 'f']],
    ['X=1 a', ['a']],
    ['X=1', []],
    ['X=b; a $X "$X" x$X', ['a b b xb']],
    ['X=\'b c\'; a $X "$X"', ['a b c b c']],
    ['X=b; X=c; a $X', ['a <$X>']],
    ['a $X "${Y:-z}"', ['a <$X> <${Y:-z}>']],
    ['sudo -u ada env -i A=1 nice -n 5 timeout -k 1 10 a -x', ['a -x']],
    ["bash -c 'a; b'", ['bash -c a; b', 'a', 'b']],
    ["ssh -p 22 host 'a | b'", ['ssh', 'a', 'b']],
    ['find . -name x -exec a {} \\; -exec b {} +', ['find . -name x -exec a {} ; -exec b {} +', 'a {}', 'b {}']],
    ["echo 'a' | sh", ['a', 'echo a', 'sh']],
    ['bash <<E\na\nE', ['bash', 'a']],
    ['cat <<E\na\nE', ['cat']],
    ['# a', []],
    ['', []]
  ])('%j', (text, expected) => {
    expect(commands(text)).toEqual(expected)
  })
  it('that cannot be read is refused, however deep it is hidden', () => {
    for (const text of ['a "', "bash -c 'a \"'", "eval 'if x'", 'ssh host "a \'"'])
      expect(shellCommands(text, parsers), text).toMatchObject({ ok: false, error: expect.stringContaining('cannot be read') })
  })
  it('with commands inside commands takes no long time', () => {
    for (const piece of [
      'find -exec ',
      'sudo ',
      'env ',
      'eval ',
      'bash -c ',
      'a=b ',
      'xargs ',
      'alias a=',
      'trap ',
      'echo a | sh | ',
      '$(',
      "bash -c 'a' | "
    ]) {
      const started = performance.now()
      shellCommands(`${piece.repeat(Math.floor(8_000 / piece.length))}x`, parsers)
      expect(performance.now() - started, piece).toBeLessThan(1_000)
    }
  })
  it('with shells nested without end is refused', () => {
    const nested = Array.from({ length: 12 }).reduce<string>((inner) => `bash -c ${JSON.stringify(inner)}`, 'a')
    expect(shellCommands(nested, parsers).ok).toBe(false)
  })
})

describe('an argv', () => {
  it('is no shell text: nothing in it is expanded or split', () => {
    const read = argvCommands(['a', '$X', 'b; c'], parsers)
    expect(read).toMatchObject({ ok: true, tree: [{ words: [{ text: 'a' }, { text: '$X', literal: true }, { text: 'b; c' }] }] })
  })
  it('is unwrapped all the same', () => {
    const read = argvCommands(['sudo', 'bash', '-c', 'a b'], parsers)
    expect(read.ok && read.tree.map(({ words }) => words.map(({ text }) => text).join(' '))).toEqual(['bash -c a b', 'a b'])
  })
})
