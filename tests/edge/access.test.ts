// People whom Cloudflare Access lets in: real keys, a real JWKS server, and every assertion that must not hold.
import { beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { importJWK, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { systemClock } from '../../src/adapters/clock/system.ts'
import { cloudflareAccess } from '../../src/adapters/edge/access.ts'
import { accessEmailOf, accessKeyId, asciiLower, Fault, newPerson } from '../../src/engine/index.ts'
import { scopesOf } from '../../src/http/access.ts'
import { makeTeam } from './approval_parts.ts'
import { call, makeKey, type Answered } from './parts.ts'

const HERE = 'http://127.0.0.1'
const AUD = 'aud-of-the-worker'
const ANN = 'ann@staff.example'
const seconds = () => Math.floor(Date.now() / 1_000)
const problemOf = ({ status, json }: Answered) => [status, json?.code]
let team: Awaited<ReturnType<typeof makeTeam>>

beforeAll(async () => {
  team = await makeTeam('staff')
})

interface Signing {
  readonly key?: CryptoKey | Uint8Array
  readonly header?: { alg: string; [name: string]: unknown }
}

/** What Access would send for somebody; `claims` and `signing` say what is different. */
async function assertion(claims: JWTPayload = {}, signing: Signing = {}): Promise<string> {
  const key = signing.key ?? ((await importJWK({ ...inject('accessKeys').rsa }, 'RS256')) as CryptoKey)
  const payload = {
    iss: inject('accessUrl'),
    aud: [AUD],
    email: ANN,
    type: 'app',
    sub: 'user-1',
    iat: seconds(),
    nbf: seconds(),
    exp: seconds() + 600
  }
  const given = Object.fromEntries(Object.entries({ ...payload, ...claims }).filter(([, value]) => value !== undefined))
  return new SignJWT(given).setProtectedHeader({ alg: 'RS256', kid: 'rsa-1', ...signing.header }).sign(key)
}

const by = (jwt: string, more: Record<string, string> = {}) => ({ 'cf-access-jwt-assertion': jwt, accept: 'application/json', ...more })
const who = (jwt: string) => call('GET', '/session', { headers: by(jwt) })

describe('an assertion that holds', () => {
  it('makes a registered person a reader, an approver also an approver, and an address of ACCESS_ADMINS an admin', async () => {
    expect((await who(await assertion({ email: 'eve@staff.example' }))).json).toMatchObject({
      team_id: 'staff',
      api_key_id: 'access:eve@staff.example',
      user_email: 'eve@staff.example',
      scopes: ['read'],
      via: 'access',
      expires_at: expect.stringMatching(/Z$/)
    })
    expect((await who(await assertion())).json).toMatchObject({ scopes: ['read', 'approve'], via: 'access' })
    expect((await who(await assertion({ email: 'boss@STAFF.example' }))).json).toMatchObject({ scopes: ['admin'], via: 'access' })
  })

  it('may be signed with ES256 too, and be for either of the audiences', async () => {
    const key = (await importJWK({ ...inject('accessKeys').ec }, 'ES256')) as CryptoKey
    expect((await who(await assertion({}, { key, header: { alg: 'ES256', kid: 'ec-1' } }))).status).toBe(200)
    expect((await who(await assertion({ aud: 'aud-of-the-pages' }))).status).toBe(200)
  })

  it('may be a few seconds off the clock', async () => {
    expect((await who(await assertion({ exp: seconds() - 10, nbf: seconds() - 100 }))).status).toBe(200)
    expect((await who(await assertion({ nbf: seconds() + 10 }))).status).toBe(200)
  })

  it('fetches the team’s keys once, not at every request', async () => {
    const asked = async () => Number(await (await fetch(`${inject('accessUrl')}/asked`)).text())
    await who(await assertion())
    const before = await asked()
    for (let i = 0; i < 5; i++) expect((await who(await assertion())).status).toBe(200)
    expect(await asked()).toBe(before)
  })
})

describe('an assertion that does not hold is 401', () => {
  const attacks: [string, () => Promise<string>][] = [
    ['for another application', () => assertion({ aud: ['aud-of-something-else'] })],
    ['for none', () => assertion({ aud: undefined })],
    ['of another team', () => assertion({ iss: 'https://evil.cloudflareaccess.com' })],
    ['of a team whose name begins like ours', () => assertion({ iss: `${inject('accessUrl')}.evil.example` })],
    ['that is over', () => assertion({ exp: seconds() - 60 })],
    ['that never is over', () => assertion({ exp: undefined })],
    ['that is not valid yet', () => assertion({ nbf: seconds() + 120 })],
    [
      'with alg none',
      async () =>
        new UnsecuredJWT({ email: ANN }).setIssuer(inject('accessUrl')).setAudience(AUD).setIssuedAt().setExpirationTime('5m').encode()
    ],
    [
      'with alg none and our key’s id',
      async () => {
        const part = (value: object) => btoa(JSON.stringify(value)).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')
        const [, body] = (await assertion()).split('.')
        return `${part({ alg: 'none', kid: 'rsa-1' })}.${body}.`
      }
    ],
    [
      'with HS256 and the public key as the secret',
      async () => {
        const { keys } = await (await fetch(`${inject('accessUrl')}/cdn-cgi/access/certs`)).json<{ keys: object[] }>()
        return assertion({}, { key: new TextEncoder().encode(JSON.stringify(keys[0])), header: { alg: 'HS256' } })
      }
    ],
    [
      'with PS256, which Access does not use',
      async () => {
        const key = (await importJWK({ ...inject('accessKeys').rsa, alg: 'PS256' }, 'PS256')) as CryptoKey
        return assertion({}, { key, header: { alg: 'PS256' } })
      }
    ],
    [
      'of a key that the team does not publish',
      async () =>
        assertion(
          {},
          { key: (await importJWK({ ...inject('accessKeys').unlisted }, 'RS256')) as CryptoKey, header: { alg: 'RS256', kid: 'unknown' } }
        )
    ],
    [
      'of another key under a published id',
      async () => assertion({}, { key: (await importJWK({ ...inject('accessKeys').unlisted }, 'RS256')) as CryptoKey })
    ],
    [
      'that brings its own key',
      async () =>
        assertion(
          {},
          {
            key: (await importJWK({ ...inject('accessKeys').unlisted }, 'RS256')) as CryptoKey,
            header: { alg: 'RS256', kid: undefined, jwk: { kty: 'RSA', n: inject('accessKeys').unlisted.n, e: 'AQAB' } }
          }
        )
    ],
    [
      'whose claims were changed',
      async () => {
        const [head, , signature] = (await assertion()).split('.')
        const [, body] = (await assertion({ email: 'boss@staff.example' })).split('.')
        return `${head}.${body}.${signature}`
      }
    ],
    ['without a signature', async () => `${(await assertion()).split('.').slice(0, 2).join('.')}.`],
    ['that is no JWT', async () => 'boss@staff.example'],
    ['that is longer than any', async () => `${await assertion()}${'A'.repeat(10_000)}`],
    ['that is empty', async () => ''],
    [
      'with a critical header that nobody knows',
      () => assertion({}, { header: { alg: 'RS256', kid: 'rsa-1', crit: ['exp-less'], 'exp-less': true } }).catch(() => 'x.y.z')
    ]
  ]
  it.each(attacks)('%s', async (_what, forge) => {
    const answer = await who(await forge())
    expect(problemOf(answer)).toEqual([401, 'unauthorized'])
    expect(answer.text).not.toMatch(/JWS|JWT|alg|kid|aud/)
  })
})

describe('somebody whom Access knows and Enact does not', () => {
  it('is told what to do: 403', async () => {
    const answer = await who(await assertion({ email: 'stranger@staff.example' }))
    expect(problemOf(answer)).toEqual([403, 'forbidden'])
    expect(answer.json.detail).toMatch(/stranger@staff\.example.*POST \/people.*ACCESS_ADMINS/)
  })

  it('is a service token, or an address that is none', async () => {
    for (const email of [
      undefined,
      '',
      'nobody',
      17,
      ['boss@staff.example'],
      { a: 'boss@staff.example' },
      'boss@staff.example\n',
      '\u212Aate@staff.example'
    ]) {
      const answer = await who(await assertion({ email, common_name: 'ci.access' }))
      expect([email, ...problemOf(answer)]).toEqual([email, 403, 'forbidden'])
    }
  })

  it('is not taken for somebody whose mail reaches the same box, or whose name looks the same', async () => {
    for (const email of ['ann+evil@staff.example', 'boss+x@staff.example', 'ann@staff.example.evil.example'])
      expect(problemOf(await who(await assertion({ email })))).toEqual([403, 'forbidden'])
    // A mailbox that only reaches somebody does not make its user that person.
    const channels = [{ kind: 'mail', address: 'team-inbox@staff.example' }]
    await call('POST', '/people', { key: team.admin, body: { email: 'zoe@staff.example', roles: ['approver'], channels } })
    expect(problemOf(await who(await assertion({ email: 'team-inbox@staff.example' })))).toEqual([403, 'forbidden'])
    expect((await who(await assertion({ email: 'ZOE@staff.example' }))).json.scopes).toEqual(['read', 'approve'])
  })

  it('is known from the moment that they are registered, and no longer than that', async () => {
    const jwt = await assertion({ email: 'new@staff.example' })
    expect((await who(jwt)).status).toBe(403)
    await call('POST', '/people', { key: team.admin, body: { person_id: 'newcomer', email: 'new@staff.example' } })
    expect((await who(jwt)).json.scopes).toEqual(['read'])
    await call('DELETE', '/people/newcomer', { key: team.admin })
    expect((await who(jwt)).status).toBe(403)
  })
})

describe('what Access lets in', () => {
  it('writes only from a page of this installation', async () => {
    const jwt = await assertion({ email: 'boss@staff.example' })
    const set = (origin?: string) =>
      call('PUT', '/facts/tone', { headers: by(jwt, origin === undefined ? {} : { origin }), body: { value: 1 } })
    for (const origin of [undefined, 'null', 'https://evil.example', `${HERE}:1`])
      expect(problemOf(await set(origin))).toEqual([403, 'foreign_origin'])
    expect((await call('GET', '/facts/tone', { key: team.admin })).status).toBe(404)
    expect((await set(HERE)).status).toBe(200)
  })

  it('counts after the key and after the session of the same request', async () => {
    const jwt = await assertion({ email: 'boss@staff.example' })
    const reader = await makeKey('desk', ['read'])
    expect((await call('GET', '/session', { headers: by(jwt, { 'x-enact-api-key': reader }) })).json).toMatchObject({
      team_id: 'desk',
      via: 'key'
    })
    expect(problemOf(await call('GET', '/keys', { headers: by(jwt, { 'x-enact-api-key': reader }) }))).toEqual([403, 'forbidden'])
    expect((await call('GET', '/keys', { headers: by(jwt, { 'x-enact-api-key': 'wrong' }) })).status).toBe(401)
    const signed = await call('POST', '/session', { body: { key: reader }, headers: { origin: HERE } })
    const cookie = signed.headers.get('set-cookie')!.split(';')[0]!
    expect((await call('GET', '/session', { headers: by(jwt, { cookie }) })).json.team_id).toBe('desk')
    // A session that is over does not lock out whom Access knows.
    expect((await call('DELETE', '/session', { headers: by(jwt, { cookie, origin: HERE }) })).status).toBe(204)
    expect((await call('GET', '/session', { headers: by(jwt, { cookie }) })).json).toMatchObject({ team_id: 'staff', via: 'access' })
  })

  it('decides as the registered person, with that in the receipt, and admins do not', async () => {
    const { id } = await team.open()
    const decide = async (email: string) =>
      call('POST', `/hitl/${id}/approve`, { headers: by(await assertion({ email }), { origin: HERE }), body: {} })
    for (const email of ['boss@staff.example', 'eve@staff.example', team.bob])
      expect(problemOf(await decide(email))).toEqual([403, 'forbidden'])
    expect(problemOf(await decide('stranger@staff.example'))).toEqual([403, 'forbidden'])
    expect((await decide(team.ann)).json).toMatchObject({ status: 'APPROVED', decided_by: team.ann })
    const receipt = await call('GET', `/hitl/${id}/receipt`, { key: team.agent })
    expect(receipt.json.approval.votes).toMatchObject([{ by: team.ann, via: 'ui', assurance: 'signed_in' }])
  })

  it('four eyes see through it: who asks by Access does not answer with a key of their own', async () => {
    // An admin by Access who is also registered as an approver.
    const body = { person_id: 'kate', email: 'kate@staff.example', roles: ['approver'] }
    expect((await call('POST', '/people', { key: team.admin, body })).status).toBe(201)
    const jwt = await assertion({ email: 'kate@staff.example' })
    const ask = (given: object) =>
      call('POST', '/runs', {
        headers: by(jwt, { origin: HERE }),
        body: { workflow: 'close_pr', user_email: 'kate@staff.example', payload: { repo: 'myorg/app', pr_number: 1 }, ...given }
      })
    expect(
      problemOf(
        await call('POST', '/hitl/request', {
          headers: by(jwt, { origin: HERE }),
          body: team.asked({ notify_email: 'kate@staff.example' })
        })
      )
    ).toEqual([403, 'own_request'])
    const run = await ask({})
    expect([run.status, run.json.status]).toEqual([202, 'PENDING'])
    const sight = await call('GET', `/hitl/${run.json.hitl_id}/approve`, { headers: by(jwt) })
    expect(sight.json.approvers).not.toContain('kate@staff.example')
    expect(sight.json.api_key_id).toBe('access:kate@staff.example')
    const kate = await makeKey('staff', ['approve'], { user_email: 'kate@staff.example' })
    const own = await call('POST', `/hitl/${run.json.hitl_id}/approve`, { key: kate, body: {} })
    expect(own.status).toBe(403)
  })

  it('takes back what agents did, if it is an admin, and the receipt says who it was', async () => {
    const branch = `agent/access-${crypto.randomUUID().slice(0, 8)}`
    const payload = {
      repo: 'myorg/app',
      branch,
      files: [{ path: `${branch}.txt`, content: 'x' }],
      commit_message: 'Add a file to take back'
    }
    const body = { workflow: 'agent_pr_workflow', user_email: 'agent@staff.example', payload }
    const run = (await call('POST', '/runs', { key: team.agent, body })).json
    expect(run.outcome).toBe('SUCCEEDED')
    const rollBack = async (email: string) =>
      call('POST', `/runs/${run.run_id}/rollback`, { headers: by(await assertion({ email }), { origin: HERE }), body: {} })
    for (const email of [ANN, 'eve@staff.example']) expect(problemOf(await rollBack(email))).toEqual([403, 'forbidden'])
    const done = await rollBack('boss@staff.example')
    expect(done.json.receipt, done.text).toMatchObject({
      workflow: 'rollback:agent_pr_workflow',
      user_email: 'agent@staff.example',
      actor: { api_key_id: 'access:boss@staff.example' }
    })
  })

  it('acts as itself alone', async () => {
    const answer = await call('POST', '/runs', {
      headers: by(await assertion({ email: 'boss@staff.example' }), { origin: HERE }),
      body: { workflow: 'agent_pr_workflow', user_email: 'somebody@else.example', payload: { repo: 'myorg/app', branch: 'main' } }
    })
    expect(problemOf(answer)).toEqual([403, 'forbidden'])
  })
})

describe('setting it up', () => {
  const door = (strings: Record<string, string>, log = (): void => undefined) => cloudflareAccess({ strings, clock: systemClock, log })

  it('is off without both variables, and where the domain is none', () => {
    const log = vi.fn()
    expect(door({})).toBeNull()
    expect(door({ ACCESS_TEAM_DOMAIN: 'acme.cloudflareaccess.com' })).toBeNull()
    expect(door({ ACCESS_AUD: 'x', ACCESS_TEAM_DOMAIN: '' })).toBeNull()
    expect(door({ ACCESS_AUD: ' , ', ACCESS_TEAM_DOMAIN: 'acme.cloudflareaccess.com' })).toBeNull()
    for (const domain of [
      'http://acme.cloudflareaccess.com',
      'acme',
      'acme.cloudflareaccess.com/x',
      'a@b.c',
      'http://127.0.0.1:1/x',
      'evil.example#'
    ])
      expect(door({ ACCESS_AUD: 'x', ACCESS_TEAM_DOMAIN: domain }, log), domain).toBeNull()
    expect(log).toHaveBeenCalledTimes(6)
    expect(door({ ACCESS_AUD: 'x', ACCESS_TEAM_DOMAIN: 'https://Acme.cloudflareaccess.com/' })).not.toBeNull()
  })

  it('answers 503, not 401, where the keys cannot be fetched', async () => {
    const log = vi.fn()
    const away = door({ ACCESS_AUD: AUD, ACCESS_TEAM_DOMAIN: 'http://127.0.0.1:1' }, log)!
    const jwt = await assertion({ iss: 'http://127.0.0.1:1' })
    const fault: unknown = await away.verify(jwt).catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(Fault)
    expect((fault as Fault).code).toBe('unavailable')
    expect(log).toHaveBeenCalledOnce()
  })
})

describe('who somebody is', () => {
  it('is spelt in one way, and only ASCII letters fold', () => {
    expect(asciiLower(' Ann@Staff.Example ')).toBe('ann@staff.example')
    expect(asciiLower('\u212Aate@x.y')).toBe('\u212Aate@x.y')
    expect(accessEmailOf(accessKeyId('Ann@x.y'))).toBe('ann@x.y')
    expect(accessEmailOf('0123456789abcdef')).toBeNull()
  })

  it('decides what they may: an admin never decides, a stranger nothing', () => {
    const ann = newPerson('ann', { email: 'Ann@x.y', roles: ['approver'] })
    expect(scopesOf('ann@x.y', new Set(), ann)).toEqual(['read', 'approve'])
    expect(scopesOf('ann@x.y', new Set(['ann@x.y']), ann)).toEqual(['admin'])
    expect(scopesOf('ann@x.y', new Set(), newPerson('ann', { email: 'ann@x.y' }))).toEqual(['read'])
    expect(scopesOf('other@x.y', new Set(), ann)).toBeNull()
    expect(scopesOf('ann@x.y', new Set(), null)).toBeNull()
  })
})
