// Secrets are not sent anywhere.
import * as z from 'zod'
import { type CommandLine, definePolicy, deny, findApiKey, judgeTool, quoted, spelt, type ToolReading } from '../../engine/index.ts'
import { CommandAndUrl, ON_TOOLS } from './judged.ts'
import { isCredential } from './credential_files.ts'

const SENDERS: ReadonlySet<string> = new Set(
  'curl wget http https xh nc ncat netcat socat telnet ssh scp sftp rsync ftp mail mailx sendmail mutt openssl aws gsutil rclone gh gist dig nslookup host ping'.split(
    ' '
  )
)
const SENDING_CALL = /(?:^|[.:>])(?:post|put|patch|request|fetch|urlopen|send|sendall|connect)$/i
const SOURCES = /^(?:env|printenv|export|declare|set)$/

/** Denies sending secrets away: a credential file or the environment piped, posted or uploaded, a known key in an address, and committing a credential file. */
export const blockSecretExfiltration = definePolicy({
  id: 'block_secret_exfiltration',
  title: 'No sending of secrets',
  params: z.strictObject({}),
  reads: CommandAndUrl,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      (reading) => {
        const remedy = 'send nothing that lets its reader in; ask a person to hand the secret over'
        const call = reading.calls.find(
          ({ name, names }) => SENDING_CALL.test(name) && names.some((one) => /^(?:os\.environ|process\.env|ENV|Deno\.env)$/.test(one))
        )
        if (call !== undefined) return deny(`\`${call.name}\` in a program given in the command would send the environment`, { remedy })
        const sent = sentSecret(reading)
        if (sent !== null) return deny(sent, { remedy })
        for (const { url } of reading.requests) {
          const key = findApiKey(url)
          if (key !== null) return deny(`an address holds what looks like a secret (${key.shape})`, { remedy })
        }
        const added = reading.lines.find(commitsSecret)
        return added === undefined
          ? null
          : deny(`\`${spelt(added)}\` would commit a file of secrets`, { remedy: 'leave the file out, and keep it in .gitignore' })
      },
      'no secret is sent'
    )
})

function sentSecret({ lines, files, programs }: ToolReading): string | null {
  if (![...SENDERS].some((sender) => programs.has(sender))) return null
  for (const line of lines) {
    if (!SENDERS.has(line.program ?? '') || !sends(line)) continue
    const own = files.find(({ act, path, by }) => act === 'read' && by === line.program && isCredential(path))
    if (own !== undefined) return `${quoted(own.path)} would be sent by \`${line.program!}\``
    const source = lines.find((one) => one !== line && one.command.pipeline === line.command.pipeline && isSource(one))
    if (source !== undefined) return `what \`${spelt(source)}\` shows would be sent by \`${line.program!}\``
  }
  return null
}

/** Data goes out: as a body, as a file, on the input, or in the name that is looked up. */
function sends({ program, words, command }: CommandLine): boolean {
  if (program === 'curl' || program === 'wget' || program === 'http' || program === 'https' || program === 'xh')
    return (
      command.source !== null ||
      words.some(
        (word) => /^(?:-[dFT]|--(?:data|form|upload|post|body|json)|-H|--header)/.test(word) || /\$\(|`/.test(word) || /[=@]@?\S/.test(word)
      )
    )
  return true
}

function isSource({ program, operands, words, command }: CommandLine): boolean {
  if (SOURCES.test(program ?? '')) return program === 'printenv' || operands.length === 0 || words.every((word) => word.startsWith('-'))
  if (/^(?:cat|head|tail|base64|xxd|gzip|tar|zip|grep|awk|sed|less|strings|od|jq)$/.test(program ?? ''))
    return [...operands, ...command.redirects.map((redirect) => redirect.target.text)].some(isCredential)
  return (
    (program === 'security' && operands[0]?.startsWith('find-') === true) ||
    (program === 'op' && operands[0] === 'read') ||
    (program === 'gh' && operands[0] === 'auth' && operands[1] === 'token')
  )
}

function commitsSecret({ program, operands, words }: CommandLine): boolean {
  return (
    program === 'git' &&
    operands[0] === 'add' &&
    !words.some((word) => word === '--dry-run' || word === '-n') &&
    operands.slice(1).some((path) => isCredential(path))
  )
}
