// Erasure of one receipt on request (GDPR Art. 17).
import * as z from 'zod'
import { fault, visible } from '../../engine/index.ts'
import { configDigest } from '../change.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { ReceiptErased, RunPath } from '../schema.ts'

/** `DELETE /receipts/{run_id}`. */
export const eraseReceipt = route({
  id: 'eraseReceipt',
  method: 'DELETE',
  path: '/receipts/:run_id',
  access: ['admin'],
  title: 'Erase a receipt',
  about:
    'For good: the bodies of all its revisions, what was sealed with them, what its run and its approval keep, and its links. Leaf and place stay, so that the ledger is still provable; a `receipt_erased:<run_id>` receipt says who did it and why, and is never erased itself. Reading it then answers 410 `erased`. A run cannot be rolled back after that. 409 `run_in_progress` while something that is not over needs it.',
  tag: 'receipts',
  params: RunPath,
  body: z.strictObject({ reason: z.string().min(1).max(500) }),
  answers: { 200: { title: 'It is erased; `erased_by` is the run id of the receipt that says so', schema: ReceiptErased } },
  async handle({ host, actor, params: { run_id }, body: { reason } }) {
    const { team_id, api_key_id, user_email } = actor
    const done = await host.ledger.erase({
      run_id: host.ports.ids.runId(),
      team_id,
      api_key_id,
      user_email: user_email ?? '',
      config_digest: configDigest(host, team_id),
      at: host.ports.clock.now(),
      why: { kind: 'request', run_id, reason: visible(reason) }
    })
    if (done.kind === 'none') throw fault('not_found', `there is no receipt \`${run_id}\``)
    if (done.kind === 'kept') throw fault('forbidden', 'the receipt of an erasure stays: it is what proves that the erasure was one')
    if (done.kind === 'busy')
      throw fault('run_in_progress', `run \`${run_id}\`, its approval or its rollback is not over yet`, { retryAfterSeconds: 60 })
    const { erased_at, erased_by } = done
    return answer(200, { run_id, erased_at, erased_by })
  }
})
