// How far a deletion of a whole folder reaches: to what can be built again, to work that cannot, or to the whole machine.
import { foldedReadings, type Place } from './paths.ts'

/** `free` can be built again or was meant to go; `work` may hold what nobody else has; the others nobody wants gone. */
export type Reach = 'free' | 'work' | 'unknown' | 'project' | 'home' | 'system' | 'root'

const GENERATED = new Set(
  (
    'node_modules dist build out target coverage htmlcov tmp temp logs log bin obj debug release pods deriveddata venv env virtualenv vendor ' +
    '_build _site site-packages wheelhouse artifacts artifact test-results playwright-report storybook-static cdk.out generated gen output ' +
    'outputs reports report results cache caches __pycache__ __snapshots__ lib-cov bower_components jspm_packages web-build typings es esm cjs umd ' +
    'screenshots videos downloads scratch sandbox playground snapshots'
  ).split(' ')
)
const GENERATED_FORM =
  /^\.(?:next|nuxt|output|turbo|cache|parcel-cache|vite|vitest|nyc_output|pytest_cache|mypy_cache|ruff_cache|hypothesis|tox|nox|venv|eggs|gradle|terraform|tmp|temp|svelte-kit|angular|expo|dart_tool|elixir_ls|wrangler|vercel|netlify|serverless|aws-sam|docusaurus|jekyll-cache|sass-cache|eslintcache|rpt2_cache|swc|nx|yarn|pnpm-store|npm|ipynb_checkpoints|coverage|build|dist|astro|contentlayer|idea|vs|trunk|webpack|fusebox|dynamodb|rts2_cache.*)$|\.egg-info$|\.dist-info$|\.tmp$|\.log$|\.bak$|\.orig$|^cmake-build-|(?:^|[-_.])(?:tmp|temp|cache|build|dist|artifacts?|scratch|sandbox|coverage)(?:[-_.]|$)|^(?:test|tmp|temp|demo|example|sample)[-_.]|[-_.](?:test|demo|example|sample|out|output)$/
const SYSTEM = new Set(
  'etc usr bin sbin lib lib64 boot var opt dev proc sys srv mnt media run library system applications volumes windows winnt programdata snap lost+found cores private program files'.split(
    ' '
  )
)
const PRIVATE = new Set(
  '.ssh .aws .gnupg .config .kube .docker .azure .gcloud .claude .codex .cursor .gemini .mozilla .local documents desktop pictures music movies library'.split(
    ' '
  )
)
const TEMPORARY =
  /^\$\{?(?:TMPDIR|TMP|TEMP|RUNNER_TEMP|XDG_RUNTIME_DIR|XDG_CACHE_HOME|\w*(?:TMP|TEMP|CACHE|SCRATCH|BUILD|DIST|OUT|OUTPUT|COVERAGE|ARTIFACTS?)(?:_?(?:DIR|PATH|FOLDER|ROOT))?|\w*(?:[tT]mp|[tT]emp|[cC]ache|[bB]uild|[dD]ist)(?:_?(?:dir|Dir|path|Path))?)\}?(?=[/]|$)/
const MKTEMP = /^\$\(mktemp\b[^)]*\)/

