// Talking to an installation over HTTP: one origin, one key, and an exit code for everything that can go wrong.
import type * as z from 'zod'
import type { Context } from './context.ts'
import { exit } from './exit.ts'
import { visible } from './print.ts'

const TIMEOUT_MS = 30_000
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** An installation. */
export interface Api {
  /** What was answered, if it has the shape; null for 404, and for a 422 where not every installation has to understand the question. */
  get<S extends z.ZodType>(path: string, schema: S, understood?: boolean): Promise<z.output<S> | null>
  /** Changes something, once; null for 404. Never sent again by itself: where no answer comes, nobody knows whether it was done. */
  post<S extends z.ZodType>(path: string, body: unknown, schema: S): Promise<z.output<S> | null>
  /** What is at this address, as it comes. */
  bytes(path: string): Promise<ReadableStream<Uint8Array>>
}

/** Requests with the key, at one origin only; every failure ends the command with its own exit code. */
export function apiAt(url: string, key: string | undefined, context: Context): Api {
  const base = URL.parse(url)
  if (base === null || (base.protocol !== 'https:' && base.protocol !== 'http:')) throw exit('usage', `\`${url}\` is not an http address`)
  if (base.protocol === 'http:' && key !== undefined && !LOOPBACK.test(base.hostname))
    context.note('warning: the key is sent over http, unencrypted')
  const root = `${base.origin}${base.pathname.replace(/\/+$/, '')}`
  const headers: Record<string, string> = {
    accept: 'application/json',
    ...(key === undefined || key === '' ? {} : { 'x-enact-api-key': key })
  }
  async function answerTo(path: string, init: RequestInit, understood: boolean): Promise<Response | null> {
    // A redirect would carry the key to whoever is at its end.
    const response = await fetch(`${root}${path}`, { ...init, redirect: 'error' }).catch((error: Error) => {
      throw exit('network', `\`${root}\` does not answer: ${(error.cause as Error | undefined)?.message ?? error.message}`)
    })
    if (response.status === 404 || (response.status === 422 && !understood)) return null
    if (response.status === 401) throw exit('auth', 'the key is missing or unknown: give --key or ENACT_API_KEY')
    if (response.status === 403) throw exit('auth', 'the key may not do this')
    if (response.status === 410) throw exit('unexpected', detailOf(parseJson(await response.text())) ?? `\`${path}\` is gone`)
    if (!response.ok)
      throw exit(response.status === 429 || response.status >= 502 ? 'network' : 'unexpected', `\`${path}\` answered ${response.status}`)
    return response
  }
  async function ask<S extends z.ZodType>(path: string, init: RequestInit, schema: S, understood = true): Promise<z.output<S> | null> {
    const response = await answerTo(path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }, understood)
    if (response === null) return null
    const text = await response.text()
    const parsed = schema.safeParse(response.headers.get('content-type')?.includes('json') ? parseJson(text) : text)
    if (!parsed.success) throw exit('unexpected', `\`${path.split('?')[0]}\` answered something else than an Enact installation would`)
    return parsed.data
  }
  return {
    get: (path, schema, understood) => ask(path, { headers }, schema, understood),
    post: (path, body, schema) =>
      ask(path, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }, schema),
    async bytes(path) {
      const response = await answerTo(path, { headers }, true)
      const body = response?.body ?? null
      if (body === null) throw exit('unexpected', `there is nothing at \`${path}\``)
      return body
    }
  }
}

/** What a problem document says, on one line. */
function detailOf(problem: unknown): string | null {
  const { detail } = (problem ?? {}) as { detail?: unknown }
  return typeof detail === 'string' ? visible(detail) : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
