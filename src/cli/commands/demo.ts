// `enact demo`: BLOCK, PASS and ROLLBACK with real rows, and every receipt checked offline at the end.
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { block, pass, rollBack } from '../demo/acts.ts'
import { checksOf } from '../demo/checks.ts'
import { bytesChanged, exportEvidence, verifyOffline } from '../demo/evidence.ts'
import { reportOf } from '../demo/report.ts'
import { blockText, closingText, openingText, passText, proofText, rollbackText } from '../demo/show.ts'
import { setStage, type Stage } from '../demo/stage.ts'
import { exitAfterAnswer } from '../exit.ts'

interface Options {
  readonly json?: boolean
  readonly keep?: boolean
  readonly out?: string
}

/** Adds the demo's options. */
export function register(demo: Command, context: Context): void {
  demo
    .option('--keep', 'leave it running afterwards, and say where and with which key')
    .option('--out <folder>', 'keep the receipts, keys and checkpoint there')
    .action((options: Options) => playDemo(options, context))
}

async function playDemo(options: Options, context: Context): Promise<void> {
  const began = performance.now()
  context.note('starting a real Postgres and the Worker on this machine …')
  const stage = await setStage()
  try {
    await playOn(stage, began, options, context)
  } finally {
    await stage.stop()
  }
}

async function playOn(stage: Stage, began: number, options: Options, context: Context): Promise<void> {
  const say = (text: string) => (options.json ? undefined : context.out(`${text}\n`))
  say(openingText())
  const blocked = await block(stage)
  say(blockText(blocked))
  const passed = await pass(stage)
  say(passText(passed))
  const rolledBack = await rollBack(stage, passed)
  say(rollbackText(rolledBack, passed))

  const acts = [blocked, passed, rolledBack]
  const exhibits = acts.flatMap((act) => act.exhibits)
  const evidence = await exportEvidence(options.out === undefined ? join(stage.folder, 'receipts') : resolve(options.out), exhibits, stage)
  const running = options.keep ? stage : null
  if (running === null) await stage.stop()
  const verification = await verifyOffline(evidence.receipts, evidence)
  const changed = await verifyOffline(evidence.changed, evidence)
  const checks = checksOf({
    block: blocked,
    pass: passed,
    rollback: rolledBack,
    verification,
    changed,
    bytesChanged: await bytesChanged(evidence)
  })
  const kept = options.out === undefined ? null : evidence
  const seconds = (performance.now() - began) / 1000
  say(proofText(verification, changed, exhibits, running === null))
  if (options.json) context.json(reportOf({ acts, verification, changed, checks, seconds, kept, running }))
  else context.out(closingText(checks, seconds, kept, running))
  if (options.keep) await untilInterrupted()
  const failed = checks.filter(({ held }) => !held)
  if (failed.length > 0)
    throw exitAfterAnswer(
      verification.ok ? 'unexpected' : 'verification',
      `the demo failed: ${failed.map(({ claim }) => claim).join('; ')}`
    )
}

/** The listeners of the stage end the process. */
function untilInterrupted(): Promise<never> {
  return new Promise(() => undefined)
}
