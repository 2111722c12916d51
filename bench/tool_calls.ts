// One decision over a tool call with the whole pack, parsing included, against parsing alone; and how time grows with length.
import { nodeHash } from '../src/adapters/hash/index.ts'
import { nodeParsers } from '../src/adapters/parsers/node.ts'
import { contextOf, judgeAll } from '../src/engine/gate.ts'
import { install, TOOL_ACTIONS, toolSystem } from '../src/engine/index.ts'
import { codingAgentPack } from '../src/packs/index.ts'
import { against, type Figure, median } from './measure.ts'

const EVERYDAY: readonly string[] = [
  'git status',
  'npm test',
  'cd web && pnpm install --frozen-lockfile && pnpm build',
  'git add -A && git commit -m "fix: handle an empty cart" && git push -u origin agent/x',
  'find . -name "*.ts" -not -path "./node_modules/*" | xargs grep -l useState',
  "cat <<'EOF' > src/a.ts\nexport const a = 1\nexport const b = 2\nEOF",
  'docker compose exec web sh -c "rails db:migrate && rails test"',
  'psql -c "SELECT id, name FROM products WHERE id = 7 LIMIT 5"',
  "python3 - <<'EOF'\nimport json\nprint(json.load(open('a.json'))['x'])\nEOF"
]
const WORST: readonly string[] = ['$(', 'rm -rf a;', 'echo a | sh;', 'f() { f x; };f x;', 'curl -d x ']

/** The pack over everyday commands, and adversarial texts at 64 KB against the same at 8 KB. */
export async function toolCallFigures(): Promise<Figure[]> {
  const parsers = nodeParsers()
  await parsers.load(['sql', 'shell'])
  const installation = install({ connectors: [toolSystem()], policies: codingAgentPack(), workflows: [], actions: TOOL_ACTIONS }, nodeHash)
  const target = installation.target('agent', 'shell')!
  const policies = installation.callPolicies(target)
  const subject = { team_id: 'acme', workflow: 'agent.shell', user_email: 'agent@company.com', user_attributes: {}, mode: 'observed' }
  const nothing = new Map<string, string>()
  const judge = (command: string) =>
    judgeAll(policies, contextOf(subject, { tool: 'Bash', command }, {}, 1_700_000_000_000, { parsers }, target), nothing)
  const figures = [p50(`tool call, ${policies.length} policies, p50`, 'measured < 100 µs', judge, (command) => parsers.shell(command))]
  for (const piece of WORST) {
    const short = piece.repeat(Math.floor(8_192 / piece.length))
    const long = piece.repeat(Math.floor(65_536 / piece.length))
    figures.push(
      await against(
        `worst text ${JSON.stringify(piece)}, 64 KB / 8 KB`,
        '≈ 8',
        () => judge(long),
        () => judge(short)
      )
    )
  }
  return figures
}

const WARM_UP = 1_000
const ROUNDS = 500

/** The middle time of one call over the everyday commands, floor and work in turn: a mean would be that of the machine's other work. */
function p50(name: string, aim: string, work: (command: string) => unknown, floor: (command: string) => unknown): Figure {
  const timed = (call: () => unknown) => {
    const started = process.hrtime.bigint()
    call()
    return Number(process.hrtime.bigint() - started)
  }
  for (let round = 0; round < WARM_UP; round++) for (const command of EVERYDAY) work(command)
  const pairs: [number, number][] = []
  for (let round = 0; round < ROUNDS; round++)
    for (const command of EVERYDAY) pairs.push([timed(() => work(command)), timed(() => floor(command))])
  const [value, below] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))]
  return { name, value, floor: below, ratio: median(pairs.map(([a, b]) => a / b)), unit: 'ns', aim }
}
