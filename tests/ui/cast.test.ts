// The recording of the demo: read as it was printed, the same as the text on the page, and with nothing of the machine that made it.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { transcriptOf } from '../../scripts/cast.ts'
import { piecesOf, readCast, screenAt } from '../../src/ui/landing/cast.ts'

const at = (path: string) => readFileSync(new URL(`../../public/${path}`, import.meta.url), 'utf8')
const ESC = '\u001b'

describe('the recording', () => {
  const text = at('demo.cast')
  const recording = readCast(text)

  it('has the acts, in order, and ends well', () => {
    expect(recording.acts.map(({ title }) => title)).toEqual(['1 BLOCK', '2 PASS', '3 ROLLBACK', '4 PROOF'])
    const end = screenAt(recording, recording.lengthMs)
      .map((piece) => piece.text)
      .join('')
    expect(end).toContain('All 16 checks held')
  })

  it('is the text that the page shows to whoever does not play it', () => {
    const events = text.trim().split('\n').slice(1)
    expect(at('index.html')).toContain(`<!-- cast -->${transcriptOf(events.map((line) => JSON.parse(line) as never))}<!-- /cast -->`)
  })

  it('names no place of the machine and no key', () => {
    expect(text).not.toMatch(/\/(home|root|Users|tmp|work)\/|enact_live_|127\.0\.0\.1:(?!8787)/)
  })

  it('waits no longer than two seconds for anything', () => {
    const times = [...recording.frames, ...recording.acts].map(({ atMs }) => atMs).sort((a, b) => a - b)
    for (const [i, time] of times.entries()) expect(time - (times[i - 1] ?? 0)).toBeLessThanOrEqual(2_000)
  })
})

describe('a terminal’s text', () => {
  it('becomes pieces of one look; a reset ends all, a default colour the colour alone', () => {
    expect(piecesOf(`a${ESC}[1m${ESC}[31mb${ESC}[39mc${ESC}[0md`)).toEqual([
      { text: 'a', look: '' },
      { text: 'b', look: 'bold red' },
      { text: 'c', look: 'bold' },
      { text: 'd', look: '' }
    ])
  })

  it('loses every control but colours and line breaks', () => {
    expect(
      piecesOf(`a${ESC}[2Jb${ESC}[10;10Hc\u0007\u0000d\ne`)
        .map(({ text }) => text)
        .join('')
    ).toBe('abcd\ne')
  })

  it('is refused where it is no asciicast of version 2', () => {
    expect(() => readCast('{"version":3}\n')).toThrow('version 2')
  })
})
