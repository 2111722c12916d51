// What a program given in a command does to files, databases, the network and the shell: a table of calls.
import { type CodeCall, codeCalls } from './code_scan.ts'
import { type CommandLine, optionValues } from './command_line.ts'
import type { FileUse } from './file_use.ts'
import type { RequestUse } from './request_use.ts'
import { within } from './shell_command.ts'
import type { SqlUse } from './sql_use.ts'

/** What the calls of a program come to. */
export interface CodeUse {
  readonly files: readonly FileUse[]
  readonly queries: readonly SqlUse[]
  readonly requests: readonly RequestUse[]
  readonly calls: readonly CodeCall[]
  /** Shell texts that it runs. */
  readonly scripts: readonly string[]
  /** What it builds while it runs, so that nobody can read it before. */
  readonly hidden: readonly string[]
}

interface Language {
  readonly options: readonly string[]
  readonly hash: boolean
  readonly backticks: boolean
}
const SCRIPT = { options: ['-e', '-E', '--eval', '-p', '--print', '-pe'], hash: false, backticks: false }
const LANGUAGES: readonly (readonly [name: RegExp, language: Language])[] = [
  [/^(?:python|pypy)[\d.]*$|^py$/, { options: ['-c'], hash: true, backticks: false }],
  [/^(?:node|nodejs|bun|deno|tsx|ts-node)$/, SCRIPT],
  [/^(?:ruby|perl)[\d.]*$/, { options: ['-e', '-E', '-ne', '-pe', '-le', '-lne'], hash: true, backticks: true }],
  [/^php[\d.]*$/, { options: ['-r'], hash: false, backticks: true }],
  [/^(?:lua|luajit|rscript)$/, { options: ['-e'], hash: true, backticks: false }],
  [/^(?:mongosh|mongo)$/, { options: ['--eval'], hash: false, backticks: false }],
  [/^[gmn]?awk$/, { options: [], hash: true, backticks: false }],
  [/^osascript$/, { options: ['-e'], hash: true, backticks: false }]
]

/** `rails runner 'User.delete_all'`. */
function isRunner({ program, operands }: CommandLine): boolean {
  return (program === 'rails' || program === 'gitlab-rails') && (operands[0] === 'runner' || operands[0] === 'r')
}

/** The language whose text a command runs, or null. */
export function languageOf(program: string): Language | null {
  return LANGUAGES.find(([name]) => name.test(program))?.[1] ?? null
}

/** The program texts of a command: those of its options, and its input where it reads its program from there. */
export function programTexts(line: CommandLine): readonly string[] {
  const language = languageOf(line.program ?? '')
  if (language === null) return isRunner(line) ? line.operands.slice(1) : []
  if (line.program?.endsWith('awk') === true) return line.operands.slice(0, 1)
  const given = optionValues(line, ...language.options)
  if (line.program === 'deno' && line.operands[0] === 'eval') return line.operands.slice(1, 2)
  const isFed = given.length === 0 && line.operands.every((word) => word === '-')
  return isFed ? line.command.input : given
}

