// Rollback: a run whose calls are the inverses that this installation's own recorder wrote, newest first. It has no code of any system.
import { isUndone } from './conclude.ts'
import type { Installation } from './config.ts'
import { fault } from './fault.ts'
import { sealContext, type Originals } from './issue.ts'
import { timeText } from './plain.ts'
import type { Journal, Ports } from './ports.ts'
import { previewCall } from './preview.ts'
import { receiptDigest, signReceipt, signingBytes } from './receipt.ts'
import { recordCall, recordKnown, type Running } from './recorder.ts'
import { executeProgram, type RunEnding } from './execute.ts'
import type { Admitted, Judged } from './run.ts'
import type { ActionTaken, Inverse, Receipt } from './schema.ts'

/** One effect of the original run and what can be done about it. `undone` = an earlier rollback took it back. */
export type UndoStep =
  | (Place & { readonly kind: 'inverse'; readonly inverse: Inverse })
  | (Place & { readonly kind: 'irreversible' | 'unknown' | 'undone' })

interface Place {
  /** Of the call, in the original run. */
  readonly ordinal: number
  readonly system: string
  readonly action: string
}

/** What a rollback will do, newest effect first; or the receipt of the one that has already undone everything it could. */
export type RollbackPlan =
  | { readonly kind: 'plan'; readonly original: Receipt; readonly steps: readonly UndoStep[] }
  | { readonly kind: 'done'; readonly receipt: Receipt }

/**
 * Plans the rollback of a run from its verified receipt. Throws `not_found`, `nothing_to_undo`, or `signature_invalid`
 * where the receipt is not one that this installation's keys signed. `self` is the rollback that is asking, when it resumes.
 */
export async function planRollback(
  teamId: string,
  runId: string,
  ports: Pick<Ports, 'ledger' | 'keys' | 'hash' | 'sealed'>,
  self: string | null = null
): Promise<RollbackPlan> {
  const original = await ports.ledger.latest(teamId, runId)
  if (original === null) throw fault('not_found', `there is no run \`${runId}\``)
  await checkAuthority(original, teamId, runId, ports)
  const { rolled_back_by } = original.links
  const previous = rolled_back_by === undefined || rolled_back_by === self ? null : await ports.ledger.latest(teamId, rolled_back_by)
  if (previous !== null && previous.actions_taken.every((taken) => isUndone(taken) || taken.status === 'IRREVERSIBLE'))
    return { kind: 'done', receipt: previous }
  const inverses = await originalInverses(original, ports)
  const steps = original.actions_taken
    .map((taken, ordinal) => undoStep(taken, ordinal, inverses[ordinal] ?? null, previous))
    .filter((step) => step !== null)
  if (steps.length === 0) throw fault('nothing_to_undo', `no call of run \`${runId}\` had an effect`)
  return { kind: 'plan', original, steps: steps.reverse() }
}

/** A rollback as a request to be judged: by the policies whose `on` names `rollback`. */
export function admitRollback(original: Receipt, asked: Omit<Admitted, 'workflow' | 'payload'>): Admitted {
  return {
    ...asked,
    workflow: `rollback:${original.workflow}`,
    payload: { original_run_id: original.run_id, rollback: true },
    links: { ...asked.links, rollback_of: original.run_id }
  }
}

/** Executes a judged rollback over its journal and links the original to it. Every step is tried; none overwrites newer work. */
export async function executeRollback(installation: Installation, judged: Judged, ports: Ports, journal: Journal): Promise<RunEnding> {
  const ending = await executeProgram(installation, judged, ports, journal, {
    async resources({ order }) {
      const original = await ports.ledger.latest(order.team_id, order.links.rollback_of ?? '')
      return (
        original?.actions_taken
          .filter((taken) => taken.status === 'DONE' && taken.rollback_data !== null)
          .flatMap((taken) => taken.resources) ?? []
      )
    },
    async run(running) {
      const { team_id, run_id, run_mode, links } = running.order
      const plan = await planRollback(team_id, links.rollback_of ?? '', ports, run_id)
      if (plan.kind === 'done') return
      for (const step of plan.steps) await undo(running, installation, step, run_mode === 'dry_run')
    }
  })
  if (ending.status === 'DONE' && ending.receipt.run_mode !== 'dry_run' && ending.receipt.actions_taken.length > 0)
    await linkOriginal(ending.receipt, ports)
  return ending
}

