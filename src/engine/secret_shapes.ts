// What secrets look like: one row a form, each beginning with a text that it always has.

/**
 * One form of a secret. INVARIANT (linear time): a pattern is tried only where one of its anchors stands, and an unbounded run is the
 * last thing it needs, so it either reads a bounded number of characters or takes what it has read. Where a run is followed by more
 * (`jwt`, `url_password`), no second anchor can stand in that run. What follows a secret is never looked at: taking out the next one
 * must not bring up another.
 */
export interface SecretShape {
  readonly name: string
  /** Literal texts; the pattern begins at one of them. */
  readonly anchors: readonly string[]
  /** Sticky. Its first group is the secret, where the rest is only its surroundings. */
  readonly pattern: RegExp
}

// Words end in `sk-` and `SG.` too (`task-list`): what precedes must not be a letter or digit.
const ALONE = '(?<![A-Za-z0-9])'
const TOKEN = '[A-Za-z0-9_-]'
// Random text of this length has a digit; prose and identifiers seldom do.
const DIGIT = '(?=[A-Za-z_.-]{0,60}[0-9])'
// Any bracket but that of something already taken out.
const BRACKET = '\\[(?!redacted:)'
const ASSIGNED = `["']?\\s{0,3}(?:=>|=(?!>)|:)\\s{0,3}["']?`

// A mention is no key: forty letters of base64 must stand near. A key that was cut off before its end is one.
const PEM_BEGIN = '-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----(?=(?:[^-]|-(?!----)){0,300}?[A-Za-z0-9+/]{40})'
const PEM_BODY = '[^-]*(?:-(?!----)[^-]*)*'
const NO_PLACEHOLDER = '(?!\\$\\{|\\$\\(|\\{\\{|(?:\\$[A-Z_]{1,64}|\\{\\w{1,64}\\}|%s|\\*{1,64})@)'

