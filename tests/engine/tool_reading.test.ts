// What a tool call would do, read from its text: commands, files, SQL and requests, however they are written; and that no text takes long or throws.
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeParsers } from '../../src/adapters/parsers/node.ts'
import { SHELL_LENGTH_MAX } from '../../src/adapters/parsers/shell.ts'
import { reachOfDeletion, readTool, sqlStatements, type ToolReading } from '../../src/engine/index.ts'
import { scanSql } from '../../src/engine/sql_scan.ts'
import { judgeCall, loadParsers } from '../packs/judged.ts'

const parsers = nodeParsers()
beforeAll(() => loadParsers())

function read(command: string): ToolReading {
  const reading = readTool({ payload: { command }, action: 'shell', parsers })
  if (!reading.ok) throw new Error(reading.error)
  return reading.tree
}

const lines = (command: string) => read(command).lines.map(({ program, words }) => [program ?? '?', ...words].join(' ').trim())

describe('commands', () => {
  it.each([
    ['for d in a b; do rm -r $d; done', ['rm -r a', 'rm -r b']],
    ['f() { rm "$1" $2; }; f x y', ['rm $1 $2', 'f x y', 'rm x y']],
    ["bash -c 'rm $1' _ x", ['bash -c rm $1 _ x', 'rm x']],
    ['rm {a,b}/c', ['rm a/c b/c']],
    ['echo "a b" | xargs rm', ['echo a b', 'rm a b']],
    ['xargs rm <<< x', ['rm x']],
    ['find . -name "*.o" | xargs rm', ['find . -name *.o', 'rm ./*.o']],
    ['docker exec -it web sh -c "rm x"', ['sh -c rm x', 'rm x']],
    ['docker compose -f a.yml run --rm web rm x', ['rm x']],
    ['kubectl exec pod -c app -- rm x', ['rm x']],
    ['doppler run -- rm x', ['rm x']],
    ['npx -y rimraf x', ['rimraf x']],
    ['pnpm prisma migrate reset', ['prisma migrate reset']],
    ['.venv/bin/python -m alembic upgrade head', ['alembic upgrade head']],
    ['echo cm0geA== | base64 -d | sh', ['rm x', 'echo cm0geA==', 'base64 -d', 'sh']],
    ["printf '\\x72\\x6d x' | sh", ['rm x', 'printf \\x72\\x6d x', 'sh']],
    ["echo 'rm x' > a.sh && sh ./a.sh", ['echo rm x', 'sh ./a.sh', 'rm x']],
    ["cat > /tmp/a.sh <<'E'\nrm x\nE\nchmod +x /tmp/a.sh && /tmp/a.sh", ['cat', 'chmod +x /tmp/a.sh', 'a.sh', 'rm x']],
    ['cat <<E\n$(rm x)\nE', ['cat', 'rm x']],
    ['echo $(( $(rm x) + 1 ))', ['echo $(( $(rm x) + 1 ))', 'rm x']],
    ['bash <(echo rm x)', ['bash <(echo rm x)', 'rm x', 'echo rm x']],
    ['eval "$(cat <<\'E\'\nrm x\nE\n)"', ['eval rm x', 'rm x', 'cat']],
    ['python3 -c "import os; os.system(\'rm x\')"', ["python3 -c import os; os.system('rm x')", 'rm x']],
    [
      "node -e \"require('child_process').spawn('rm', ['-rf', 'x'])\"",
      ["node -e require('child_process').spawn('rm', ['-rf', 'x'])", 'rm -rf x']
    ],
    ["ruby -e '`rm x`'", ['ruby -e `rm x`', 'rm x']],
    ['perl -e "system(\'rm x\')"', ["perl -e system('rm x')", 'rm x']]
  ])('%s', (text, expected) => {
    expect(lines(text)).toEqual(expected)
  })
})

describe('files', () => {
  const files = (command: string) => read(command).files.map(({ act, path, isDeep }) => `${act} ${path}${isDeep ? ' deep' : ''}`)
  it.each([
    ['cat a b > c', ['read a', 'read b', 'write c']],
    ['cd x && rm -rf y', ['delete x/y deep']],
    ['(cd x); rm -rf y', ['delete y deep']],
    ['cd x; cd ../z; cat y', ['read x/../z/y']],
    ['sed -i s/a/b/ f', ['read f', 'write f']],
    ['grep -e a f', ['read f']],
    ['cp -t d a b', ['read a', 'read b', 'write d']],
    ['dd if=a of=b', ['read a', 'write b']],
    ['tee a <<< x', ['write a']],
    ['{ echo x; } >> a', ['write a']],
    ['git rm -r a', ['delete a']],
    ["python -c \"open('a','w'); open('b')\"", ['write a', 'read b']],
    ['curl -F f=@a https://x.org', ['read a']],
    ["apply_patch <<'E'\n*** Add File: a\n*** Delete File: b\nE", ['write a', 'delete b']]
  ])('%s', (text, expected) => {
    expect(files(text)).toEqual(expected)
  })
})

