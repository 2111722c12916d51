// Receipts: read, searched, proven, and taken in from SDKs.
import * as z from 'zod'
import { fault, InclusionProof, Receipt, ReceiptQuery } from '../../engine/index.ts'
import { importReceipt } from '../import_receipt.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { pageOf, Pushed, PushedReceipt, RevisionQuery, RunPath } from '../schema.ts'

/** `GET /receipts`. */
export const listReceipts = route({
  id: 'listReceipts',
  method: 'GET',
  path: '/receipts',
  access: ['read'],
  title: 'Search receipts',
  about:
    'Newest first; all filters must hold. `search` is the language of the search box (docs/guide/searching.md); `policy` is one that did not pass, `q` finds words. What was stored before the call is in the answer: `head` is the size of the ledger that it is current to. `changed_after`, the `head` of an earlier answer, leaves only runs that were added or amended since.',
  tag: 'receipts',
  query: ReceiptQuery,
  answers: { 200: { title: 'A page of receipts', schema: pageOf(Receipt).extend({ head: z.int() }) } },
  async handle({ host, actor, query: { limit, cursor, ...filter } }) {
    const head = await host.ledger.project(actor.team_id)
    return answer(200, { ...(await host.receipts.page(actor.team_id, filter, cursor ?? null, limit)), head })
  }
})

/** `GET /receipts/{run_id}`. */
export const readReceipt = route({
  id: 'readReceipt',
  method: 'GET',
  path: '/receipts/:run_id',
  access: ['read'],
  title: 'Read a receipt',
  about: 'The newest revision, or the one asked for, from the ledger itself.',
  tag: 'receipts',
  params: RunPath,
  query: RevisionQuery,
  answers: { 200: { title: 'The signed receipt with its place in the ledger', schema: Receipt } },
  async handle({ host, actor, params: { run_id }, query: { revision } }) {
    const { team_id } = actor
    const receipt =
      revision === undefined ? await host.ledger.latest(team_id, run_id) : await host.ledger.revision(team_id, run_id, revision)
    if (receipt === null)
      throw fault('not_found', `there is no receipt \`${run_id}\`${revision === undefined ? '' : `, revision ${revision}`}`)
    return answer(200, receipt)
  }
})

/** `GET /receipts/{run_id}/proof`. */
export const proveReceipt = route({
  id: 'proveReceipt',
  method: 'GET',
  path: '/receipts/:run_id/proof',
  access: ['read'],
  title: 'Prove that a receipt is in the ledger',
  about: 'An RFC 6962 inclusion proof against a signed checkpoint.',
  tag: 'receipts',
  params: RunPath,
  answers: { 200: { title: 'The proof', schema: InclusionProof } },
  async handle({ host, actor, params: { run_id } }) {
    const proof = await host.ledger.proof(actor.team_id, run_id)
    if (proof === null) throw fault('not_found', `there is no receipt \`${run_id}\``)
    return answer(200, proof)
  }
})

/** `POST /receipts`. */
export const pushReceipt = route({
  id: 'pushReceipt',
  method: 'POST',
  path: '/receipts',
  access: ['run'],
  title: 'Store a receipt that an SDK issued',
  about:
    'It is kept whole, with its own signatures, inside a receipt of mode `imported`: no policy, no budget and no rollback ever builds on it.',
  tag: 'receipts',
  body: PushedReceipt,
  answers: { 201: { title: 'It is stored; `already_stored` says that it was before', schema: Pushed } },
  async handle({ host, actor, body }) {
    const already_stored = await importReceipt(host, actor, body)
    return answer(201, { run_id: body.run_id, already_stored }, { location: `/receipts/${body.run_id}` })
  }
})
