// The pure rules of signing in: which cookie is one, and which origin is ours.
import { describe, expect, it } from 'vitest'
import { sessionCookie, sessionToken } from '../../src/http/cookie.ts'
import { isOwnOrigin, originsOf } from '../../src/http/origin.ts'

const TOKEN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO-_'
const cookies = (cookie: string) => sessionToken(new Headers({ cookie }))

describe('a session cookie', () => {
  it('is read back as it was set, whatever stands around it', () => {
    const set = sessionCookie(TOKEN, 60).split(';')[0]!
    for (const given of [
      set,
      ` ${set} `,
      `a=1; ${set}`,
      `${set};b=2`,
      `x; ${set}; =y`,
      `a=__Host-enact=1; ${set}`,
      `x__Host-enact=1; ${set}`
    ])
      expect([given, cookies(given)]).toEqual([given, TOKEN])
  })

  it.each([
    '',
    '__Host-enact',
    '__Host-enact=',
    `__Host-enact=${TOKEN}.`,
    `__Host-enact=${TOKEN}A`,
    `__Host-enact=${TOKEN.slice(1)}`,
    `__Host-enact=${TOKEN.slice(1)}=`,
    `__Host-enact=${TOKEN.slice(1)}\u00e9`,
    `__HOST-ENACT=${TOKEN}`,
    `__Host-Enact=${TOKEN}`,
    `__Host-enact =${TOKEN}; __Host-enact=${TOKEN}`,
    `__Host-enact=${TOKEN}; __Host-enact=`,
    `__Host-enact=x; __Host-enact=${TOKEN}`,
    `__Host-enact=${TOKEN}, __Host-enact=${TOKEN}`,
    `=__Host-enact=${TOKEN}`,
    `$Version=1; __Host-enact="${TOKEN}"`
  ])('is not `%s`', (given) => {
    expect(cookies(given)).toBeNull()
  })
})

describe('an origin', () => {
  const url = new URL('https://enact.example/keys')
  const asked = (origin: string | null, method = 'POST', at = url) =>
    isOwnOrigin({ method, headers: new Headers(origin === null ? {} : { origin }), url: at }, originsOf('https://ui.example').allowed)

  it('is ours letter by letter, or is not', () => {
    for (const origin of ['https://enact.example', 'https://ui.example']) expect(asked(origin)).toBe(true)
    for (const origin of [
      null,
      'null',
      '',
      'https://enact.example:443',
      'https://enact.example/',
      'https://Enact.example',
      'http://enact.example',
      'https://enact.example.evil.example',
      'https://a.enact.example',
      'https://xenact.example',
      'https://enact.example https://evil.example',
      'https://user@enact.example',
      '*'
    ])
      expect([origin, asked(origin)]).toEqual([origin, false])
  })

  it('is asked for by every method that may change something, however it is spelt', () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'get', 'PROPFIND']) expect(asked(null, method)).toBe(false)
    for (const method of ['GET', 'HEAD']) expect(asked('https://evil.example', method)).toBe(true)
  })

  it('keeps its port', () => {
    const local = new URL('http://127.0.0.1:8787/keys')
    expect(asked('http://127.0.0.1:8787', 'POST', local)).toBe(true)
    expect(asked('http://127.0.0.1:8788', 'POST', local)).toBe(false)
    expect(asked('http://localhost:8787', 'POST', local)).toBe(false)
  })
})

describe('ENACT_UI_ORIGINS', () => {
  it('takes origins as browsers send them, and names what is none', () => {
    const { allowed, wrong } = originsOf(
      ' https://UI.example , http://localhost:5173/,https://a.example:443,, null, *, https://*.example/x, ftp://a.example, a.example, https://u@b.example, https://c.example?x, https://d.example#x'
    )
    expect([...allowed]).toEqual(['https://ui.example', 'http://localhost:5173', 'https://a.example'])
    expect(wrong).toEqual([
      'null',
      '*',
      'https://*.example/x',
      'ftp://a.example',
      'a.example',
      'https://u@b.example',
      'https://c.example?x',
      'https://d.example#x'
    ])
    expect(originsOf(undefined)).toEqual({ allowed: new Set(), wrong: [] })
  })
})