/** Current and still valid older forms, by vendor. */
export const SECRET_SHAPES: readonly SecretShape[] = [
  shape('anthropic', ['sk-ant-'], `${ALONE}sk-ant-${TOKEN}{20,}`),
  shape('openai', ['sk-'], `${ALONE}sk-(?:(?:proj|svcacct|service|admin|None|or-v1)-${DIGIT}${TOKEN}{20,}|[A-Za-z0-9]{32,})`),
  shape('github', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], `gh[pousr]_${DIGIT}[A-Za-z0-9_.-]{36,}`),
  shape('github', ['github_pat_'], 'github_pat_[A-Za-z0-9_]{36,}'),
  shape('gitlab', anchors('gl', 'pat dt rt rtr cbt ptt ft imt agent soat oas ffct wt', '-'), `gl[a-z]{2,5}-${DIGIT}[A-Za-z0-9_.-]{20,}`),
  shape('gitlab', ['GR1348941'], `GR1348941${TOKEN}{20}`),
  shape('slack', ['xox'], `xox[a-z](?:\\.xox[bp])?-${DIGIT}[A-Za-z0-9%/+-]{10,}`),
  shape('slack', ['xapp-'], `xapp-[0-9]-[A-Za-z0-9-]{10,}`),
  shape('slack_webhook', ['hooks.slack'], 'hooks\\.slack(?:-gov)?\\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{20,}'),
  shape('aws', ['AKIA', 'ASIA', 'ABIA', 'ACCA', 'A3T'], 'A(?:KIA|SIA|BIA|CCA|3T[A-Z0-9])[A-Z0-9]{16}'),
  shape('aws', ['ABSK'], `${ALONE}ABSK[A-Za-z0-9+/]{109,269}={0,2}`),
  shape(
    'aws',
    ['secret_access_key', 'SECRET_ACCESS_KEY', 'secretAccessKey', 'SecretAccessKey'],
    `[A-Za-z_]{15,17}${ASSIGNED}([A-Za-z0-9/+]{40,})`
  ),
  shape('google', ['AIza'], `${ALONE}AIza${TOKEN}{35}`),
  shape('google', ['GOCSPX-'], `GOCSPX-${TOKEN}{20,}`),
  shape('google', ['ya29.', 'AQ.'], `${ALONE}(?:ya29|AQ)\\.${DIGIT}${TOKEN}{30,}`),
  shape(
    'stripe',
    anchors('', 'sk_live sk_test sk_prod rk_live rk_test rk_prod', '_'),
    `${ALONE}[sr]k_(?:live|test|prod)_${DIGIT}[A-Za-z0-9]{10,}`
  ),
  shape('webhook_secret', ['whsec_'], 'whsec_[A-Za-z0-9+/=_-]{20,}'),
  shape('npm', ['npm_'], `${ALONE}npm_[A-Za-z0-9]{36,}`),
  shape('sendgrid', ['SG.'], `${ALONE}SG\\.${TOKEN}{16,32}\\.${TOKEN}{32,64}`),
  shape('twilio', ['SK'], `${ALONE}SK[0-9a-fA-F]{32}`),
  shape('cloudflare', ['cfk_', 'cfut_', 'cfat_'], `${ALONE}cf(?:k|ut|at)_${TOKEN}{40,}`),
  shape('cloudflare', ['v1.0-'], `${ALONE}v1\\.0-[0-9a-f]{24}-[0-9a-f]{100,}`),
  shape(
    'cloudflare',
    anchors('C', 'LOUDFLARE_API_TOKEN LOUDFLARE_API_KEY F_API_TOKEN F_API_KEY', ''),
    `[A-Z_]{10,20}${ASSIGNED}(${TOKEN}{37,})`
  ),
  shape('neon', ['napi_', 'npg_'], `${ALONE}(?:napi|npg)_${DIGIT}[A-Za-z0-9]{12,}`),
  shape('resend', ['re_'], `${ALONE}re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}`),
  shape('huggingface', ['hf_'], `${ALONE}hf_[A-Za-z]{34,}`),
  shape('pypi', ['pypi-AgEI'], `pypi-AgEI${TOKEN}{50,}`),
  shape('digitalocean', ['doo_v1_', 'dop_v1_', 'dor_v1_'], 'do[opr]_v1_[0-9a-f]{64}'),
  shape('vault', ['hvs.', 'hvb.'], `${ALONE}hv[sb]\\.${TOKEN}{24,}`),
  shape('age', ['AGE-SECRET-KEY-1'], 'AGE-SECRET-KEY-1[0-9A-Z]{58}'),
  shape('enact', ['enact_live_', 'enact_test_'], `enact_(?:live|test)_${TOKEN}{16,}`),
  shape('enact', ['ENACT_SECRET'], `ENACT_SECRET(?:_PREVIOUS)?${ASSIGNED}((?:[^\\s"'[]|${BRACKET}){16,})`),
  shape('jwt', ['eyJ'], `(?<!${TOKEN})eyJ${TOKEN}{8,}\\.eyJ${TOKEN}{8,}\\.${TOKEN}{16,}`),
  shape('private_key', ['-----BEGIN'], `${PEM_BEGIN}${PEM_BODY}(?:-----END [A-Z0-9 ]{0,60}-----)?`),
  shape('authorization', ['uthorization'], `uthorization${ASSIGNED}(?:[Bb]earer|[Bb]asic|[Tt]oken)\\s{1,3}([A-Za-z0-9._~+/=-]{8,})`),
  shape('authorization', ['earer '], `earer ${DIGIT}([A-Za-z0-9._~+/=-]{20,})`),
  shape('url_password', ['://'], `://[^\\s/:@?#"'<>[]*:${NO_PLACEHOLDER}((?:[^\\s/?#"'<>[]|${BRACKET})+)@`)
]

function shape(name: string, literals: readonly string[], source: string): SecretShape {
  return { name, anchors: literals, pattern: new RegExp(source, 'dy') }
}

function anchors(before: string, middles: string, after: string): string[] {
  return middles.split(' ').map((middle) => before + middle + after)
}
