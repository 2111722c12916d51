// `enact ui`: the receipt UI over a folder, for whoever sits at this machine.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { ROOT } from '../local/edge.ts'
import { safeJson, visible } from '../print.ts'
import { keysFrom } from '../receipts/verify.ts'
import { secretsOf } from '../receipts/source.ts'
import { startFolderUi, type FolderUi } from '../ui/server.ts'

const PORT = 8790

interface Options {
  readonly dir?: string
  readonly port?: string
  readonly secret?: string
  readonly keys?: string
  readonly json?: boolean
}

/** Adds the options; the group is the command. */
export function register(ui: Command, context: Context): void {
  ui.option('--dir <folder>', 'the folder of receipts (default: ENACT_DIR, else ./receipts)')
    .option('--port <n>', `the port on 127.0.0.1; 0 takes a free one (default: ${PORT}, or a free one where that is taken)`)
    .option('--secret <secret>', 'ENACT_SECRET, which is better: a command line is seen by others; checks the HMAC and signs proofs')
    .option('--keys <file or url>', "the team's published keys (JWKS), where there is no secret")
    .option('--json', 'print one line of JSON, {"url":…}, once it serves')
    .action((options: Options) => serve(options, context))
}

async function serve(options: Options, context: Context): Promise<void> {
  const dir = options.dir ?? (context.env.ENACT_DIR || 'receipts')
  const info = await stat(dir).catch(() => null)
  if (info?.isDirectory() !== true) throw exit('usage', `there is no folder \`${dir}\`: say where the receipts are with --dir`)
  const secret = options.secret ?? context.env.ENACT_SECRET
  const trust = {
    secrets: secretsOf({ ...context, env: { ...context.env, ENACT_SECRET: secret } }),
    keys: options.keys === undefined ? [] : await keysFrom(options.keys)
  }
  const publicDir = builtUi(context)
  const ui = await started(options.port, (port) =>
    startFolderUi({
      dir,
      publicDir,
      port,
      trust,
      onBug: (error) => context.note(`enact: ${error instanceof Error ? error.message : String(error)}`)
    })
  )
  if (options.json) await context.out(safeJson({ url: ui.url, dir }, 0))
  else {
    await context.out(`receipts of ${visible(dir)} on ${ui.url}/app/`)
    if (trust.secrets === null) context.note('without ENACT_SECRET (or --secret) the HMAC is not checked and no checkpoint is signed')
    context.note('only this machine reaches it; Ctrl-C ends it')
  }
  await interrupted()
  await ui.stop()
}

/** The one asked for, or else the usual one or, where something has that already, a free one. */
async function started(asked: string | undefined, start: (port: number) => Promise<FolderUi>): Promise<FolderUi> {
  if (asked !== undefined && !(/^\d{1,5}$/.test(asked) && Number(asked) <= 65_535))
    throw exit('usage', `--port \`${asked}\`: must be 0 to 65535`)
  const port = asked === undefined ? PORT : Number(asked)
  try {
    return await start(port)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE' && asked === undefined) return start(0)
    if (code === 'EADDRINUSE' || code === 'EACCES') throw exit('usage', `port ${port} cannot be had (${code}): give another with --port`)
    throw error
  }
}

/** `public/` with the UI in it, which a fresh clone does not have yet. */
function builtUi(context: Context): string {
  const folder = join(ROOT, 'public')
  if (existsSync(join(folder, 'app', 'index.html'))) return folder
  context.note('building the UI…')
  const done = spawnSync(process.execPath, [join(ROOT, 'scripts', 'ui.ts')], { encoding: 'utf8' })
  if (done.status !== 0)
    throw exit('unexpected', `the UI is not built, and building it failed: run \`npm ci && npm run ui\` (${done.stderr.trim()})`)
  return folder
}

/** Resolves when the user wants it to end, however often they say so. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve())
  })
}
