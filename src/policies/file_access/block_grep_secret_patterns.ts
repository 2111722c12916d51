// Nobody looks for secrets by their form.
import * as z from 'zod'
import { definePolicy, deny, judgeTool, optionValues, quoted } from '../../engine/index.ts'

const GREPS: ReadonlySet<string> = new Set(['grep', 'egrep', 'fgrep', 'rg', 'ag', 'ack', 'ugrep', 'zgrep'])
// The literal beginnings of keys, and what stands before a value.
const SHAPES =
  /AKIA|ASIA[\\[A-Z]|(?<![a-z])sk-(?:ant|proj|live|\[|\w{3,}|\\)|\b[sr]k_live|gh[pousr]_|github_pat_|glpat-|xox[bpaors[]|AIza|ya29|SG\\?\.|npm_\[|BEGIN[ \\sA-Z.*+]*PRIVATE|PRIVATE KEY|eyJ[\w\\[]|hooks\\?\.slack\\?\.com/
const NAMES =
  /aws_?(?:secret|access|session)|(?:api|secret|private|access|auth|encryption|signing|service|account|master|deploy)[^a-z]{0,8}(?:key|token|secret)\b|client[^a-z]{0,8}secret|bearer|authorization:|connection_?string|database_url|credentials?\b/i
const ASSIGNED = /(?:passw(?:or)?d|pwd|secret|token|passphrase)\w*(?:\\s[*+?]|\s|["'\][()\\])*[=:]/i
const ALONE =
  /^[\\(\s^]*(?:\(\?i\))?(?:passwords?|passwd|secrets?|passphrases?|credentials?|api_?keys?|tokens?)(?:\s*\\?\|\s*[(]?(?:passwords?|passwd|pwd|secrets?|passphrases?|credentials?|api[_-]?keys?|tokens?|private[_-]?keys?)[)]?)*[)\s$]*$/i

/** Denies a search whose pattern is the form of a secret (`AKIA…`, `BEGIN PRIVATE KEY`), the name of one (`aws_secret_access_key`), or a value after one (`password\s*=`). */
export const blockGrepSecretPatterns = definePolicy({
  id: 'block_grep_secret_patterns',
  title: 'No searching for secrets',
  params: z.strictObject({}),
  reads: z.object({ grep_pattern: z.string().optional(), command: z.string().optional() }),
  on: ['agent.grep', 'agent.shell', 'agent.mcp', 'agent.tool'],
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      ({ lines }) => {
        const { grep_pattern } = context.reads
        const searched = lines
          .filter((line) => GREPS.has(line.program ?? ''))
          .flatMap((line) => {
            const given = optionValues(line, '-e', '--regexp')
            return given.length > 0 ? given : line.operands.slice(0, 1)
          })
        const found = [...(grep_pattern === undefined ? [] : [grep_pattern]), ...searched].find(isForSecrets)
        return found === undefined
          ? null
          : deny(`pattern ${quoted(found)} looks for secrets`, { remedy: 'look for the code that uses the value, by its own name' })
      },
      'nobody looks for secrets'
    )
})

function isForSecrets(pattern: string): boolean {
  const text = pattern.slice(0, 2_000)
  return SHAPES.test(text) || NAMES.test(text) || ASSIGNED.test(text) || ALONE.test(text)
}
