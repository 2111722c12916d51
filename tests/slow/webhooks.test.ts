// Webhooks as their users have them: the dev server, its real queue, a receiver on this machine.
import { spawn, type ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startReceiver, type Got, type Receiver } from '../fakes/receiver.ts'

const root = join(import.meta.dirname, '..', '..')
const KEY = 'the admin key of the webhooks'.replaceAll(' ', '-')
const RUN = { workflow: 'agent_pr_workflow', user_email: 'agent@company.com', payload: { repo: 'myorg/app', branch: 'main' } }
let receiver: Receiver
let server: ChildProcess
let port = 0
let url = ''
let state = ''

beforeAll(async () => {
  receiver = await startReceiver()
  port = await freePort()
  url = `http://127.0.0.1:${port}`
  state = join(root, '.wrangler', `state-${port}`)
  server = await start()
})

/** A group of its own, so that all of it can be killed at once. */
async function start(): Promise<ChildProcess> {
  const env = { ...process.env, PORT: String(port), ENACT_DEV_API_KEY: KEY, GITHUB_TOKEN: '', DATABASE_URL: '' }
  const child = spawn(process.execPath, ['scripts/dev.ts'], { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => chunk.toString().includes('/docs') && resolve())
    child.once('exit', (code) => reject(new Error(`the dev server ended with ${code}`)))
  })
  return child
}

afterAll(async () => {
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGINT')
  await ended
  await receiver.close()
  rmSync(state, { recursive: true, force: true })
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function post(path: string, body: object): Promise<Record<string, string>> {
  const headers = { 'content-type': 'application/json', 'x-enact-api-key': KEY }
  return (await (await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json()) as Record<string, string>
}

async function events(name: string, secret: string): Promise<Record<string, unknown>[]> {
  const got = (await (await fetch(`${receiver.url}/seen/${name}`)).json()) as Got[]
  return got.map(({ body, headers }) => new Webhook(secret).verify(body, headers) as Record<string, unknown>)
}

const within = { timeout: 30_000, interval: 200 }

describe('webhooks over the real queue', () => {
  it('ping first, then a run’s event and its callback arrive by themselves, each signed with its own secret', async () => {
    const endpoint = await post('/webhooks', { url: `${receiver.url}/real/ok` })
    await expect.poll(() => events('real', endpoint.secret!), within).toMatchObject([{ type: 'webhook.ping' }])
    const readEndpoint = async () => (await fetch(`${url}/webhooks/${endpoint.id}`, { headers: { 'x-enact-api-key': KEY } })).json()
    await expect.poll(readEndpoint, within).toMatchObject({ status: 'ACTIVE' })
    const { secret } = await post('/webhooks/secret', {})
    const { run_id } = await post('/runs', { ...RUN, callback_url: `${receiver.url}/called/ok` })
    const blocked = { type: 'run.blocked', data: { run_id, workflow: RUN.workflow, decision: 'BLOCK', outcome: 'NONE' } }
    const ofRuns = async () => (await events('real', endpoint.secret!)).filter(({ type }) => type !== 'alert.fired')
    await expect.poll(ofRuns, within).toMatchObject([{ type: 'webhook.ping' }, blocked])
    // The first block of an agent rings, by the same outbox.
    const rung = { type: 'alert.fired', data: { rule: 'first_block', run_id } }
    await expect.poll(() => events('real', endpoint.secret!), within).toContainEqual(expect.objectContaining({ type: 'alert.fired' }))
    expect((await events('real', endpoint.secret!)).find(({ type }) => type === 'alert.fired')).toMatchObject(rung)
    await expect
      .poll(() => events('called', secret!), within)
      .toMatchObject([{ type: 'run.blocked', data: { run_id, decision: 'BLOCK', outcome: 'NONE' } }])
  })

  it('the second attempt comes by itself after five seconds, under the same id', async () => {
    const endpoint = await post('/webhooks', { url: `${receiver.url}/again/broken` })
    const ids = async () =>
      ((await (await fetch(`${receiver.url}/seen/again`)).json()) as Got[]).map(({ headers }) => headers['webhook-id'])
    await expect.poll(async () => (await ids()).length, within).toBe(2)
    expect(new Set(await ids()).size).toBe(1)
    expect(endpoint.status).toBe('PENDING')
  })

  it('nothing is lost when everything is killed with `kill -9` in the middle of an attempt, its messages with it', async () => {
    const endpoint = await post('/webhooks', { url: `${receiver.url}/killed/hang` })
    await expect.poll(() => events('killed', endpoint.secret!), within).toMatchObject([{ type: 'webhook.ping' }])
    const ended = new Promise((resolve) => server.once('exit', resolve))
    process.kill(-server.pid!, 'SIGKILL')
    await ended
    await fetch(`${receiver.url}/killed/ok`, { method: 'PUT' })
    server = await start()
    // The cron: it finds what nobody has acknowledged two minutes after it was due.
    const sweep = async () => {
      await fetch(`${url}/cdn-cgi/local/scheduled`)
      return (await fetch(`${url}/webhooks/${endpoint.id}`, { headers: { 'x-enact-api-key': KEY } })).json()
    }
    await expect.poll(sweep, { timeout: 200_000, interval: 3_000 }).toMatchObject({ status: 'ACTIVE' })
    const got = (await (await fetch(`${receiver.url}/seen/killed`)).json()) as Got[]
    expect(got).toHaveLength(2)
    expect(new Set(got.map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size).toBe(1)
  })
})
