// Paths: no respelling leaves an allowed folder or slips past a forbidden place.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileNames, isWithin, placeWithin, readingsOf } from '../../src/engine/paths.ts'

const encodings: ((text: string) => string)[] = [
  (text) => text,
  (text) => text.replaceAll('.', '%2e'),
  (text) => text.replaceAll('/', '%2F'),
  (text) => text.replaceAll('.', '%252E'),
  (text) => text.replaceAll('/', '\\'),
  (text) => [...text].map((letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''),
  (text) => text.replaceAll('/', '//'),
  (text) => text.replaceAll('/', '/./')
]
const respelt = (text: string) => fc.constantFrom(...encodings).map((encode) => encode(text))
const segment = fc.constantFrom('a', 'b.txt', 'data', 'x y', '...', '.git', '%', '100%')

describe('a path', () => {
  it('that climbs above its folder is outside, in every encoding', () => {
    fc.assert(
      fc.property(
        fc.array(segment, { maxLength: 4 }),
        fc.nat(3),
        respelt('../'),
        fc.constantFrom('/data', 'data'),
        (inside, more, up, folder) => {
          const path = `${folder}/${inside.map((one) => `${one}/`).join('')}${up.repeat(inside.length + 1 + more)}etc/passwd`
          expect(isWithin(path, [folder]), path).toBe(false)
        }
      ),
      { seed: 1, numRuns: 1_000 }
    )
  })
  it('of plain segments below its folder is inside', () => {
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), fc.constantFrom('/', '//', '/./'), (inside, slash) => {
        expect(isWithin(['/data', ...inside].join(slash), ['/data'])).toBe(true)
      }),
      { seed: 2, numRuns: 500 }
    )
  })
  it('into a forbidden place is found, in every encoding and case', () => {
    fc.assert(
      fc.property(respelt('/srv/secrets/key.pem'), fc.boolean(), (path, upper) => {
        expect(placeWithin(upper && !path.includes('%') ? path.toUpperCase() : path, ['/srv/secrets']), path).toBe('/srv/secrets')
      }),
      { seed: 3, numRuns: 300 }
    )
  })
  it('that only begins like a forbidden place is let through', () => {
    for (const path of ['/srv/secrets2', '/srv/secrets-old/x', '/srv/secret', '/x/srv', '/srv'])
      expect(placeWithin(path, ['/srv/secrets']), path).toBeNull()
  })
  it('with a NUL has no reading, and is never inside', () => {
    for (const path of ['a\0', 'a%00', 'a%2500/../x']) {
      expect(readingsOf(path), path).toBeNull()
      expect(isWithin(path, ['.', '/', 'a'])).toBe(false)
      expect(fileNames(path)).toBeNull()
      expect(placeWithin(path, ['/etc'])).toBe(path)
    }
  })
  it('never makes a reader throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (path, entry) => {
        expect(typeof isWithin(path, [entry])).toBe('boolean')
        placeWithin(path, [entry])
        fileNames(path)
      }),
      { seed: 4, numRuns: 1_000 }
    )
  })
})
