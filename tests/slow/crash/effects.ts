// The world outside workerd: counts every effect, and holds whoever arrives at a boundary where it is to die.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Trap {
  readonly boundary: string
  /** Holds the arrival of this number (from 1), and `times - 1` after it. */
  readonly nth: number
  times: number
  arrivals: number
  /** Told of everyone who is held. */
  caught: () => void
}

/** The server, and what it has seen. */
export interface Effects {
  readonly url: string
  /** From now on, holds the run of this team at this boundary. */
  trap(team: string, boundary: string, nth: number, times?: number): void
  /** Resolves to true when the trap has caught the run again, to false after `ms`. */
  caught(team: string, ms: number): Promise<boolean>
  /** How often this was really done. */
  count(team: string, deed: 'write' | 'unwrite', thing: string): number
  /** How often it was asked for: the same under the same key is done once. */
  requests(team: string, deed: 'write' | 'unwrite', thing: string): number
  close(): Promise<void>
}

export async function startEffects(): Promise<Effects> {
  const traps = new Map<string, Trap>()
  const catches = new Map<string, { count: number; tell: () => void }>()
  const done = new Map<string, number>()
  const asked = new Map<string, number>()
  const keys = new Set<string>()
  const add = (counts: Map<string, number>, name: string) => void counts.set(name, (counts.get(name) ?? 0) + 1)

  /** Answers, unless this is where the run is to die: then never. */
  const arrive = (team: string, boundary: string, response: ServerResponse) => {
    const trap = traps.get(team)
    if (trap?.boundary !== boundary) return void response.end()
    trap.arrivals++
    if (trap.arrivals < trap.nth || trap.times === 0) return void response.end()
    trap.times--
    trap.caught()
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://effects')
    const [what, team = '', ...rest] = url.pathname.slice(1).split('/')
    const name = `${team}/${rest.join('/')}`
    if (what === 'at') return arrive(team, rest[0]!, response)
    if (request.method === 'GET') return void response.end(String(done.get(name) ?? 0))
    const key = url.searchParams.get('key')
    add(asked, name)
    if (key === null || !keys.has(`${team}/${key}`)) add(done, name)
    keys.add(`${team}/${key}`)
    arrive(team, `${rest[0]}_done`, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    trap(team, boundary, nth, times = 1) {
      const state = { count: 0, tell: () => {} }
      catches.set(team, state)
      const caught = () => {
        state.count++
        state.tell()
      }
      traps.set(team, { boundary, nth, times, arrivals: 0, caught })
    },
    async caught(team, ms) {
      const state = catches.get(team)!
      if (state.count === 0) {
        let timer: NodeJS.Timeout | undefined
        await Promise.race([
          new Promise<void>((resolve) => (state.tell = resolve)),
          new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))
        ])
        clearTimeout(timer)
      }
      if (state.count === 0) return false
      state.count--
      return true
    },
    count: (team, deed, thing) => done.get(`${team}/${deed}/${thing}`) ?? 0,
    requests: (team, deed, thing) => asked.get(`${team}/${deed}/${thing}`) ?? 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
