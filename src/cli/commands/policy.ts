// `enact policy`: which policies there are, and whether they say what a file of cases expects.
import type { Command } from 'commander'
import { memoryFacts } from '../../adapters/facts/memory.ts'
import { nodeParsers } from '../../adapters/parsers/node.ts'
import type { Json, JsonObject } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { exitAfterAnswer } from '../exit.ts'
import { lintConfig, type LintOptions } from '../policy/lint_command.ts'
import { replayReceipts, type ReplayOptions } from '../policy/replay_command.ts'
import { type BoundCase, type CaseResult, judgeCase, readCases } from '../policy/cases.ts'
import { describeCatalogue, type ParameterDescription } from '../policy/describe.ts'
import { paint, safeJson, table, visible } from '../print.ts'

/** Adds `list`, `test`, `lint` and `replay`. */
export function register(command: Command, context: Context): void {
  command
    .command('list')
    .description('every policy with its parameters, what it reads and what it guards')
    .option('--json', 'print JSON for programs')
    .action((options: { json?: boolean }) => {
      const policies = describeCatalogue()
      if (options.json) context.json(policies)
      else
        context.out(
          table([
            ['FAMILY', 'POLICY', 'TITLE', 'PARAMETERS'],
            ...policies.map((one) => [one.family, one.id, one.title, one.params.map(parameterText).join(', ')])
          ])
        )
    })
  command
    .command('test')
    .description('judge the cases of JSON or NDJSON files')
    .argument('<file...>', 'files of cases')
    .option('--json', 'print one result object a case, one a line')
    .action((files: string[], options: { json?: boolean }) => testFiles(files, options.json === true, context))
  command
    .command('lint')
    .description('what is wrong with a configuration')
    .option('--config <file>', 'the configuration (default: enact.config.ts)')
    .option('--team <team_id>', 'whose', 'dev')
    .option('--format <format>', 'human, json or sarif (2.1.0)', 'human')
    .option('--json', 'as --format json')
    .action((options: LintOptions) => lintConfig(options, context))
  command
    .command('replay')
    .description('judge the receipts of a period again, and show which decisions change')
    .option('--config <file>', 'with this configuration (default: enact.config.ts)')
    .option('--from <time>', 'not before this day or time (UTC)')
    .option('--to <time>', 'before this day or time (UTC)')
    .option('--dir <folder>', 'a folder of receipts on this machine')
    .option('--url <address>', 'an Enact installation (ENACT_URL)')
    .option('--key <key>', 'its API key (ENACT_API_KEY)')
    .option('--json', 'print JSON for programs')
    .action((options: ReplayOptions) => replayReceipts(options, context))
}

function parameterText(parameter: ParameterDescription): string {
  return 'default' in parameter ? `${parameter.name} (${JSON.stringify(parameter.default)})` : parameter.name
}

async function testFiles(files: readonly string[], json: boolean, context: Context): Promise<void> {
  // All files are checked before the first case is judged: a usage error leaves no half answer.
  const cases: { file: string; bound: BoundCase }[] = []
  for (const file of files) for (const bound of await readCases(file)) cases.push({ file, bound })
  const parsers = nodeParsers()
  const now = Date.now()
  let failed = 0
  for (const { file, bound } of cases) {
    // The parser starts anew after a text that exhausted it.
    await parsers.load(bound.policy.parses)
    const result = judgeCase(bound, now, await hostFacts(bound, context), parsers)
    if (!result.ok) failed++
    if (json) context.out(safeJson(files.length > 1 ? { ...result, file } : result, 0))
    else if (!result.ok)
      context.out(`${paint('red', 'failed')}  ${visible(`${file}, case ${result.index}: ${failureText(result, bound)}`)}`)
  }
  const summary = failed === 0 ? `${cases.length} passed` : `${failed} of ${cases.length} failed`
  if (!json) context.out(summary)
  if (failed > 0) throw exitAfterAnswer('unexpected', summary)
}

/** What an embedded host would know by itself: `code_freeze` while `ENACT_FREEZE` is set. */
async function hostFacts({ policy }: BoundCase, { env }: Context): Promise<JsonObject> {
  const facts = memoryFacts({}, env)
  const read = await Promise.all(policy.facts.map(async (name) => [name, await facts.read('', name)] as const))
  return Object.fromEntries(read.filter((one): one is readonly [string, Json] => one[1] !== undefined))
}

function failureText(result: CaseResult, { given }: BoundCase): string {
  if (result.got !== result.expect) return `\`${result.policy}\` was to ${result.expect}, but said ${result.got}: ${result.reason}`
  return `\`${result.policy}\` said ${result.got}, but its reason does not mention ${given.reason_mentions.map((part) => `\`${part}\``).join(', ')}: ${result.reason}`
}
