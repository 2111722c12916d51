// The git data side of the fake: refs, commits, trees, blobs, compare.
import { Refusal, type Asked, type Route } from './route.ts'
import type { Files, TreeEntry } from './objects.ts'

const R = '/repos/{owner}/{repo}'

interface SentEntry {
  readonly path: string
  readonly mode: string
  readonly type: TreeEntry['type']
  readonly content?: string
  readonly sha?: string | null
}

export const gitRoutes: Readonly<Record<string, Route>> = {
  [`GET ${R}`]: ({ repository }) => ({ status: 200, body: { full_name: repository.full_name, default_branch: 'main' } }),

  [`GET ${R}/git/ref/{ref}`]: (asked) => ({ status: 200, body: refBody(branchOf(asked), headOf(asked, 404)) }),

  [`POST ${R}/git/refs`]({ repository, world, body, effect }) {
    const branch = /^refs\/heads\/(.+)$/.exec(body.ref)?.[1]
    if (!branch) throw new Refusal(422, "Reference name must start with 'refs/' and have at least two slashes")
    if (!world.objects.commits.has(body.sha)) throw new Refusal(422, 'Object does not exist')
    if (repository.refs.has(branch)) throw new Refusal(422, 'Reference already exists')
    repository.refs.set(branch, body.sha)
    effect(`create ${branch}`)
    return { status: 201, body: refBody(branch, body.sha) }
  },

  [`PATCH ${R}/git/refs/{ref}`](asked) {
    const { repository, world, body, effect } = asked
    const head = headOf(asked, 422)
    if (!world.objects.commits.has(body.sha)) throw new Refusal(422, 'Object does not exist')
    if (!body.force && !world.objects.history(body.sha).has(head)) throw new Refusal(422, 'Update is not a fast forward')
    repository.refs.set(branchOf(asked), body.sha)
    effect(`${body.force ? 'force' : 'move'} ${branchOf(asked)}`)
    return { status: 200, body: refBody(branchOf(asked), body.sha) }
  },

  [`DELETE ${R}/git/refs/{ref}`](asked) {
    const { repository, world, effect } = asked
    const head = headOf(asked, 422)
    const branch = branchOf(asked)
    repository.refs.delete(branch)
    for (const pull of repository.pulls) {
      if (pull.state !== 'open' || (pull.base !== branch && (pull.head.ref !== branch || pull.head.full_name !== repository.full_name)))
        continue
      Object.assign(pull, { state: 'closed', closed_at: timeText(world.tick()), head_sha: pull.head.ref === branch ? head : pull.head_sha })
    }
    effect(`delete ${branch}`)
    return { status: 204 }
  },

  [`GET ${R}/git/commits/{commit_sha}`]({ world, params }) {
    const commit = world.objects.commits.get(params['commit_sha']!)
    if (!commit) throw new Refusal(404, 'Not Found')
    return { status: 200, body: commitBody(commit) }
  },

  [`POST ${R}/git/commits`]({ world, body }) {
    if (!world.objects.trees.has(body.tree)) throw new Refusal(422, 'Tree SHA does not exist')
    if (!(body.parents ?? []).every((sha: string) => world.objects.commits.has(sha)))
      throw new Refusal(422, 'Parent SHA does not exist or is not a commit object')
    const sha = world.objects.commit(body.tree, body.parents ?? [], body.message, world.tick())
    return { status: 201, body: commitBody(world.objects.commits.get(sha)!) }
  },

  [`GET ${R}/git/trees/{tree_sha}`]({ world, params }) {
    const tree = world.objects.trees.get(params['tree_sha']!)
    if (!tree) throw new Refusal(404, 'Not Found')
    return {
      status: 200,
      body: { sha: params['tree_sha'], truncated: false, tree: [...tree].map(([path, entry]) => ({ path, ...entry })) }
    }
  },

  [`POST ${R}/git/trees`]({ world, body }) {
    const { objects } = world
    if (body.tree.length === 0) throw new Refusal(422, 'Invalid tree info')
    if (body.base_tree !== undefined && !objects.trees.has(body.base_tree)) throw new Refusal(422, 'base_tree is not a valid tree oid')
    const files: Files = body.base_tree === undefined ? new Map() : objects.files(body.base_tree)
    for (const entry of body.tree as SentEntry[]) setEntry(files, entry, objects)
    return { status: 201, body: { sha: objects.treeOf(files), truncated: false, tree: [] } }
  },

  [`POST ${R}/git/blobs`]({ world, body }) {
    const sha = world.objects.blob(Buffer.from(body.content, body.encoding === 'base64' ? 'base64' : 'utf8'))
    return { status: 201, body: { sha, url: `https://api.github.com/blobs/${sha}` } }
  },

  [`GET ${R}/compare/{basehead}`]({ repository, world, params }) {
    const [base = '', head = ''] = params['basehead']!.split('...').map((name) => repository.refs.get(name) ?? name)
    if (!world.objects.commits.has(base) || !world.objects.commits.has(head)) throw new Refusal(404, 'Not Found')
    const [inBase, inHead] = [world.objects.history(base), world.objects.history(head)]
    const ahead_by = [...inHead].filter((sha) => !inBase.has(sha)).length
    const behind_by = [...inBase].filter((sha) => !inHead.has(sha)).length
    const status = ahead_by && behind_by ? 'diverged' : ahead_by ? 'ahead' : behind_by ? 'behind' : 'identical'
    return { status: 200, body: { status, ahead_by, behind_by, total_commits: ahead_by } }
  }
}

function setEntry(files: Files, { path, mode, type, content, sha }: SentEntry, objects: Asked['world']['objects']): void {
  const below = [...files.keys()].filter((name) => name.startsWith(`${path}/`))
  if (sha === null) {
    if (!files.has(path) && below.length === 0) throw new Refusal(422, 'GitRPC::BadObjectState')
    for (const name of [path, ...below]) files.delete(name)
    return
  }
  if ((content === undefined) === (sha === undefined)) throw new Refusal(422, 'tree.sha or tree.content has to be given')
  if (path.split('/').some((part) => part === '' || part === '..' || part.toLowerCase() === '.git'))
    throw new Refusal(422, 'tree.path contains a malformed path component')
  if (sha !== undefined && type !== 'commit' && !objects.blobs.has(sha) && !objects.trees.has(sha))
    throw new Refusal(422, `tree.sha ${sha} is not a valid ${type}`)
  for (const name of below) files.delete(name)
  // A file in the place of a parent directory gives way, as on GitHub: connectors have to look before.
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) files.delete(path.slice(0, slash))
  if (type === 'tree') for (const [name, entry] of objects.files(sha!)) files.set(`${path}/${name}`, entry)
  else files.set(path, { mode, type, sha: sha ?? objects.blob(content!) })
}

function branchOf({ params }: Asked): string {
  return /^heads\/(.+)$/.exec(params['ref']!)?.[1] ?? ''
}

function headOf(asked: Asked, status: 404 | 422): string {
  const head = asked.repository.refs.get(branchOf(asked))
  if (!head) throw new Refusal(status, status === 404 ? 'Not Found' : 'Reference does not exist')
  return head
}

function refBody(branch: string, sha: string) {
  return { ref: `refs/heads/${branch}`, object: { type: 'commit', sha, url: `https://api.github.com/commits/${sha}` } }
}

function commitBody({ sha, tree, parents, message }: { sha: string; tree: string; parents: readonly string[]; message: string }) {
  return { sha, message, tree: { sha: tree }, parents: parents.map((parent) => ({ sha: parent })) }
}

export function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
