// Where credentials lie: files and folders, told by their place and name however the path is spelt.
import { type FileUse, foldedReadings, type Place } from '../../engine/index.ts'

/** Files with environment variables; published templates (`.env.example`) and encrypted ones (`.env.vault`) are none. */
export function isEnvFile(path: string): boolean {
  return names(path).some((name) => {
    if (/^\.env\.(?:example|sample|template|dist|defaults?|schema|vault|test|ci|d\.ts)$|\.(?:example|sample|template|dist)$/.test(name))
      return false
    return (
      /^\.env(?:rc)?(?:[.~_-].*)?$/.test(name) ||
      /(?:^|[\w-])\.env~*$/.test(name) ||
      /^\.?env(?:\*|\?)/.test(name) ||
      /^\.(?:\*|en\*|e\*|en\?|\?\?\?)$/.test(name) ||
      /^\.dev\.vars(?:\..+)?$/.test(name)
    )
  })
}

/** Private keys of SSH and what stands beside them; public keys, `known_hosts` and `config` are none. */
export function isSshKey(path: string): boolean {
  return places(path).some(({ root, segments }) => {
    const name = segments.at(-1) ?? ''
    const inFolder = segments.includes('.ssh')
    if (/^(?:id_(?:rsa|dsa|ecdsa|ed25519|ecdsa_sk|ed25519_sk)|identity)(?:[._-].*)?$/.test(name)) return !name.endsWith('.pub')
    if (/^ssh_host_.*_key$/.test(name)) return true
    if (!inFolder) return root === '/' && segments[0] === 'etc' && segments[1] === 'ssh' && name.endsWith('_key')
    return !/^(?:known_hosts.*|config|config\.d|authorized_keys.*|environment|.*\.pub)$/.test(name)
  })
}

/** Credentials of clouds: AWS, Google Cloud, Azure, Kubernetes, Docker and others. */
export function isCloudCredential(path: string): boolean {
  return places(path).some(({ segments }) => {
    const text = `/${segments.join('/')}`
    return (
      /\/\.aws\/(?:credentials|config|sso(?:\/.*)?|cli\/cache.*|\*.*)?$/.test(text) ||
      text.endsWith('/.aws') ||
      /\/(?:gcloud\/(?:application_default_credentials\.json|credentials\.db|access_tokens\.db|legacy_credentials.*)|\.azure\/(?:accesstokens\.json|msal_token_cache.*|serviceprincipal.*|azureprofile\.json))$/.test(
        text
      ) ||
      /\/(?:\.kube\/config|\.docker\/config\.json|\.oci\/config|\.config\/doctl\/config\.yaml|\.terraform\.d\/credentials\.tfrc\.json|\.config\/hcloud\/cli\.toml|\.boto|\.s3cfg|\.passwd-s3fs)$/.test(
        text
      ) ||
      /\/(?:service[-_]?account.*|.*-sa-key|gcp[-_]?(?:key|credentials).*)\.json$/.test(text)
    )
  })
}

/** Anything else that lets its reader in: tokens of package registries and hosts, password stores, keychains, keys. */
export function isOtherCredential(path: string): boolean {
  return places(path).some(({ root, segments }) => {
    const text = `/${segments.join('/')}`
    const name = segments.at(-1) ?? ''
    return (
      (/^(?:\.netrc|_netrc|\.pgpass|\.my\.cnf|\.git-credentials|\.pypirc|\.vault-token|\.npmrc|\.yarnrc\.yml|\.htpasswd|\.rediscli_auth|\.dockercfg|wallet\.dat|\.bash_history|\.zsh_history|\.psql_history|\.mysql_history|\.python_history)$/.test(
        name
      ) &&
        (root === '~' || !/^\.(?:npmrc|yarnrc\.yml)$/.test(name))) ||
      /\/(?:\.gnupg|\.password-store|\.config\/op|keychains)(?:\/|$)/.test(text) ||
      /\/(?:\.config\/gh\/hosts\.yml|\.config\/hub|\.cargo\/credentials(?:\.toml)?|\.gem\/credentials|\.claude\/\.credentials\.json|\.codex\/auth\.json|\.railway\/config\.json|\.fly\/config\.yml|\.wrangler\/config\/default\.toml|\.config\/configstore\/.*|\.local\/share\/keyrings\/.*)$/.test(
        text
      ) ||
      (root === '/' && /^\/(?:etc\/(?:shadow|gshadow|sudoers)|proc\/(?:self|\d+|\*)\/environ)$/.test(text)) ||
      /(?:^|[._-])(?:private[_-]?key|privkey)(?:\.|$)/.test(name) ||
      /\.(?:p12|pfx|jks|keystore|kdbx|ppk)$/.test(name) ||
      /\/(?:login data|cookies|key4\.db|logins\.json)$/.test(text)
    )
  })
}

/** Any of them. */
export function isCredential(path: string): boolean {
  return isEnvFile(path) || isSshKey(path) || isCloudCredential(path) || isOtherCredential(path)
}

/** Files that are shown, copied or moved: whatever brings their contents out. */
export function bringsOut({ act, by }: FileUse): boolean {
  // Loading variables shows nothing; hashing shows nothing; a check of syntax shows nothing.
  return (act === 'read' || act === 'move') && !/^(?:source|\.|md5sum|sha256sum|shasum|cksum|wc|stat|file)$/.test(by)
}

function places(path: string): readonly Place[] {
  return foldedReadings(path.replace(/^.*?:(?=[~/.])/, '')) ?? []
}

function names(path: string): readonly string[] {
  return places(path).map((place) => place.segments.at(-1) ?? '')
}
