// Receipts of an embedded client reach the installation, late if need be, and never get in the way of a run.
import { afterEach, describe, expect, it } from 'vitest'
import { EnactClient, type Receipt } from '../../src/node.ts'
import { codeFreezeActive } from '../../src/policies/index.ts'
import { newShelf, SECRET, shelfConnector, stock } from '../engine/toy.ts'
import { KEY, problem, serve, type Seen, type TestServer, type Told } from './server.ts'

const open: TestServer[] = []
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

async function embedded(answer: (seen: Seen, count: number) => Told | Promise<Told>) {
  const server = await serve(answer)
  open.push(server)
  const enact = new EnactClient({
    systems: { shelf: shelfConnector({ shelf: newShelf() }) },
    policies: [codeFreezeActive()],
    workflows: [stock],
    secret: SECRET,
    allowInsecureSecret: true,
    cloud: { url: server.url, apiKey: KEY }
  })
  const run = (key: string): Promise<{ receipt: Receipt }> =>
    enact.run({ workflow: 'stock', user_email: 'a@x.example', payload: { things: { [key]: '1' } } })
  return { server, enact, run }
}

const stored: Told = { status: 201, body: { run_id: 'r', already_stored: false } }

describe('an embedded client with a cloud', () => {
  it('pushes each receipt as it is stored here, rollbacks too, under its own id', async () => {
    const { server, enact, run } = await embedded(() => stored)
    const { receipt } = await run('a')
    const { receipt: undone } = await enact.rollback(receipt.run_id)
    expect(await enact.flush()).toEqual({ delivered: 2, waiting: 0, dropped: 0, refused: [], problem: null })
    expect(server.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /receipts', 'POST /receipts'])
    expect(server.seen[0]!.body).toEqual({
      run_id: receipt.run_id,
      workflow: 'stock',
      decision: 'PASS',
      receipt: JSON.parse(JSON.stringify(receipt))
    })
    expect(server.seen[1]!.body.run_id).toBe(undone.run_id)
    expect(server.seen[0]!.headers['x-enact-api-key']).toBe(KEY)
  })

  it('runs on while the installation is away, and delivers everything, in order, once it is back', async () => {
    let away = true
    const { server, enact, run } = await embedded(() => (away ? problem(401, 'unauthorized') : stored))
    const ids = []
    for (const key of ['a', 'b', 'c']) ids.push((await run(key)).receipt.run_id)
    const state = await enact.flush()
    expect(state).toMatchObject({ delivered: 0, waiting: 3, refused: [] })
    expect(state.problem).toMatchObject({ code: 'unauthorized' })
    away = false
    server.seen.length = 0
    ids.push((await run('d')).receipt.run_id)
    expect(await enact.flush()).toMatchObject({ delivered: 4, waiting: 0, problem: null })
    expect(server.seen.map(({ body }) => body.run_id)).toEqual(ids)
  })

  it('does not wait for an installation that does not answer', async () => {
    const { run } = await embedded(() => 'hang')
    expect((await run('a')).receipt.decision).toBe('PASS')
  })

  it('lets a receipt go that will never be taken, says so, and goes on with the next', async () => {
    const { enact, run } = await embedded((_seen, count) => (count === 1 ? problem(409, 'receipt_conflict') : stored))
    const { receipt } = await run('a')
    await run('b')
    expect(await enact.flush()).toMatchObject({ delivered: 1, waiting: 0, refused: [{ run_id: receipt.run_id, code: 'receipt_conflict' }] })
  })

  it('delivers every receipt of many runs at once, each once', async () => {
    const { server, enact, run } = await embedded(() => stored)
    const made = await Promise.all(Array.from({ length: 30 }, (_, i) => run(`k${i}`)))
    expect(await enact.flush()).toMatchObject({ delivered: 30, waiting: 0 })
    expect(server.seen.map(({ body }) => body.run_id).toSorted()).toEqual(made.map(({ receipt }) => receipt.run_id).toSorted())
  })
})
