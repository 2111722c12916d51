// Which files a command reads, writes, deletes or opens to everybody: a table of programs.
import { type CommandLine, hasOption, optionValues } from './command_line.ts'
import { patchedFiles } from './patch_files.ts'
import { within } from './shell_command.ts'

export type FileAct = 'read' | 'write' | 'delete' | 'mode' | 'move' | 'list'

/** One file or folder that something is done to. */
export interface FileUse {
  readonly act: FileAct
  /** In the folder that the text changed to, as it is written: `~/x`, `$HOME/x`, `src/*`. */
  readonly path: string
  /** Whether all that it holds is meant too. */
  readonly isDeep: boolean
  /** False where a part of the path is known to the shell alone. */
  readonly isKnown: boolean
  /** The program, or the tool. */
  readonly by: string
}

type Row = readonly [act: FileAct, pick: 'all' | 'first' | 'rest' | 'last' | 'butlast']
const READERS =
  'cat tac nl head tail less more bat batcat view strings xxd od hexdump base64 base32 gbase64 wc sort uniq cut paste rev fold column md5sum sha256sum shasum cksum diff cmp comm join source . jq yq csvlook file stat json.tool pbcopy clip gpg get-content gc open xdg-open code vim vi nano emacs vimdiff mlr glow mdcat'
const GREPS = 'grep egrep fgrep rg ag ack ripgrep zgrep awk gawk sed perl ugrep'

/** What is done to the operands. `rest` leaves out the first (a pattern, a mode), `butlast` the last (a destination). */
const USES: Readonly<Record<string, readonly Row[]>> = {
  ...Object.fromEntries(READERS.split(' ').map((name) => [name, [['read', 'all']] as const])),
  ...Object.fromEntries(GREPS.split(' ').map((name) => [name, [['read', 'rest']] as const])),
  cp: [
    ['read', 'butlast'],
    ['write', 'last']
  ],
  install: [
    ['read', 'butlast'],
    ['write', 'last']
  ],
  mv: [
    ['move', 'butlast'],
    ['write', 'last']
  ],
  ln: [
    ['read', 'butlast'],
    ['write', 'last']
  ],
  rename: [['move', 'rest']],
  scp: [
    ['read', 'butlast'],
    ['write', 'last']
  ],
  rsync: [
    ['read', 'butlast'],
    ['write', 'last']
  ],
  tar: [['read', 'rest']],
  zip: [['read', 'rest']],
  '7z': [['read', 'rest']],
  rm: [['delete', 'all']],
  unlink: [['delete', 'all']],
  rmdir: [['delete', 'all']],
  shred: [['delete', 'all']],
  srm: [['delete', 'all']],
  rimraf: [['delete', 'all']],
  'trash-put': [['delete', 'all']],
  trash: [['delete', 'all']],
  del: [['delete', 'all']],
  rd: [['delete', 'all']],
  erase: [['delete', 'all']],
  'remove-item': [['delete', 'all']],
  ri: [['delete', 'all']],
  sqlite3: [['write', 'first']],
  sqlite: [['write', 'first']],
  duckdb: [['write', 'first']],
  truncate: [['write', 'all']],
  touch: [['write', 'all']],
  tee: [['write', 'all']],
  sponge: [['write', 'all']],
  mkdir: [['write', 'all']],
  chmod: [['mode', 'rest']],
  chown: [['mode', 'rest']],
  chattr: [['mode', 'rest']],
  chgrp: [['mode', 'rest']],
  setfacl: [['mode', 'all']],
  ls: [['list', 'all']],
  tree: [['list', 'all']],
  du: [['list', 'all']]
}