/** What is reached by deleting everything at a path; `cwd` is the project where it is known. */
export function reachOfDeletion(path: string, cwd: string | null): Reach {
  if (TEMPORARY.test(path) || MKTEMP.test(path)) return path.includes('..') ? 'unknown' : 'free'
  const whole = path.replace(/(?:\/+(?:\*+|\.\*|\.\[[^\]]*\]\*|\.\?\?\*|\{\*,\.\*\}))+\/*$/, '')
  const isContents = whole !== path
  const plain = whole === '' && path.startsWith('/') ? '/' : whole
  if (/^(?:\*+|\.\*|\.\[[^\]]*\]\*|\.)?\/?$/.test(plain) && plain !== '/') return inProject(cwd)
  const known = plain.replace(/^\$\{?PWD\}?|^\$\(pwd\)|^`pwd`/, '.')
  // `$X/…` with nothing in X is `/…`.
  if (/^(?:\$(?!\{?HOME\b)|`)/.test(known))
    return isContents || /^\$[^/]*\/[^/$]*$/.test(known) ? 'unknown' : isGenerated(known.split('/').at(-1)!) ? 'free' : 'unknown'
  const places = foldedReadings(known.replace(/^~[a-z][\w-]*(?=\/|$)/i, '~'))
  if (places === null) return 'unknown'
  // On a drive `\\` always separates: the reading with one in a name is none.
  const real = places.filter(({ root, segments }) => !root.endsWith(':') || !segments.some((one) => one.includes('\\')))
  const reaches = new Set(real.map((place) => reachOf(place, cwd)))
  return ORDER.find((reach) => reaches.has(reach)) ?? 'work'
}

/** A path may be read in several ways: the widest counts. */
const ORDER: readonly Reach[] = ['root', 'system', 'home', 'project', 'unknown', 'work', 'free']

function inProject(cwd: string | null): Reach {
  const reach = cwd === null ? 'project' : reachOfDeletion(cwd.replace(/\/+$/, '') || '/', null)
  return reach === 'root' || reach === 'system' || reach === 'home' ? reach : 'project'
}

function reachOf(place: Place, cwd: string | null): Reach {
  const { root, segments } = place
  if (cwd !== null && root !== '') {
    const inside = insideOf(place, cwd)
    if (inside !== null) return inside.length === 0 ? 'project' : relativeReach(inside)
  }
  if (root === '~') return homeReach(segments)
  if (root === '/' || root.endsWith(':')) return absoluteReach(segments)
  if (root === '..' && /^(?:home|users|root|etc|usr|boot|sbin|lib64|proc|sys|windows)$/.test(segments[0] ?? ''))
    return absoluteReach(segments)
  if (root === '..') return segments.length === 0 ? 'project' : isGenerated(segments.at(-1)!) ? 'free' : 'work'
  return segments.length === 0 ? 'project' : relativeReach(segments)
}

/** The segments below the project, or null for a place that is not in it. */
function insideOf(place: Place, cwd: string): readonly string[] | null {
  const project = foldedReadings(cwd)?.find(({ root }) => root === place.root)
  if (project === undefined || project.segments.length === 0 || !project.segments.every((segment, at) => place.segments[at] === segment))
    return null
  return place.segments.slice(project.segments.length)
}

function relativeReach(segments: readonly string[]): Reach {
  const last = segments.at(-1)!
  if (last === '.git') return 'project'
  if (segments.some(isGenerated)) return 'free'
  return isFile(last) ? 'free' : 'work'
}

function homeReach(segments: readonly string[]): Reach {
  const [first, ...rest] = segments
  if (first === undefined) return 'home'
  if (PRIVATE.has(first) && rest.length <= 1 && !rest.some(isGenerated)) return 'home'
  if (segments.some(isGenerated)) return 'free'
  if (rest.length === 0) return 'home'
  return isFile(segments.at(-1)!) ? 'free' : 'work'
}

function absoluteReach(segments: readonly string[]): Reach {
  const [first, second, third] = segments
  if (first === undefined) return 'root'
  if (first === 'tmp' || (first === 'dev' && second === 'shm')) return 'free'
  if (
    (first === 'var' && (second === 'tmp' || second === 'folders')) ||
    (first === 'private' && (second === 'tmp' || (second === 'var' && third === 'folders')))
  )
    return 'free'
  if (first === 'home' || first === 'users' || first === 'root')
    return segments.length <= 2 ? 'home' : homeReach(segments.slice(first === 'root' ? 1 : 2))
  if (SYSTEM.has(first)) return segments.length > 2 && isGenerated(segments.at(-1)!) ? 'free' : 'system'
  if (segments.length === 1) return first.includes('*') ? 'root' : 'system'
  return segments.some(isGenerated) || isFile(segments.at(-1)!) ? 'free' : 'work'
}

/** One file by its suffix, or a pattern of such: `rm -rf notes.txt` takes no folder. */
function isFile(segment: string): boolean {
  return /.\.[a-z0-9]{1,5}$/i.test(segment)
}

function isGenerated(segment: string): boolean {
  return GENERATED.has(segment) || GENERATED_FORM.test(segment)
}
