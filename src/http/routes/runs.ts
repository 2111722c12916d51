// Runs: ask for one, look at one, take one back.
import * as z from 'zod'
import {
  admit,
  admitRollback,
  Fault,
  fault,
  isStopped,
  planRollback,
  RunRequest,
  type Admitted,
  type Judged,
  type Ports,
  type Receipt,
  type RunMode
} from '../../engine/index.ts'
import { userAttributes } from '../attributes.ts'
import { isAdmin, requireUser } from '../auth.ts'
import type { Actor, Host } from '../host.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { idempotencyKeyOf, idempotentRunId, requestDigest, rollbackRunId } from '../run_id.ts'
import { RunAnswer, RunPath, RunPending, RunStatus, WaitQuery } from '../schema.ts'
import { running, start, type Meeting } from '../start.ts'
import { requireTarget } from '../webhook_target.ts'

const ANSWERS = {
  200: { title: 'The run is over; `decision` says what policy said, `outcome` what happened', schema: RunAnswer },
  202: { title: 'It is still going on after 25 s: ask at `Location`', schema: RunPending }
} as const

/** `POST /runs`. */
export const createRun = route({
  id: 'createRun',
  method: 'POST',
  path: '/runs',
  access: ['run'],
  title: 'Ask for a run',
  about: 'Policies judge the request and every call it makes. A BLOCK is a 200 with its receipt.',
  tag: 'runs',
  body: RunRequest,
  idempotent: true,
  answers: ANSWERS,
  async handle({ host, actor, body, headers }) {
    requireUser(actor, body.user_email)
    if (body.mode === 'shadow' && !isAdmin(actor))
      throw fault('forbidden', '`shadow` does what policy would stop: it needs a key with scope `admin`')
    if (body.callback_url !== undefined) requireTarget(host, '/callback_url', body.callback_url)
    const key = idempotencyKeyOf(headers)
    const installation = host.installation(actor.team_id)
    const run_id = key === null ? host.ports.ids.runId() : await idempotentRunId(actor, key, host.ports)
    if (body.callback_url !== undefined) await host.webhooks.expectCallback(actor.team_id, run_id, body.callback_url)
    const asked: Admitted = {
      ...whoAsks(
        { ...actor, attributes: await userAttributes(host, actor, body.user_email) },
        run_id,
        body.user_email,
        body.mode ?? 'enforce',
        key
      ),
      workflow: body.workflow,
      payload: body.payload,
      asking: {
        notify_email: body.notify_email ?? null,
        expires_in_seconds: body.expires_in_seconds ?? 3600,
        callback_url: body.callback_url ?? null,
        hitl_id: body.hitl_id ?? null
      }
    }
    const meeting = key === null ? null : { run_id, digest: requestDigest(['POST /runs', body as never], host.ports), joins: false }
    return start(host, { installation, admit: () => admit(installation, asked), stops: isStopped, meeting, team_id: actor.team_id })
  }
})

/** `GET /runs/{run_id}`. */
export const readRun = route({
  id: 'readRun',
  method: 'GET',
  path: '/runs/:run_id',
  access: ['run', 'read'],
  title: 'Look at a run',
  about:
    'With `wait` the answer comes as soon as the run is over, at the latest after that many seconds. While it is RUNNING, `progress` says how far it is, where its workflow tells.',
  tag: 'runs',
  params: RunPath,
  query: WaitQuery,
  answers: { 200: { title: 'Where the run stands', schema: RunStatus } },
  async handle({ host, actor, params: { run_id }, query }) {
    const stored = await host.ledger.latest(actor.team_id, run_id)
    const state = stored === null ? await host.runs.status(actor.team_id, run_id, query.wait * 1000) : null
    const receipt = stored ?? state?.result?.receipt
    if (receipt !== undefined) return answer(200, { run_id, status: 'DONE', decision: receipt.decision, outcome: receipt.outcome, receipt })
    if (state === null) throw fault('not_found', `there is no run \`${run_id}\``)
    return answer(200, state.pending ?? running(state, run_id))
  }
})

