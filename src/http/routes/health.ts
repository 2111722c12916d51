// Whether the installation serves, and which version it is.
import * as z from 'zod'
import { answer } from '../problem.ts'
import { route } from '../route.ts'

const Health = z.strictObject({ status: z.enum(['ok', 'unhealthy']), version: z.string(), detail: z.string().optional() })

/** `GET /healthz`. */
export const health = route({
  id: 'health',
  method: 'GET',
  path: '/healthz',
  access: 'public',
  always: true,
  title: 'Health',
  tag: 'installation',
  answers: { 200: { title: 'It serves', schema: Health }, 503: { title: 'It does not', schema: Health } },
  async handle({ host }) {
    const { version, refusal } = host
    if (refusal !== null) return answer(503, { status: 'unhealthy', version, detail: refusal })
    return (await host.healthy())
      ? answer(200, { status: 'ok', version })
      : answer(503, { status: 'unhealthy', version, detail: 'the database does not answer' })
  }
})
