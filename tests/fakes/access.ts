// A team of Cloudflare Access on this machine: it publishes real keys, and hands the private halves to the tests that play it.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AccessKeys } from '../edge/provided.ts'

export interface AccessTeam {
  readonly url: string
  readonly keys: AccessKeys
  close(): Promise<void>
}

/** Starts it. `GET /asked` says how often its keys were fetched; every other address is out of order. */
export async function startAccess(): Promise<AccessTeam> {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const unlisted = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keys = [
    { ...jwkOf(rsa.publicKey), kid: 'rsa-1', alg: 'RS256', use: 'sig' },
    { ...jwkOf(ec.publicKey), kid: 'ec-1', alg: 'ES256', use: 'sig' }
  ]
  let asked = 0
  const server = createServer((request, response) => {
    if (request.url === '/cdn-cgi/access/certs') {
      asked += 1
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }))
    }
    if (request.url === '/asked') return void response.end(String(asked))
    response.writeHead(503).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys: { rsa: jwkOf(rsa.privateKey), ec: jwkOf(ec.privateKey), unlisted: jwkOf(unlisted.privateKey) },
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections())
  }
}

function jwkOf(key: KeyObject): Record<string, unknown> {
  return { ...key.export({ format: 'jwk' }) }
}
