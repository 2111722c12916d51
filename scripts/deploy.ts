// `npm run deploy`: queues, bucket and database first, then the Worker that needs them. Refuses to put a development setting on the internet.
import { spawnSync } from 'node:child_process'
import { unstable_readConfig } from 'wrangler'
import { ROOT } from '../src/cli/local/edge.ts'

const config = unstable_readConfig({ config: `${ROOT}wrangler.toml` }, { hideWarnings: true })
if (process.env.ENACT_DEV || 'ENACT_DEV' in config.vars) {
  console.error(
    'refused: ENACT_DEV is set, which opens what only this machine may use; take it out of the environment and of wrangler.toml'
  )
  process.exit(2)
}

// wrangler makes databases by itself; queues, and buckets that have a name, it does not.
for (const queue of queues()) if (!run(['queues', 'info', queue], 'ignore') && !run(['queues', 'create', queue])) process.exit(1)

for (const { bucket_name } of config.r2_buckets) {
  if (!bucket_name || run(['r2', 'bucket', 'info', bucket_name], 'ignore') || run(['r2', 'bucket', 'create', bucket_name])) continue
  console.error(
    'R2 holds the files of agents: switch it on in the dashboard (R2 Object Storage), or take [[r2_buckets]] out of wrangler.toml'
  )
  process.exit(1)
}

const exists = run(['d1', 'info', 'DB', '--json'], 'ignore')
// The very first deployment makes the database; until it is migrated, /healthz says so.
const steps = exists ? [migrate, deploy] : [deploy, migrate]
process.exitCode = steps.every((step) => step()) ? 0 : 1
if (process.exitCode === 0)
  console.log(
    'deployed; set the one secret with `npx wrangler secret put ENACT_SECRET` if that is not done, then claim the installation: POST /setup'
  )

interface Consumer {
  readonly queue: string
  readonly dead_letter_queue?: string
}

/** Those that messages go into, those that they are taken from, and those for the dead. */
function queues(): Set<string> {
  const { producers = [], consumers = [] } = config.queues as { producers?: { queue: string }[]; consumers?: Consumer[] }
  const named = [...producers, ...consumers].map(({ queue }) => queue)
  return new Set([...named, ...consumers.flatMap(({ dead_letter_queue }) => dead_letter_queue ?? [])])
}

function migrate(): boolean {
  return run(['d1', 'migrations', 'apply', 'DB', '--remote'])
}

function deploy(): boolean {
  return run(['deploy', ...process.argv.slice(2)])
}

function run(args: readonly string[], output: 'inherit' | 'ignore' = 'inherit'): boolean {
  return spawnSync('wrangler', args, { cwd: ROOT, stdio: ['inherit', output, output], shell: process.platform === 'win32' }).status === 0
}
