// Mail of development, to be read instead of received. Outside development there is nothing at this address.
import * as z from 'zod'
import { fault } from '../../engine/index.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'

const SHOWN_MAX = 200
const Text = z.string().nullable()
const Mail = z.strictObject({
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  links: z.strictObject({ approve: Text, deny: Text }),
  at: z.string()
})

/** `GET /dev/outbox`. */
export const devOutbox = route({
  id: 'devOutbox',
  method: 'GET',
  path: '/dev/outbox',
  access: 'public',
  title: 'Read the mail of development',
  about: 'Only in `npm run dev` with `ENACT_EMAIL_DRY_RUN=1`; everywhere else 404. Newest first.',
  tag: 'installation',
  answers: { 200: { title: 'The mail', schema: z.strictObject({ data: z.array(Mail) }) } },
  async handle({ host }) {
    if (host.outbox === null) throw fault('not_found', 'there is nothing at this address; /docs lists what there is')
    return answer(200, { data: await host.outbox.list(SHOWN_MAX) })
  }
})