async function undo(running: Running, installation: Installation, step: UndoStep, preview: boolean): Promise<void> {
  const { system, ordinal } = step
  const known = (line: KnownLine) =>
    recordKnown(running, system, step.action, ordinal, { ...line, success: line.error === null, output: {} })
  if (step.kind !== 'inverse') return void (await known(WITHOUT_CALL[step.kind](step.action)))
  const { inverse } = step
  const target = installation.target(system, inverse.action)
  if (target === null || target.system.missing !== null) {
    const message = `system \`${system}\` is not configured with \`${inverse.action}\` any more`
    return void (await known({ status: 'FAILED', error: { code: 'system_off', message } }))
  }
  if (preview) await recordKnown(running, system, inverse.action, ordinal, await previewCall(running, target, inverse))
  else await recordCall(running, target, inverse.input, { expect: inverse.expect, undoes: ordinal })
}

type KnownLine = Pick<ActionTaken, 'status' | 'error'>
const WITHOUT_CALL: Record<'undone' | 'irreversible' | 'unknown', (action: string) => KnownLine> = {
  undone: () => ({ status: 'ALREADY', error: null }),
  irreversible: (action) => ({ status: 'IRREVERSIBLE', error: { code: 'irreversible', message: `\`${action}\` cannot be undone` } }),
  unknown: (action) => ({
    status: 'UNKNOWN',
    error: { code: 'effect_unknown', message: `whether \`${action}\` took effect is not known: look by hand` }
  })
}

function undoStep(taken: ActionTaken, ordinal: number, inverse: ActionTaken['rollback_data'], previous: Receipt | null): UndoStep | null {
  const step = { ordinal, system: taken.system, action: taken.action }
  if (taken.status === 'UNKNOWN') return { ...step, kind: 'unknown' }
  if (taken.status !== 'DONE' || inverse === null) return null
  if (inverse === 'irreversible') return { ...step, kind: 'irreversible' }
  const before = previous?.actions_taken.find((one) => one.output.undoes === ordinal)
  return before !== undefined && isUndone(before) ? { ...step, kind: 'undone' } : { ...step, kind: 'inverse', inverse }
}

/** INVARIANT: nothing is executed but what stands under a valid HMAC of this team's key, in a mediated or embedded, enforced run. */
async function checkAuthority(original: Receipt, teamId: string, runId: string, ports: Pick<Ports, 'keys' | 'hash'>): Promise<void> {
  if (original.team_id !== teamId || original.run_id !== runId)
    throw fault('signature_invalid', 'the stored receipt is not the one asked for')
  const keyring = await ports.keys.team(teamId)
  const checks = await keyring.verify(signingBytes(original, ports.hash), original.signatures)
  const sound =
    checks.some((check) => check.alg === 'HMAC-SHA256' && check.status === 'valid') && checks.every((check) => check.status !== 'invalid')
  if (!sound) throw fault('signature_invalid', `the receipt of run \`${runId}\` does not verify: nothing was undone`)
  if (original.mode !== 'mediated' && original.mode !== 'embedded')
    throw fault('nothing_to_undo', `run \`${runId}\` was executed elsewhere: its rollback data is shown, never run`)
  if (original.run_mode !== 'enforce') throw fault('nothing_to_undo', `run \`${runId}\` was a ${original.run_mode} run`)
  if (original.workflow.startsWith('rollback:'))
    throw fault('nothing_to_undo', `run \`${runId}\` is itself a rollback: run its workflow again instead`)
}

/** The inverses as they were before redaction. */
async function originalInverses(
  original: Receipt,
  ports: Pick<Ports, 'keys' | 'sealed' | 'hash'>
): Promise<readonly ActionTaken['rollback_data'][]> {
  if (original.sealed_digest === undefined) return original.actions_taken.map((taken) => taken.rollback_data)
  const keyring = await ports.keys.team(original.team_id)
  const sealed = await ports.sealed.get(original.team_id, original.run_id)
  if (sealed === null) throw fault('signature_invalid', `the sealed originals of run \`${original.run_id}\` are gone`)
  const plain = await keyring.open(sealed, sealContext(original.run_id)).catch(() => null)
  if (plain === null || !(await keyring.isCommitment(plain, original.sealed_digest))) {
    throw fault('signature_invalid', `the sealed originals of run \`${original.run_id}\` are not those that its receipt commits to`)
  }
  return (JSON.parse(ports.hash.text(plain)) as Originals).rollback_data
}

/** Writes the next revision of the original, linked to its rollback. Doing it twice changes nothing. */
async function linkOriginal({ team_id, run_id, links }: Receipt, ports: Ports): Promise<void> {
  const latest = await ports.ledger.latest(team_id, links.rollback_of ?? '')
  if (latest === null || latest.links.rolled_back_by === run_id) return
  const { signatures: _signatures, ledger: _ledger, ...body } = latest
  const next = {
    ...body,
    revision: body.revision + 1,
    amends: receiptDigest(latest, ports.hash),
    links: { ...body.links, rolled_back_by: run_id },
    timestamp: timeText(ports.clock.now())
  }
  await ports.ledger.append(team_id, await signReceipt(next, await ports.keys.team(team_id), ports.hash))
}
