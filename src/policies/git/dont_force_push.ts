// History that others may have is never overwritten.
import * as z from 'zod'
import {
  allow,
  argvCommands,
  definePolicy,
  deny,
  forcedPush,
  type JudgedContext,
  type Parsed,
  quoted,
  readTool,
  type ShellCommand,
  shellCommands
} from '../../engine/index.ts'

const Words = z.union([z.string(), z.array(z.string())])
type Words = z.infer<typeof Words>

/** Denies a `git push` with any form of force in `command`, in `args`, or in both together; a push whose words only the shell will know counts. */
export const dontForcePush = definePolicy({
  id: 'dont_force_push',
  title: 'No forced pushes',
  params: z.strictObject({}),
  reads: z.object({ args: Words.optional(), command: Words.optional() }),
  parses: ['shell'],
  evaluate(context) {
    const { args, command } = context.reads
    for (const read of readings(command, args, context)) {
      if (!read.ok) return deny(`\`command\` is ${read.error}`, { remedy: 'write the command in plain words' })
      for (const one of read.tree) {
        const forced = forcedPush(one)
        if (forced === null) continue
        if (forced.certain)
          return deny(`${quoted(forced.by)} makes this a forced push, which overwrites history`, {
            remedy: 'push without force, to a new branch if need be'
          })
        return deny(`${quoted(forced.by)} cannot be seen here and could force the push`, {
          remedy: 'write out every option and branch of `git push`'
        })
      }
    }
    return allow('there is no forced push')
  }
})

/** A command given as a text was read for other policies already. */
function shared(context: JudgedContext): Parsed<readonly ShellCommand[]> {
  const reading = readTool(context)
  return reading.ok ? { ok: true, tree: reading.tree.lines.map((line) => line.command) } : reading
}

/** `args` may belong to `command`, be an argv of their own, or be those of git. */
function readings(command: Words | undefined, args: Words | undefined, context: JudgedContext): Parsed<readonly ShellCommand[]>[] {
  const { parsers } = context
  const read = (words: Words) => (typeof words === 'string' ? shellCommands(words, parsers) : argvCommands(words, parsers))
  const found = command === undefined ? [] : [typeof command === 'string' ? shared(context) : read(command)]
  if (args === undefined) return found
  if (command !== undefined) {
    if (typeof command === 'string' && typeof args === 'string') return [...found, read(`${command} ${args}`)]
    const before = typeof command === 'string' ? command.trim().split(/\s+/) : command
    return [...found, read([...before, ...(typeof args === 'string' ? args.trim().split(/\s+/) : args)])]
  }
  const first = typeof args === 'string' ? args.trim().split(/\s/, 1)[0]! : (args[0] ?? '')
  const ofGit = first === 'push' || first.startsWith('-')
  return [read(args), ...(ofGit ? [read(typeof args === 'string' ? `git ${args}` : ['git', ...args])] : [])]
}
