// `enact demo`: BLOCK, PASS and ROLLBACK with real rows, and every receipt checked offline at the end.
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { block, pass, rollBack, type Acts } from '../demo/acts.ts'
import { checksOf, type Check } from '../demo/checks.ts'
import { exportEvidence, prove } from '../demo/evidence.ts'
import { reportOf } from '../demo/report.ts'
import { blockText, closingText, openingText, passText, proofText, rollbackText } from '../demo/show.ts'
import { setStage, temporaryFolder, type Stage } from '../demo/stage.ts'
import { EXIT, exitAfterAnswer } from '../exit.ts'

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
  const say = (text: string) => (options.json ? undefined : context.out(`${text}\n`))
  const folder = await temporaryFolder()
  context.note('starting a real Postgres and the Worker on this machine, about ten seconds …')
  const stage = await setStage(folder)
  try {
    const acts = await playActs(stage, say)
    const exhibits = [...acts.block.exhibits, ...acts.pass.exhibits, ...acts.rollback.exhibits]
    const files = await exportEvidence(options.out === undefined ? join(folder, 'receipts') : resolve(options.out), exhibits, stage)
    const running = options.keep ? stage : null
    if (running === null) await stage.stop()
    const proof = await prove(files)
    say(proofText(proof, exhibits, running === null))
    const checks = checksOf(acts, proof)
    const ending = { checks, seconds: (performance.now() - began) / 1000, kept: options.out === undefined ? null : files, running }
    if (options.json) context.json(reportOf(acts, proof, ending))
    else context.out(closingText(ending))
    if (checks.some(({ held }) => !held)) throw failure(checks, proof.verification.ok)
    if (running !== null) await untilInterrupted()
  } finally {
    await stage.stop()
  }
}

/** Each act is told as soon as it is over. */
async function playActs(stage: Stage, say: (text: string) => unknown): Promise<Acts> {
  say(openingText())
  const blocked = await block(stage)
  say(blockText(blocked))
  const passed = await pass(stage)
  say(passText(passed))
  const rolledBack = await rollBack(stage, passed)
  say(rollbackText(rolledBack, passed))
  return { block: blocked, pass: passed, rollback: rolledBack }
}

function failure(checks: readonly Check[], isVerified: boolean): Error {
  const failed = checks.filter(({ held }) => !held).map(({ claim }) => claim)
  return exitAfterAnswer(isVerified ? 'unexpected' : 'verification', `the demo failed: not so: ${failed.join('; ')}`)
}

/** Ctrl-C is then the good end. */
function untilInterrupted(): Promise<never> {
  process.exitCode = EXIT.ok
  return new Promise(() => undefined)
}
