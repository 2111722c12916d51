// The ways to people on this machine: a Resend and a Slack that check each request as the vendors describe it, and can be asked what came.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'

export const RESEND_KEY = 're_FakeKeyOfTheTestsThatMustNeverShow00'
export const SLACK_TOKEN = 'xoxb-FakeTokenOfTheTestsThatMustNeverShow'

const Plain = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(max), emoji: z.boolean().optional() })
const Button = z.strictObject({
  type: z.literal('button'),
  text: Plain(75),
  action_id: z.string().min(1).max(255),
  value: z.string().max(2_000).optional(),
  url: z.url().max(3_000).optional(),
  style: z.enum(['primary', 'danger']).optional()
})
const Block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), text: Plain(150) }),
  z.strictObject({ type: z.literal('section'), text: Plain(3_000) }),
  z.strictObject({ type: z.literal('actions'), elements: z.array(Button).min(1).max(25) })
])
const Flag = z.union([z.boolean(), z.enum(['true', 'false'])])
/** docs.slack.dev/reference/methods/chat.postMessage and chat.update, the arguments in use. */
const Message = z.strictObject({
  channel: z.string().regex(/^[CDGUW][A-Z0-9]+$/),
  text: z.string().min(1).max(40_000),
  blocks: z.array(Block).min(1).max(50),
  parse: z.literal('none').optional(),
  link_names: Flag.optional(),
  unfurl_links: Flag.optional(),
  unfurl_media: Flag.optional()
})
const METHODS: Readonly<Record<string, z.ZodType>> = {
  'chat.postMessage': Message,
  'chat.update': Message.extend({ channel: z.string().regex(/^[CDG][A-Z0-9]+$/), ts: z.string().regex(/^\d+\.\d{6}$/) })
}
/** resend.com/docs/api-reference/emails/send-email. */
const Mail = z.strictObject({
  from: z.string().min(3),
  to: z.array(z.email()).min(1).max(50),
  subject: z
    .string()
    .min(1)
    .regex(/^[^\r\n]*$/),
  text: z.string(),
  html: z.string()
})

export interface Came {
  readonly kind: 'mail' | 'chat.postMessage' | 'chat.update'
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
  readonly ts?: string
}

/** Starts on a free port. `GET /came` tells what was taken, `GET /wrong` what a vendor would have refused, `POST /fail?times=` makes the next ones fail. */
export async function startChannels(): Promise<{ url: string; close(): Promise<void> }> {
  const came: Came[] = []
  const keys = new Set<string>()
  const wrong: string[] = []
  let failures = 0
  let count = 0
  const send = (response: ServerResponse, status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
  const check = (schema: z.ZodType, body: unknown, what: string): boolean => {
    const parsed = schema.safeParse(body)
    if (!parsed.success) wrong.push(`${what}: ${z.prettifyError(parsed.error)}`)
    return parsed.success
  }
  const resend = (request: IncomingMessage, text: string, response: ServerResponse) => {
    const key = String(request.headers['idempotency-key'] ?? '')
    if (request.headers.authorization !== `Bearer ${RESEND_KEY}`) return send(response, 401, { name: 'missing_api_key' })
    if (key === '' || key.length > 256) wrong.push('a mail without an Idempotency-Key')
    const body = JSON.parse(text) as unknown
    if (!check(Mail, body, 'mail')) return send(response, 422, { name: 'validation_error' })
    // The same key again is the same mail.
    if (!keys.has(key)) came.push({ kind: 'mail', body })
    keys.add(key)
    send(response, 200, { id: key })
  }
  const slack = (method: string, request: IncomingMessage, text: string, response: ServerResponse) => {
    if (request.headers.authorization !== `Bearer ${SLACK_TOKEN}`) return send(response, 200, { ok: false, error: 'invalid_auth' })
    const fields = Object.fromEntries(new URLSearchParams(text)) as Record<string, unknown>
    if (typeof fields.blocks === 'string') fields.blocks = JSON.parse(fields.blocks)
    const schema = METHODS[method]
    if (schema === undefined || !check(schema, fields, method)) return send(response, 200, { ok: false, error: 'invalid_arguments' })
    const ts = (fields.ts as string | undefined) ?? `1700000000.${String(++count).padStart(6, '0')}`
    came.push({ kind: method as Came['kind'], body: fields, ts })
    send(response, 200, { ok: true, channel: `D${String(fields.channel).slice(1)}`, ts, message: {} })
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (url.pathname === '/came') return send(response, 200, came)
    if (url.pathname === '/wrong') return send(response, 200, wrong)
    if (url.pathname === '/fail') {
      failures = Number(url.searchParams.get('times'))
      return send(response, 200, {})
    }
    if (failures > 0 && failures--) return send(response, 503, { name: 'unavailable' })
    if (url.pathname === '/emails') return resend(request, text, response)
    return slack(url.pathname.replace('/api/', ''), request, text, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}
