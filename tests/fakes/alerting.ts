// Those who ring on this machine: a PagerDuty and a Twilio that check each request against what the vendors publish, and can be told to fail.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import * as z from 'zod'

export const TWILIO_SID = 'ACfaceb00cfaceb00cfaceb00cfaceb00c'
export const TWILIO_TOKEN = 'twilio-auth-token-that-must-never-show'
export const TWILIO_FROM = '+15005550006'

/** developer.pagerduty.com/docs/send-alert-event. */
const Event = z.discriminatedUnion('event_action', [
  z.strictObject({
    routing_key: z.string().length(32),
    event_action: z.literal('trigger'),
    dedup_key: z.string().min(1).max(255).optional(),
    client: z.string().optional(),
    client_url: z.url().optional(),
    links: z.array(z.strictObject({ href: z.url(), text: z.string().optional() })).optional(),
    payload: z.strictObject({
      summary: z.string().min(1).max(1_024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.string().optional(),
      component: z.string().optional(),
      group: z.string().optional(),
      class: z.string().optional(),
      custom_details: z.record(z.string(), z.unknown()).optional()
    })
  }),
  z.strictObject({
    routing_key: z.string().length(32),
    event_action: z.enum(['acknowledge', 'resolve']),
    dedup_key: z.string().min(1).max(255)
  })
])
/** twilio.com/docs/messaging/api/message-resource#create-a-message. */
const Text = z
  .strictObject({
    To: z.string().regex(/^\+[1-9]\d{1,14}$/),
    From: z
      .string()
      .regex(/^\+[1-9]\d{1,14}$/)
      .optional(),
    MessagingServiceSid: z
      .string()
      .regex(/^MG[0-9a-f]{32}$/)
      .optional(),
    Body: z.string().min(1).max(1_600)
  })
  .refine(
    ({ From, MessagingServiceSid }) => (From === undefined) !== (MessagingServiceSid === undefined),
    'a From or a MessagingServiceSid'
  )

export interface Rang {
  readonly kind: 'pagerduty' | 'sms'
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

/** How the next requests for one address are answered. */
interface Told {
  readonly status: number
  readonly retryAfter: string | null
  times: number
}

/** Starts on a free port. `GET /rang` tells what was taken, `GET /wrong` what a vendor would have refused, `POST /answer?to=&status=&times=` makes the next for an address fail; status 0 = no answer. */
export async function startAlerting(): Promise<{ url: string; close(): Promise<void> }> {
  const rang: Rang[] = []
  const wrong: string[] = []
  const told = new Map<string, Told>()
  const sockets = new Set<Socket>()
  const send = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  }
  /** True where it was answered as somebody was told to. */
  const fails = (to: string, response: ServerResponse, body: unknown): boolean => {
    const how = told.get(to)
    if (how === undefined || how.times <= 0) return false
    how.times--
    if (how.status !== 0) send(response, how.status, body, how.retryAfter === null ? {} : { 'retry-after': how.retryAfter })
    return true
  }
  const pagerDuty = (request: IncomingMessage, text: string, response: ServerResponse) => {
    if (request.headers['content-type'] !== 'application/json') wrong.push('pagerduty: not JSON')
    const body = JSON.parse(text) as { routing_key?: string }
    const parsed = Event.safeParse(body)
    if (!parsed.success) wrong.push(`pagerduty: ${z.prettifyError(parsed.error)}`)
    if (fails(body.routing_key ?? '', response, { status: 'invalid event', message: 'Event object is invalid', errors: ['told to fail'] }))
      return
    if (!parsed.success) return send(response, 400, { status: 'invalid event', message: 'Event object is invalid', errors: [] })
    if (body.routing_key?.startsWith('unknown'))
      return send(response, 400, {
        status: 'invalid event',
        message: 'Event object is invalid',
        errors: [`no integration has the routing_key ${body.routing_key}`]
      })
    rang.push({ kind: 'pagerduty', body })
    send(response, 202, { status: 'success', message: 'Event processed', dedup_key: (parsed.data as { dedup_key?: string }).dedup_key })
  }
  const twilio = (request: IncomingMessage, text: string, response: ServerResponse) => {
    const basic = `Basic ${Buffer.from(`${TWILIO_SID}:${TWILIO_TOKEN}`).toString('base64')}`
    if (request.headers.authorization !== basic) return send(response, 401, { code: 20003, message: 'Authenticate', status: 401 })
    if (request.headers['content-type'] !== 'application/x-www-form-urlencoded') wrong.push('sms: not a form')
    const body = Object.fromEntries(new URLSearchParams(text))
    const parsed = Text.safeParse(body)
    if (!parsed.success) wrong.push(`sms: ${z.prettifyError(parsed.error)}`)
    if (fails(body.To ?? '', response, { code: 20429, message: 'Too Many Requests', status: 429 })) return
    if (!parsed.success) return send(response, 400, { code: 21211, message: "Invalid 'To' Phone Number", status: 400 })
    rang.push({ kind: 'sms', body })
    send(response, 201, { sid: `SM${String(rang.length).padStart(32, '0')}`, status: 'queued' })
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (pathname === '/rang') return send(response, 200, rang)
    if (pathname === '/wrong') return send(response, 200, wrong)
    if (pathname === '/answer') {
      told.set(searchParams.get('to')!, {
        status: Number(searchParams.get('status')),
        retryAfter: searchParams.get('retry_after'),
        times: Number(searchParams.get('times') ?? 1)
      })
      return send(response, 200, {})
    }
    if (pathname === '/v2/enqueue') return pagerDuty(request, text, response)
    if (pathname === `/2010-04-01/Accounts/${TWILIO_SID}/Messages.json`) return twilio(request, text, response)
    send(response, 404, {})
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
  }
}
