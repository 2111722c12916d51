// The same command in other words: what is stopped stays stopped however it is wrapped, and is nothing when it is only words.
import { beforeAll, describe, expect, it } from 'vitest'
import { EARLIER, RECENT } from './incident_cases.ts'
import { judgeCall, loadParsers } from './judged.ts'

beforeAll(() => loadParsers())

const commands = [...RECENT, ...EARLIER].flatMap(({ call: { tool_name, tool_input } }) =>
  tool_name === 'Bash' && typeof tool_input.command === 'string' ? [tool_input.command] : []
)
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
const inDouble = (text: string) => `"${text.replaceAll(/["\\$`]/g, String.raw`\$&`)}"`

const RUNS: readonly [name: string, wrap: (command: string) => string][] = [
  ['after another', (command) => `cd . && ${command}`],
  ['before another', (command) => `${command}; echo done`],
  ['in the background', (command) => `(${command}) &`],
  ['in a branch', (command) => `if true; then ${command}; fi`],
  ['in a loop', (command) => `for i in 1 2; do ${command}; done`],
  ['in a function', (command) => `f() { ${command}; }; f`],
  ['in a substitution', (command) => `echo "$(${command})"`],
  ['by bash -c', (command) => `bash -c ${quoted(command)}`],
  ['by sh -ec in double quotes', (command) => `sh -ec ${inDouble(command)}`],
  ['by eval', (command) => `eval ${quoted(command)}`],
  ['by sudo and env', (command) => `sudo env A=1 sh -c ${quoted(command)}`],
  ['over ssh', (command) => `ssh host ${quoted(command)}`],
  ['in a container', (command) => `docker exec -i web sh -c ${quoted(command)}`],
  ['in a pod', (command) => `kubectl exec web -- sh -c ${quoted(command)}`],
  ['by a here-document', (command) => `bash <<'ENACT_END'\n${command}\nENACT_END`],
  ['by a pipe', (command) => `cat <<'ENACT_END' | sh\n${command}\nENACT_END`],
  ['in base64', (command) => `echo ${btoa(command)} | base64 -d | bash`],
  ['by a script that it writes', (command) => `cat > /tmp/x.sh <<'ENACT_END'\n${command}\nENACT_END\nbash /tmp/x.sh`],
  ['by python', (command) => `python3 -c ${quoted(`import os; os.system(${JSON.stringify(command)})`)}`],
  ['by find', (command) => `find . -maxdepth 0 -exec sh -c ${quoted(command)} \\;`],
  ['when it ends', (command) => `trap ${quoted(command)} EXIT`]
]

const TELLS: readonly [name: string, wrap: (command: string) => string][] = [
  ['echoed', (command) => `echo ${quoted(command)}`],
  ['in a commit message', (command) => `git commit -m ${quoted(command)}`],
  ['searched for', (command) => `grep -rnF ${quoted(command)} docs`],
  ['in a comment', (command) => `ls # ${command.replaceAll('\n', ' ')}`],
  ['written into a document', (command) => `cat > notes.md <<'ENACT_END'\n${command}\nENACT_END`],
  ['in the body of a pull request', (command) => `gh pr create --title x --body ${quoted(command)}`],
  ['printed by python', (command) => `python3 -c ${quoted(`print(${JSON.stringify(command)})`)}`]
]

describe('a command of the incidents is stopped', () => {
  it.each(RUNS)('%s', (_name, wrap) => {
    const passed = commands.filter((command) => judgeCall({ tool_name: 'Bash', tool_input: { command: wrap(command) } }).effect === 'allow')
    expect(passed).toEqual([])
  })
})

describe('a command of the incidents is only words', () => {
  it.each(TELLS)('%s', (_name, wrap) => {
    const stopped = commands.flatMap((command) => {
      const { by } = judgeCall({ tool_name: 'Bash', tool_input: { command: wrap(command) } })
      return by.length === 0 ? [] : [`${command}: ${by[0]!.policy}: ${by[0]!.reason}`]
    })
    expect(stopped).toEqual([])
  })
})