const NOTHING: CodeUse = { files: [], queries: [], requests: [], calls: [], scripts: [], hidden: [] }
const SHELL_CALL =
  /(?:^|[.:>])(?:system|popen\d?|shell_exec|passthru|proc_open|execSync|exec|execFile(?:Sync)?|spawn(?:Sync)?|getoutput|getstatusoutput|capture[23]e?|create_subprocess_(?:shell|exec)|qx)$|^`$|^(?:subprocess|sp)\.(?:run|call|check_call|check_output|Popen)$|^(?:Popen|check_output|check_call)$|^(?:Bun\.)?\$$|^Deno\.Command$|^os\.execute$|^script$/
const DEEP_DELETE =
  /(?:^|[.:>])(?:rmtree|remove_tree|rm_rf|rm_r|remove_dir|remove_entry(?:_secure)?|rimraf|rimrafSync|removedirs|rmdirSync|emptyDir(?:Sync)?|removeSync|rimraf\.sync)$/
const DELETE =
  /^(?:os\.(?:remove|unlink|rmdir|removedirs)|(?:fs|fsp|fsPromises|promises)(?:\.promises)?\.(?:rm|rmSync|unlink|unlinkSync|rmdir|rmdirSync)|rmSync|unlinkSync|rmdirSync|unlink|rmdir|File\.(?:delete|unlink)|Dir\.(?:rmdir|delete)|FileUtils\.rm(?:_f)?|\.(?:unlink|rmdir)|\.(?:rmSync|unlinkSync|rmdirSync|rm)|Deno\.remove(?:Sync)?)$/
const READ =
  /(?:^|[.:>])(?:open|readFile|readFileSync|read_text|read_bytes|readlines|file_get_contents|fopen|createReadStream|readTextFile)$|^(?:File|IO)\.(?:read|open|readlines)$/
const WRITE =
  /(?:^|[.:>])(?:writeFile|writeFileSync|appendFile|appendFileSync|write_text|write_bytes|file_put_contents|createWriteStream|writeTextFile)$|^File\.write$/
const QUERY = /(?:^|[.:>])(?:execute|executemany|executescript|exec|query|raw|run|prepare|unsafe|\$executeRawUnsafe|\$queryRawUnsafe)$/
const REQUEST = /^(?:requests|httpx|axios|session|client|http|got|ky)\.(delete|post|put|patch)$|^fetch$|^(?:requests|axios)\.request$/
/** Object mappers that delete every row of a model. */
const SWEEPING =
  /\b([A-Za-z_]\w{0,63})(?:\.objects)?(?:\.all(?:\(\))?)?\.(?:delete_all|destroy_all|truncate|deleteMany\(\s*(?:\{\s*\})?\s*\))(?![\w])|\.objects\.all\(\)\.delete\(\)/
const SQL_HEAD = /^\s*(?:drop|delete|truncate|update|alter|with|select|insert|create|grant|revoke)\s/i
const DECODERS = /b64decode|atob|fromCharCode|fromhex|unhexlify|decompress|from_base64|decode64|rot13|Buffer\.from/

/** Reads the calls of one program text. */
export function codeUse(text: string, line: CommandLine): CodeUse {
  const language = languageOf(isRunner(line) ? 'ruby' : (line.program ?? ''))
  if (language === null) return NOTHING
  const by = line.program!
  const calls = codeCalls(text, language.hash, language.backticks)
  const use = {
    calls,
    files: [] as FileUse[],
    queries: [] as SqlUse[],
    requests: [] as RequestUse[],
    scripts: [] as string[],
    hidden: [] as string[]
  }
  const add = (act: FileUse['act'], call: CodeCall, isDeep: boolean) => {
    const [path] = call.strings
    use.files.push({
      act,
      path: path === undefined ? `$${call.names[0] ?? 'unknown'}` : within(line.command.folder, path),
      isDeep,
      isKnown: path !== undefined,
      by
    })
  }
  // `from subprocess import run`.
  const spawns = text.includes('subprocess')
  const sweeping = SWEEPING.exec(text)
  if (sweeping !== null) use.queries.push({ text: `DELETE FROM every_${sweeping[1] ?? 'row'}`, dialect: 'other', by })
  for (const call of calls) {
    const { name, strings, names } = call
    if (/^(?:eval|exec|Function|instance_eval|execfile)$/.test(name) && names.some((one) => DECODERS.test(one)))
      use.hidden.push(`code that ${by} decodes and runs`)
    if (SHELL_CALL.test(name) || (spawns && /^(?:run|call)$/.test(name))) {
      if (strings.length > 0 && !(SQL_HEAD.test(strings[0]!) && strings.length === 1)) use.scripts.push(scriptOf(call))
      else if (strings.length === 0 && names.some((one) => DECODERS.test(one))) use.hidden.push(`a command that ${by} decodes and runs`)
    }
    if (DEEP_DELETE.test(name)) add('delete', call, true)
    else if (DELETE.test(name))
      add(
        'delete',
        call,
        names.some((one) => /recursive/.test(one))
      )
    else if (WRITE.test(name) || (/(?:^|\.)open$/.test(name) && strings.slice(1).some((mode) => /^[wax]/.test(mode))))
      add('write', call, false)
    else if (READ.test(name) && strings.length > 0) add('read', call, false)
    if (QUERY.test(name))
      for (const sql of strings.filter((one) => SQL_HEAD.test(one))) use.queries.push({ text: sql, dialect: 'other', by })
    const request = REQUEST.exec(name)
    if (request !== null && strings.length > 0) {
      const method = request[1] ?? strings.find((one) => /^(delete|post|put|patch)$/i.test(one)) ?? 'GET'
      use.requests.push({
        url: strings.find((one) => one.includes('://')) ?? strings[0]!,
        method: method.toUpperCase(),
        body: strings.slice(1).join('\n'),
        by
      })
    }
    if (/(?:^|\.)(?:dropDatabase|drop|deleteMany|remove)$/.test(name) && by.startsWith('mongo')) use.queries.push(mongoUse(call, by))
  }
  return use
}

/** `['rm', '-rf', '/']` are words, one string alone is a shell text. */
function scriptOf({ strings, names }: CodeCall): string {
  if (strings.length === 1)
    return names.length > 0 && /^\S+$/.test(strings[0]!) ? `${strings[0]!} "$${names[0]!.replaceAll(/\W/g, '_')}"` : strings[0]!
  // `spawn('rm', ['-rf', x], { stdio: 'inherit' })`
  return strings
    .map((word) => (/^[\w./:=@%+,~*-]+$/.test(word) || strings[0]!.includes(' ') ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}

function mongoUse({ name, strings }: CodeCall, by: string): SqlUse {
  const text = name.endsWith('dropDatabase')
    ? 'DROP DATABASE mongo'
    : name.endsWith('drop')
      ? 'DROP TABLE mongo'
      : `DELETE FROM mongo${strings.length > 0 ? ' WHERE picked' : ''}`
  return { text, dialect: 'other', by }
}
