// `enact policy lint`: the findings of a configuration for people, programs and code scanning.
import { readFile } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { nodeHash } from '../../adapters/hash/index.ts'
import type { Context } from '../context.ts'
import { Exit, exit, exitAfterAnswer } from '../exit.ts'
import { paint, visible } from '../print.ts'
import { loadConfig, teamConfig } from './config.ts'
import { lint, lintFailure, type Finding } from './lint.ts'
import { lineOf, sarifOf, type Placed } from './sarif.ts'

export interface LintOptions {
  readonly config?: string
  readonly team: string
  readonly format: string
  readonly json?: boolean
}

const FORMATS = ['human', 'json', 'sarif']
const COLOURS = { error: 'red', warning: 'yellow', note: 'gray' } as const

/** Ends with 3 where there is an error or a warning. */
export async function lintConfig(options: LintOptions, context: Context): Promise<void> {
  const format = options.json ? 'json' : options.format
  if (!FORMATS.includes(format)) throw exit('usage', `--format \`${format}\`: must be ${FORMATS.join(', ')}`)
  const { file, findings } = await findingsOf(options, context)
  const source = await readFile(file, 'utf8')
  const uri = relative(process.cwd(), file).split(sep).join('/')
  const placed: Placed[] = findings.map((finding) => ({ ...finding, line: lineOf(finding, source) }))
  const bad = placed.filter(({ level }) => level !== 'note').length
  if (format === 'sarif') context.json(sarifOf(placed, uri))
  else if (format === 'json') context.json({ ok: bad === 0, file: uri, findings: placed })
  else {
    for (const { level, rule, message, line } of placed)
      context.out(`${visible(`${uri}:${line}`)}  ${paint(COLOURS[level], level)}  ${visible(message)}  ${paint('gray', rule)}`)
    context.out(bad === 0 ? 'nothing is wrong' : `${bad} to look at`)
  }
  if (bad > 0) throw exitAfterAnswer('blocked', `${bad} findings`)
}

async function findingsOf(options: LintOptions, context: Context): Promise<{ file: string; findings: Finding[] }> {
  const { file, config } = await loadConfig(options.config)
  try {
    return { file, findings: lint(teamConfig(config, context.env, options.team), nodeHash) }
  } catch (error) {
    if (error instanceof Exit) throw error
    return { file, findings: lintFailure(error) }
  }
}
