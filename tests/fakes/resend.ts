// A Resend on this machine that checks each request as the vendor describes it, keeps what it took, and can be made to misbehave.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'

export const RESEND_TOKEN = 're_FakeKeyOfTheMailTestsThatMustNeverShow'

const LINE = /^[^\r\n]*$/
const Address = z.string().regex(/^([^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/)
const Addresses = z.union([Address, z.array(Address).min(1).max(50)])
/** resend.com/docs/api-reference/emails/send-email, all but attachments, templates and scheduling. */
const Mail = z
  .strictObject({
    from: Address,
    to: Addresses,
    cc: Addresses.optional(),
    bcc: Addresses.optional(),
    reply_to: Addresses.optional(),
    subject: z.string().min(1).regex(LINE),
    html: z.string().optional(),
    text: z.string().optional(),
    headers: z.record(z.string(), z.string().regex(LINE)).optional(),
    tags: z
      .array(z.strictObject({ name: z.string().regex(/^[A-Za-z0-9_-]{1,256}$/), value: z.string().regex(/^[A-Za-z0-9_-]{1,256}$/) }))
      .optional()
  })
  .refine(({ html, text }) => html !== undefined || text !== undefined)

export interface ResendFake {
  readonly url: string
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly mails: any[]
  /** What came instead of a mail that the vendor would have taken. */
  readonly wrong: string[]
  /** The next request suffers this, once. `lost` takes the mail and answers 500; `hang` takes it and never answers; `dropped` takes it and ends the connection. */
  trouble(
    kind:
      | 'refused'
      | 'lost'
      | 'hang'
      | 'silent'
      | 'rate_limited'
      | 'dropped'
      | { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> }
  ): void
  close(): Promise<void>
}

/** Starts on a free port of this machine. */
export async function startResend(): Promise<ResendFake> {
  const mails: unknown[] = []
  const wrong: string[] = []
  const answers = new Map<string, { readonly body: string; readonly id: string }>()
  let trouble: Parameters<ResendFake['trouble']>[0] | null = null
  const send = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const now = trouble
    trouble = null
    const key = String(request.headers['idempotency-key'] ?? '')
    if (request.method !== 'POST' || request.url !== '/emails') wrong.push(`${request.method} ${request.url}`)
    if (request.headers.authorization !== `Bearer ${RESEND_TOKEN}`)
      return send(response, 401, { name: 'missing_api_key', message: 'Missing API key' })
    if (key === '' || key.length > 256) wrong.push('no usable Idempotency-Key')
    if (now === 'silent') return
    if (now === 'refused') return send(response, 500, { name: 'application_error', message: `failed with ${RESEND_TOKEN}` })
    if (now === 'rate_limited')
      return send(response, 429, { name: 'rate_limit_exceeded', message: `slow down, ${RESEND_TOKEN}` }, { 'retry-after': '7' })
    if (typeof now === 'object' && now !== null) return send(response, now.status, now.body, now.headers)
    const parsed = Mail.safeParse(JSON.parse(text))
    if (!parsed.success) {
      wrong.push(z.prettifyError(parsed.error))
      return send(response, 422, { name: 'validation_error', message: 'Invalid field' })
    }
    const before = answers.get(key)
    if (before !== undefined) {
      if (before.body !== text) return send(response, 409, { name: 'invalid_idempotent_request', message: 'Same key, other payload' })
      return send(response, 200, { id: before.id })
    }
    const id = crypto.randomUUID()
    answers.set(key, { body: text, id })
    mails.push(parsed.data)
    if (now === 'lost') return send(response, 500, { name: 'application_error', message: 'failed' })
    if (now === 'hang') return
    if (now === 'dropped') return request.socket.destroy()
    send(response, 200, { id })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    wrong,
    trouble: (kind) => void (trouble = kind),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}