const ALWAYS_DEEP: ReadonlySet<string> = new Set(['rimraf', 'trash', 'trash-put', 'remove-item', 'ri', 'rsync'])
/** Options that take a value in the next word, so that it is no file. */
const VALUED: Readonly<Record<string, ReadonlySet<string>>> = Object.fromEntries(
  Object.entries({
    head: '-n -c --lines --bytes',
    tail: '-n -c --lines --bytes',
    cut: '-d -f -c -b --delimiter --fields',
    sort: '-k -t -o -S -T --key',
    grep: '-e -f -A -B -C -m --include --exclude --exclude-dir -d',
    egrep: '-e -f -A -B -C -m --include --exclude',
    rg: '-e -f -g -t -T -A -B -C -m --glob --type --type-not --max-count --context -r --replace',
    ag: '-G -A -B -C --ignore',
    sed: '-e -f --expression --file',
    perl: '-e -E',
    awk: '-F -v -f',
    gawk: '-F -v -f',
    jq: '--arg --argjson -f --slurpfile --rawfile --indent',
    truncate: '-s --size',
    touch: '-d -t -r --date --reference',
    shred: '-n -s --iterations --size',
    mkdir: '-m --mode',
    tar: '-C --directory --exclude',
    rsync:
      '-e --rsh --exclude --include --exclude-from --include-from --files-from --log-file --bwlimit --info --filter -f --rsync-path --port',
    scp: '-i -P -o -F -l -c -S -J',
    install: '-m -o -g --mode --owner --group -t',
    cp: '-t --target-directory',
    mv: '-t --target-directory',
    fold: '-w',
    column: '-t -s',
    diff: '-U -C',
    gpg: '-r --recipient -u -o --output --passphrase --homedir',
    xxd: '-l -s -c',
    od: '-A -t -N -j',
    tree: '-L -I -P',
    du: '-d --max-depth',
    chmod: '--reference',
    chown: '--reference --from'
  }).map(([name, options]) => [name, new Set(options.split(' '))])
)

/** Command lines of services that take files along. */
const UPLOADERS: ReadonlySet<string> = new Set('aws gsutil gcloud rclone gh glab az s3cmd s5cmd mc b2'.split(' '))