/** `POST /runs/{run_id}/rollback`. */
export const rollBackRun = route({
  id: 'rollBackRun',
  method: 'POST',
  path: '/runs/:run_id/rollback',
  access: ['run'],
  title: 'Take a run back',
  about:
    'Executes the inverses that were recorded with the run, newest first, and never overwrites newer work. With `dry_run` it shows what it would do.',
  tag: 'runs',
  params: RunPath,
  body: z.strictObject({ dry_run: z.boolean().optional() }),
  idempotent: true,
  answers: ANSWERS,
  async handle({ host, actor, params, body, headers }) {
    const { ports } = host
    const original = await ports.ledger.latest(actor.team_id, params.run_id)
    if (original === null) throw await missing(host, actor, params.run_id)
    if (original.actor.api_key_id !== actor.api_key_id && !isAdmin(actor))
      throw fault('forbidden', 'a rollback needs the key that made the run, or scope `admin`')
    // An admin whom Access vouches for has an address of their own, and takes back what agents did: the receipt says who it was.
    if (actor.via !== 'access') requireUser(actor, original.user_email)
    const installation = host.installation(actor.team_id)
    const dryRun = body.dry_run ?? false
    const key = idempotencyKeyOf(headers)
    const meeting = await meetingOf(actor, original, key, dryRun, ports)
    if (meeting === null || (await host.runs.status(actor.team_id, meeting.run_id, 0)) === null) {
      const plan = await planRollback(actor.team_id, params.run_id, ports).catch(async (error: unknown) => {
        if (error instanceof Fault && error.code === 'signature_invalid') await alarm(host, actor, params.run_id)
        throw error
      })
      if (plan.kind === 'done' && !dryRun) return answer(200, resultOf(plan.receipt))
    }
    const asked = whoAsks(
      { ...actor, attributes: await userAttributes(host, actor, original.user_email) },
      key === null ? ports.ids.runId() : meeting!.run_id,
      original.user_email,
      dryRun ? 'dry_run' : 'enforce',
      key
    )
    const stops = (judged: Judged) => judged.decision === 'BLOCK'
    return start(host, { installation, admit: () => admitRollback(original, asked), stops, meeting, team_id: actor.team_id })
  }
})

/** What is stored is not what was signed. */
function alarm({ ports, alarm: report }: Host, { team_id }: Actor, run_id: string): Promise<void> {
  return report(team_id, { kind: 'tamper', finding: { run_id, kind: 'signature_invalid', repaired: false, at: ports.clock.now() } })
}

/** Without a key, everyone who takes the same run back at once meets in one rollback; a dry run is everyone's own. */
async function meetingOf(actor: Actor, original: Receipt, key: string | null, dryRun: boolean, ports: Ports): Promise<Meeting | null> {
  const digest = requestDigest([`POST /runs/${original.run_id}/rollback`, { dry_run: dryRun }], ports)
  if (key !== null) return { run_id: await idempotentRunId(actor, key, ports), digest, joins: false }
  return dryRun ? null : { run_id: await rollbackRunId(original, ports), digest, joins: true }
}

function whoAsks(actor: Actor, run_id: string, user_email: string, run_mode: RunMode, key: string | null) {
  const { team_id, attributes, api_key_id } = actor
  const links = key === null ? {} : { idempotency_key: key }
  return {
    run_id,
    team_id,
    mode: 'mediated',
    run_mode,
    user_email,
    user_attributes: attributes,
    actor: { api_key_id, session_id: null },
    links
  } as const
}

async function missing(host: Host, actor: Actor, runId: string) {
  const going = await host.runs.status(actor.team_id, runId, 0)
  return going === null
    ? fault('not_found', `there is no run \`${runId}\``)
    : fault('run_in_progress', `run \`${runId}\` is still going on`, { retryAfterSeconds: 1 })
}

function resultOf(receipt: Receipt) {
  const output = Object.fromEntries(receipt.actions_taken.filter((taken) => taken.success).map((taken) => [taken.action, taken.output]))
  return { run_id: receipt.run_id, status: 'DONE', decision: receipt.decision, outcome: receipt.outcome, output, receipt }
}
