// Nobody lists where credentials lie.
import * as z from 'zod'
import { definePolicy, deny, foldedReadings, judgeTool, optionValues, quoted } from '../../engine/index.ts'

const FOLDERS =
  /(?:^|\/)(?:\.ssh|\.aws|\.gnupg|\.kube|\.azure|\.docker|\.password-store|\.config\/(?:gcloud|gh|op|doctl|hub)|gcloud|keychains|keyrings|\.oci|\.vault|\.chef|\.terraform\.d|secrets?|credentials?|private[-_]?keys?|certs\/private)(?:\/|$)/
const FILES =
  /(?:^|\/)(?:\*?\.env(?:\*.*|\..*|rc)?|\*?\.env\*|\.\{?env.*|id_(?:rsa|dsa|ecdsa|ed25519|\*).*|\*?id_rsa\*?|\*?credentials?[\w.*-]*|\*?secrets?(?:\.\w+|\*.*|\.\*)?|\.netrc|\.pgpass|\.npmrc|\.pypirc|\.git-credentials|\.htpasswd|\*+\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg)|\*?\.?(?:pem|key)\*?|\*service[-_]?account\*.*|kubeconfig\*?|shadow|\*?token\*?s?|\.dev\.vars\*?)$/
const TEMPLATE = /\.(?:example|sample|template|dist)\*?$/

/** Denies a glob that reaches into the places of credentials (`~/.ssh/*`, `**\/.env*`, `**\/*.pem`), in a tool or in `find` and `ls`. */
export const blockGlobCredentialsDirs = definePolicy({
  id: 'block_glob_credentials_dirs',
  title: 'No listing of credential places',
  params: z.strictObject({}),
  reads: z.object({ glob_pattern: z.string().optional(), command: z.string().optional() }),
  on: ['agent.glob', 'agent.shell', 'agent.mcp', 'agent.tool'],
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      ({ lines }) => {
        const { glob_pattern } = context.reads
        const { path } = context.payload
        const globs = glob_pattern === undefined ? [] : [typeof path === 'string' ? `${path}/${glob_pattern}` : glob_pattern]
        const searched = lines.flatMap((line) => {
          if (line.program === 'find')
            return [...optionValues(line, '-name', '-iname', '-path', '-ipath', '-wholename'), ...line.operands.slice(0, 1)]
          return line.program === 'ls' || line.program === 'tree' || line.program === 'fd' ? line.operands : []
        })
        const found = [...globs, ...searched].find(reachesCredentials)
        return found === undefined
          ? null
          : deny(`${quoted(found)} reaches into a place of credentials`, { remedy: 'list the sources of the project' })
      },
      'no place of credentials is listed'
    )
})

function reachesCredentials(glob: string): boolean {
  const places = foldedReadings(glob) ?? [{ root: '', segments: [glob.slice(0, 4_096)] }]
  return places.some(({ segments }) => {
    const text = segments.join('/')
    return !TEMPLATE.test(text) && (FOLDERS.test(text) || FILES.test(text))
  })
}