/** The files of a command's arguments and redirects. */
export function filesUsed(line: CommandLine): readonly FileUse[] {
  const { program, command } = line
  const name = program ?? ''
  const rows = Object.hasOwn(USES, name) ? USES[name]! : []
  const found: FileUse[] = []
  const add = (act: FileAct, path: string, isDeep: boolean) =>
    found.push({
      act,
      path: placed(path, line),
      isDeep,
      isKnown: !/[$`]/.test(path.replace(/^\$\{?(?:HOME|PWD|TMPDIR)\b\}?/, '')),
      by: name
    })
  if (rows.length > 0) {
    const files = operandsOf(line)
    const isDeep =
      ALWAYS_DEEP.has(name) ||
      hasOption(line, 'r', 'recursive', 'archive') ||
      hasOption(line, 'R') ||
      (/^(?:rd|del|rmdir)$/.test(name) && line.words.some((word) => /^\/s$/i.test(word)))
    for (const [act, pick] of rows) for (const path of picked(files, pick, line)) add(act, path, isDeep)
    // What is piped into it is known to the shell alone.
    if ((name === 'remove-item' || name === 'ri') && files.length === 0) add('delete', '$_', true)
  }
  if ((name === 'sed' || name === 'perl') && line.words.some((word) => /^-[a-zA-Z]*i|^--in-place/.test(word)))
    for (const path of picked(operandsOf(line), 'rest', line)) add('write', path, false)
  if (name === 'dd')
    for (const word of line.words) if (/^(?:if|of)=/.test(word)) add(word.startsWith('if') ? 'read' : 'write', word.slice(3), false)
  if (name === 'tar' && isExtracting(line)) found.length = 0
  if (name === 'find' || name === 'fd') foundFiles(line, add)
  if (name === 'curl' || name === 'wget' || name === 'http' || name === 'https') sentFiles(line, add)
  // A text in an option (`--body 'cat .env'`) is no file.
  if (UPLOADERS.has(name) && (name !== 'gh' || /^(?:gist|release)$/.test(line.operands[0] ?? '')))
    for (const path of line.operands.slice(1)) if (!/:\/\/|\s/.test(path)) add('read', path, false)
  if (name === 'git') gitFiles(line, add)
  if (name === 'apply_patch' || name === 'patch' || (name === 'git' && /^(?:apply|am)$/.test(line.operands[0] ?? ''))) patchFiles(line, add)
  for (const { operator, target } of command.redirects)
    if (!operator.endsWith('&')) add(operator.startsWith('<') && operator !== '<>' ? 'read' : 'write', target.text, false)
  return found
}

function placed(path: string, { command }: CommandLine): string {
  const filled = command.placeholder === null ? path : path.replaceAll('{}', command.placeholder)
  return within(command.folder, filled)
}

function operandsOf(line: CommandLine): readonly string[] {
  const valued = VALUED[line.program ?? '']
  const files: string[] = []
  let dashes = false
  for (let at = 0; at < line.words.length; at++) {
    const text = line.words[at]!
    if (!dashes && text === '--') dashes = true
    else if (dashes || !text.startsWith('-') || text === '-') files.push(text)
    else if (valued?.has(text) === true) at++
  }
  return files
}

function picked(files: readonly string[], pick: Row[1], line: CommandLine): readonly string[] {
  if (pick === 'all') return files
  if (pick === 'first') return files.slice(0, 1)
  // Where the pattern is given by an option, the first operand is a file already.
  // `chmod -x file` has its mode among the options.
  if (pick === 'rest' && line.program === 'chmod' && line.words.some((word) => /^-[rwxXst]+$/.test(word))) return files
  if (pick === 'rest')
    return optionValues(line, '-e', '-f', '--regexp', '--expression', '--file').length > 0 && line.program !== 'tar'
      ? files
      : files.slice(1)
  const target = optionValues(line, '-t', '--target-directory')[0]
  if (pick === 'last') return target === undefined ? files.slice(-1) : [target]
  return target === undefined ? files.slice(0, -1) : files
}

function isExtracting(line: CommandLine): boolean {
  return hasOption(line, 'x', 'extract', 'get') || /^-?[a-z]*[xt]/.test(line.words[0] ?? '')
}

/** `find` reads what it finds where it is told to run a reader; `-delete` deletes it. */
function foundFiles(line: CommandLine, add: (act: FileAct, path: string, isDeep: boolean) => void): void {
  for (const start of line.operands.slice(0, 1)) add('list', start, true)
  for (const file of optionValues(line, '-fprint', '-fprintf', '-fls')) add('write', file, false)
}

function sentFiles(line: CommandLine, add: (act: FileAct, path: string, isDeep: boolean) => void): void {
  const sent = optionValues(
    line,
    '-d',
    '--data',
    '--data-binary',
    '--data-raw',
    '--data-ascii',
    '--data-urlencode',
    '-F',
    '--form',
    '--json'
  )
  for (const value of sent) {
    const file = /(?:^|=)[@<]([^;]+)/.exec(value)?.[1]
    if (file !== undefined && file !== '-') add('read', file, false)
  }
  for (const file of optionValues(line, '-T', '--upload-file', '--post-file', '--body-file')) add('read', file, false)
  for (const file of optionValues(line, ...(line.program === 'wget' ? ['-O', '--output-document'] : ['-o', '--output'])))
    if (file !== '-') add('write', file, false)
}

/** `git rm` and `git mv` are `rm` and `mv`; `git checkout -- x` and `git show HEAD:x` are other policies' business. */
function gitFiles(line: CommandLine, add: (act: FileAct, path: string, isDeep: boolean) => void): void {
  const [verb, ...rest] = line.operands
  if (verb === 'rm' && !hasOption(line, '', 'cached')) for (const path of rest) add('delete', path, false)
  if (verb === 'mv') for (const path of rest.slice(0, -1)) add('move', path, false)
  if (verb === 'mv') for (const path of rest.slice(-1)) add('write', path, false)
  if (verb === 'show' || verb === 'cat-file')
    for (const path of rest) if (path.includes(':')) add('read', path.slice(path.indexOf(':') + 1), false)
}

/** A patch given in the text: `apply_patch <<'EOF'`, `patch -p1 <<'EOF'`. */
function patchFiles({ command, words }: CommandLine, add: (act: FileAct, path: string, isDeep: boolean) => void): void {
  for (const text of [...command.input, ...words.filter((word) => word.includes('\n'))]) {
    const { written, deleted } = patchedFiles(text)
    for (const path of written) add('write', path, false)
    for (const path of deleted) add('delete', path, false)
  }
}