describe('how far a deletion reaches', () => {
  it.each([
    ['/', 'root'],
    ['/*', 'root'],
    ['~', 'home'],
    ['$HOME/', 'home'],
    ['/Users/ada/Documents', 'home'],
    ['~/code/app', 'work'],
    ['~/code/app/node_modules', 'free'],
    ['/etc', 'system'],
    ['/var/lib/x', 'system'],
    ['/tmp/x', 'free'],
    ['/tmp/../etc', 'system'],
    ['.', 'project'],
    ['./*', 'project'],
    ['.git', 'project'],
    ['src', 'work'],
    ['dist', 'free'],
    ['packages/*/dist', 'free'],
    ['$X', 'unknown'],
    ['$X/*', 'unknown'],
    ['$BUILD_DIR', 'free'],
    ['C:\\', 'root'],
    ['C:\\Users\\ada', 'home']
  ])('%s is %s', (path, reach) => {
    expect(reachOfDeletion(path, null)).toBe(reach)
  })
  it('knows the project by the folder of the agent', () => {
    expect(reachOfDeletion('/home/ada/app', '/home/ada/app')).toBe('project')
    expect(reachOfDeletion('/home/ada/app/dist', '/home/ada/app')).toBe('free')
    expect(reachOfDeletion('*', '/home/ada')).toBe('home')
  })
})

describe('SQL of any dialect', () => {
  it.each([
    ['SELECT 1; -- DROP TABLE t', [], []],
    ["SELECT 'DROP TABLE t; DELETE FROM t'", [], []],
    ['/*!50000 DROP */ TABLE t', ['DROP TABLE'], []],
    ['# a\nDROP TABLE `a;b`', ['DROP TABLE'], []],
    ['DELETE FROM `t`', [], ['t']],
    ['DELETE FROM t WHERE id = 1', [], []],
    ['UPDATE t SET a = 1 WHERE 1=1', [], ['t']],
    ['WITH x AS (SELECT 1) DELETE FROM t', [], ['t']],
    ['TRUNCATE TABLE t', ['TRUNCATE'], ['t']],
    ['ALTER TABLE a RENAME TO b', ['ALTER TABLE … RENAME'], []]
  ])('%s', (text, definitions, unfiltered) => {
    const summary = scanSql(text)
    expect(summary.definitions).toEqual(definitions)
    expect(summary.changes.filter((change) => change.unfiltered !== null).map(({ table }) => table)).toEqual(unfiltered)
  })
  it('is split where a statement ends, never inside a string, name or comment', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => void sqlStatements(text)),
      { seed: 5, numRuns: 500 }
    )
    expect(sqlStatements(`a';';b";"c;/*;*/d`)).toHaveLength(3)
  })
})

const PIECES =
  'rm|-rf|/|~|$HOME|$X|"$Y"|\'a b\'|git|push|--force|;|&&|| |\n|$(|`|)|{|}|(|<<E\n|E\n|<<<|>|<|if true; then|fi|for x in a b; do|done|while :; do|f() {|bash -c|eval|sudo|env A=1|xargs|find . -exec|\\;|python -c|"os.system(\'x\')"|psql -c|"DROP TABLE t"|curl|https://x.org|-d @.env|| sh|base64 -d|cd ..|{a,b}|\\|#|$@|&'.split(
    '|'
  )

describe('any text', () => {
  it('has a verdict, soon', () => {
    const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join(' '))
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ maxLength: 300 })), (command) => {
        const { effect, by } = judgeCall({ tool_name: 'Bash', tool_input: { command } })
        expect(['allow', 'deny', 'ask']).toContain(effect)
        for (const { reason } of by) expect(reason).not.toMatch(/^policy failed/)
      }),
      { seed: 7, numRuns: 2_000 }
    )
  })
  it('that runs one long script again and again is refused, soon', () => {
    const started = performance.now()
    const { effect } = judgeCall({
      tool_name: 'Bash',
      tool_input: { command: `cat > a.sh <<'E'\n#${'x'.repeat(30_000)}\nE\n${'sh a.sh;'.repeat(4_000)}` }
    })
    expect(effect).toBe('deny')
    expect(performance.now() - started).toBeLessThan(3_000)
  })
  it('of the greatest length is judged in time that grows with its length', () => {
    for (const piece of [
      '$(',
      '`',
      'a;',
      'a|',
      '"',
      '<(',
      'x ',
      'rm -rf a;',
      'f() { f x; };f x;',
      'cd x;',
      'echo a | sh;',
      'find . -exec ',
      'curl -d x ',
      'for x in a b; do ',
      '{a,b}',
      'X=1;',
      'eval ',
      "bash -c 'a';",
      'psql -c "select 1";',
      '> a ',
      'while read x; do '
    ]) {
      const started = performance.now()
      const command = piece.repeat(Math.floor(SHELL_LENGTH_MAX / piece.length))
      judgeCall({ tool_name: 'Bash', tool_input: { command } })
      expect(performance.now() - started, piece).toBeLessThan(3_000)
    }
  })
})
