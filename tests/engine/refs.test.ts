// Refs: every spelling of one branch is that branch.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { branchName, foldBranch, isBranchName, isMainBranch } from '../../src/engine/refs.ts'

const before = fc.constantFrom(
  '',
  'refs/heads/',
  'heads/',
  'REFS/HEADS/',
  'origin/',
  'refs/remotes/origin/',
  'remotes/fork/',
  '+',
  'HEAD:',
  '+HEAD:refs/heads/',
  ' ',
  '\t',
  '/',
  'refs//heads//',
  '\u200b',
  'refs%2Fheads%2F'
)
const after = fc.constantFrom('', ' ', '\n', '/', '\u200d', '\ufeff')
const letter = (plain: string) =>
  fc.constantFrom(
    plain,
    plain.toUpperCase(),
    String.fromCodePoint(plain.codePointAt(0)! + 0xfee0),
    `%${plain.charCodeAt(0).toString(16)}`,
    `${plain}\u00ad`
  )
const spelt = fc.constantFrom('main', 'master').chain((name) => fc.tuple(...[...name].map(letter)).map((letters) => letters.join('')))

describe('a ref', () => {
  it('that means main is main, however it is spelt', () => {
    fc.assert(
      fc.property(before, spelt, after, (a, name, b) => {
        expect(isMainBranch(`${a}${name}${b}`), `${a}${name}${b}`).toBe(true)
      }),
      { seed: 1, numRuns: 2_000 }
    )
  })
  it('with another name is not main', () => {
    fc.assert(
      fc.property(
        before,
        fc.constantFrom('maintenance', 'agent/main', 'main-2', 'mainmaster', 'domain', 'm', 'release/master', 'heads'),
        after,
        (a, name, b) => {
          expect(isMainBranch(`${a}${name}${b}`), `${a}${name}${b}`).toBe(false)
        }
      ),
      { seed: 2, numRuns: 500 }
    )
  })
  it('never makes a reader throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(typeof foldBranch(text)).toBe('string')
        expect(typeof isBranchName(branchName(text))).toBe('boolean')
      }),
      { seed: 3, numRuns: 1_000 }
    )
  })
  it.each(['agent/x', 'x', 'a.b', 'a-b_c', 'é', 'a/b/c', '@x'])('%s is a name that git takes', (name) => {
    expect(isBranchName(name)).toBe(true)
  })
  it.each([
    '',
    '@',
    '-x',
    '/x',
    'x/',
    'x.',
    '.x',
    'a/.b',
    'a..b',
    'a b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[b',
    'a\\b',
    'a//b',
    'a.lock',
    'a.lock/b',
    'a@{1}',
    'a\x7f',
    'a\n'
  ])('%j is none', (name) => {
    expect(isBranchName(name)).toBe(false)
  })
})
