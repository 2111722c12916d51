// A thread that exchanges a folder, and a file in it, for links out of the base, as fast as it can, until it is told to stop.
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'

const { base, outside, stop } = workerData as { base: string; outside: string; stop: Int32Array }
const [docs, aside, file] = [join(base, 'docs'), join(base, 'aside'), join(base, 'docs', 'x.txt')]
let rounds = 0

// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort!.postMessage('ready')
while (Atomics.load(stop, 0) === 0) {
  rounds++
  attempt(() => renameSync(docs, aside))
  attempt(() => symlinkSync(outside, docs))
  attempt(() => unlinkSync(docs))
  attempt(() => renameSync(aside, docs))
  attempt(() => mkdirSync(docs))
  attempt(() => rmSync(file))
  attempt(() => symlinkSync(join(outside, 'x.txt'), file))
  attempt(() => unlinkSync(file))
  attempt(() => writeFileSync(file, 'inside'))
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort!.postMessage(rounds)

/** Whatever the other side has done in between. */
function attempt(act: () => void): void {
  try {
    act()
  } catch {
    // The next round tries again.
  }
}
