// What comes from the network is read before it is run.
import * as z from 'zod'
import { type CommandLine, definePolicy, deny, isShellName, judgeTool, languageOf, spelt } from '../../engine/index.ts'
import { Command, ON_SHELL } from './judged.ts'

const DOWNLOADERS: ReadonlySet<string> = new Set([
  'curl',
  'wget',
  'fetch',
  'http',
  'https',
  'xh',
  'aria2c',
  'lynx',
  'nc',
  'ncat',
  'netcat',
  'socat',
  'iwr',
  'irm',
  'invoke-webrequest',
  'invoke-restmethod'
])
const RUNNERS: ReadonlySet<string> = new Set(['eval', 'source', '.', 'iex', 'invoke-expression', 'xargs', 'at', 'batch', 'crontab'])

/** Denies running what a download brings: `curl … | sh`, `bash <(curl …)`, `eval "$(wget …)"`, `python -c "$(curl …)"`, or a file just downloaded by the same text. */
export const blockCurlPipeShell = definePolicy({
  id: 'block_curl_pipe_shell',
  title: 'No running of downloads unread',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      ({ lines, hidden, files }) => {
        const remedy = 'download to a file, read it, then run it; or install from a package manager'
        if (hidden.length > 0) return deny(`${hidden[0]!} cannot be read before`, { remedy: 'write the program in plain words' })
        const downloads = lines.filter((line) => DOWNLOADERS.has(line.program ?? ''))
        if (downloads.length === 0) return null
        const pipelines = new Set(downloads.map((line) => line.command.pipeline))
        const run = lines.find((line) => pipelines.has(line.command.pipeline) && runsUnread(line))
        if (run !== undefined) return deny(`\`${spelt(run)}\` runs what \`${spelt(downloads[0]!)}\` brings, unread`, { remedy })
        const written = new Set(
          files.filter((file) => file.act === 'write' && DOWNLOADERS.has(file.by)).map((file) => file.path.replace(/^\.\//, ''))
        )
        const later = lines.find((line) => runsFile(line, written))
        return later === undefined ? null : deny(`\`${spelt(later)}\` runs a file that was just downloaded, unread`, { remedy })
      },
      'nothing is run from the network unread'
    )
})

/** A shell or interpreter that reads its program from a pipe or from a substitution. */
function runsUnread({ program, words, command }: CommandLine): boolean {
  if (program === null) return command.words[0]!.text.startsWith('$(') || command.words[0]!.text.startsWith('`')
  if (RUNNERS.has(program)) return program !== 'xargs'
  const isRunner = isShellName(program)
  if (!isRunner && languageOf(program) === null) return false
  const unknown = command.words.slice(1).some((word) => !word.literal && /^(?:[<$]\(|`|")|[<$]\(/.test(word.text))
  const readsInput =
    command.source !== null &&
    words.every((word) => word.startsWith('-') || word === '/dev/stdin') &&
    !words.some((word) => /^-(?:c|e|m|r)/.test(word))
  return unknown || readsInput || (isRunner && command.source !== null && words[0] === '-s')
}

function runsFile({ program, words, command }: CommandLine, written: ReadonlySet<string>): boolean {
  if (written.size === 0 || program === null) return false
  const name = command.words[0]!.text.replace(/^\.\//, '')
  if (written.has(name)) return true
  return (isShellName(program) || program === 'source' || program === '.') && words.some((word) => written.has(word.replace(/^\.\//, '')))
}
