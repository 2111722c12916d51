// Requests that a command or tool sends over the network.
import { type CommandLine, optionValues } from './command_line.ts'

/** One request. `body` is what is sent, as far as it stands in the text. */
export interface RequestUse {
  readonly url: string
  readonly method: string
  readonly body: string
  readonly by: string
}

const DATA = ['-d', '--data', '--data-binary', '--data-raw', '--data-ascii', '--data-urlencode', '--json', '-F', '--form', '--form-string']
const VALUED: ReadonlySet<string> = new Set(
  (
    '-X --request -H --header -o --output -u --user -A --user-agent -e --referer -b --cookie -c --cookie-jar -m --max-time --connect-timeout ' +
    '-x --proxy --retry --retry-delay -w --write-out --cacert --cert --key -T --upload-file -K --config --resolve -O --output-document ' +
    '--post-data --post-file --method --body-data --body-file -U --field --raw-field --input --hostname --jq -q --template --preview -f --cache --limit-rate --range -r -E --url ' +
    DATA.join(' ')
  ).split(' ')
)

/** The requests of curl, wget, HTTPie, xh and `gh api`. */
export function requestsSent(line: CommandLine): readonly RequestUse[] {
  const { program } = line
  if (program === 'curl' || program === 'wget') return curlRequests(line, program)
  if (program === 'http' || program === 'https' || program === 'xh' || program === 'xhs') return httpieRequests(line, program)
  return (program === 'gh' || program === 'glab') && line.operands[0] === 'api' ? apiRequests(line) : []
}

function curlRequests(line: CommandLine, by: string): readonly RequestUse[] {
  const isWget = by === 'wget'
  const bodies = optionValues(line, ...(isWget ? ['--post-data', '--body-data', '--post-file', '--body-file'] : DATA))
  const uploads = isWget ? [] : optionValues(line, '-T', '--upload-file')
  const given = optionValues(line, ...(isWget ? ['--method'] : ['-X', '--request']))[0]
  const isGet = line.words.some((word) => word === '-G' || word === '--get')
  const method = given ?? (uploads.length > 0 ? 'PUT' : bodies.length > 0 && !isGet ? 'POST' : line.words.includes('-I') ? 'HEAD' : 'GET')
  const urls = [...freeWords(line.words, isWget), ...optionValues(line, '--url')]
  const body = [...bodies, ...uploads, ...(bodies.some((one) => one.includes('@-')) ? line.command.input : [])].join('\n')
  return urls.map((url) => ({ url: withScheme(url), method: method.toUpperCase(), body, by }))
}

function freeWords(words: readonly string[], isWget: boolean): readonly string[] {
  const free: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    // curl's `-O` stands alone, wget's has a name after it.
    if (VALUED.has(word) && (isWget || word !== '-O')) at++
    else if (/^-[a-zA-Z]*[XHoudFATKxmw]$/.test(word) && !word.startsWith('--') && word.length > 2 && !isWget) at++
    else if (!word.startsWith('-')) free.push(word)
  }
  return free
}

function httpieRequests(line: CommandLine, by: string): readonly RequestUse[] {
  const [first = '', second] = line.operands
  const isMethod = /^[A-Za-z]+$/.test(first) && second !== undefined
  const url = isMethod ? second : first
  const items = line.operands.slice(isMethod ? 2 : 1)
  if (url === '') return []
  return [{ url: withScheme(url), method: isMethod ? first.toUpperCase() : items.length > 0 ? 'POST' : 'GET', body: items.join('\n'), by }]
}

function apiRequests(line: CommandLine): readonly RequestUse[] {
  const [path = ''] = freeWords(line.words.slice(line.words.indexOf('api') + 1), false)
  const fields = optionValues(line, '-f', '-F', '--field', '--raw-field', '--input')
  const method = optionValues(line, '-X', '--method')[0] ?? (fields.length > 0 ? 'POST' : 'GET')
  return [
    {
      url: `https://${line.program === 'gh' ? 'api.github.com' : 'gitlab.com/api/v4'}/${path.replace(/^\//, '')}`,
      method: method.toUpperCase(),
      body: fields.join('\n'),
      by: `${line.program!} api`
    }
  ]
}

/** curl takes `example.com/x` for http. */
function withScheme(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`
}
