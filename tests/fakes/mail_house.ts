// Both ways of mail on this machine for tests that run elsewhere: a Resend and an SMTP server, asked and spoiled over HTTP.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startResend, type ResendFake } from './resend.ts'
import { startSmtp, type Trouble } from './smtp.ts'

/** `GET /mails` gives what was taken by `resend` and `smtp`, and what Resend would have refused; `POST /trouble/<way>` spoils the next mail. */
export async function startMailHouse(): Promise<{
  url: string
  resendUrl: string
  smtpPort: number
  close(): Promise<void>
}> {
  const resend = await startResend()
  const smtp = await startSmtp()
  const control = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    if (request.url === '/trouble/resend') resend.trouble(JSON.parse(text) as Parameters<ResendFake['trouble']>[0])
    if (request.url === '/trouble/smtp') smtp.trouble(JSON.parse(text) as Trouble)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ resend: resend.mails, smtp: smtp.mails, wrong: resend.wrong }))
  })
  await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
    resendUrl: resend.url,
    smtpPort: smtp.port,
    async close() {
      control.closeAllConnections()
      await new Promise((resolve) => control.close(resolve))
      await Promise.all([resend.close(), smtp.close()])
    }
  }
}
