// Git trees: reading a path, and a three-way merge by whole files that says exactly which paths stand in the way.
import { GitHubFailure } from './failure.ts'
import type { Repository } from './repository.ts'

/** One name in a directory, as git keeps it. */
export interface Entry {
  readonly mode: '100644' | '100755' | '040000' | '160000' | '120000'
  readonly type: 'blob' | 'tree' | 'commit'
  readonly sha: string
}
export type Tree = ReadonlyMap<string, Entry>
export type ReadTree = (sha: string) => Promise<Tree>

/** Reads each directory at most once. */
export function treeReader(repository: Repository): ReadTree {
  const known = new Map<string, Promise<Tree>>()
  return (sha) => {
    const reading = known.get(sha) ?? readTree(repository, sha)
    known.set(sha, reading)
    return reading
  }
}

// Git's name for a directory without entries, which GitHub does not list.
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

async function readTree(repository: Repository, sha: string): Promise<Tree> {
  if (sha === EMPTY_TREE) return new Map()
  const { data } = await repository.api.git.getTree({ ...repository.at, tree_sha: sha })
  // What is missing from a shortened list would be taken for deleted.
  if (data.truncated) throw new GitHubFailure('too_large', 'a directory is too large for github to list in full', null, 'none')
  return new Map(data.tree.map(({ path, mode, type, sha: entry }) => [path, { mode, type, sha: entry } as Entry]))
}

/** What is at a path: null for nothing, `blocked` when a parent of it is not a directory. */
export async function entryAt(read: ReadTree, root: string, path: string): Promise<Entry | null | 'blocked'> {
  let here: Entry = { mode: '040000', type: 'tree', sha: root }
  for (const name of path.split('/')) {
    if (here.type !== 'tree') return 'blocked'
    const next = (await read(here.sha)).get(name)
    if (!next) return null
    here = next
  }
  return here
}

/** A directory to be written: what stays is an `Entry`, what changes is planned inside it. */
export type Plan = Entry | null | ReadonlyMap<string, Exclude<Plan, null>>

interface Sides {
  readonly base: Entry | null
  readonly ours: Entry | null
  readonly theirs: Entry | null
}

/**
 * Takes the step from `base` to `theirs` on top of `ours`: only what that step changes, and only where `ours` is still as
 * `base` has it. Paths where it is neither that nor already as wished go to `conflicts`. Modes, symlinks and submodules count.
 */
export async function mergeTrees(read: ReadTree, sides: Sides, conflicts: string[], path = ''): Promise<Plan> {
  const { base, ours, theirs } = sides
  if (same(base, theirs) || same(ours, theirs)) return ours
  if (same(ours, base)) return theirs
  // A file in the place of a directory, or two files: git could not merge these by whole files either.
  if ([base, ours, theirs].some((entry) => entry !== null && entry.type !== 'tree')) {
    conflicts.push(path)
    return ours
  }
  const list = async (entry: Entry | null): Promise<Tree> => (entry === null ? new Map() : read(entry.sha))
  const [inBase, inOurs, inTheirs] = await Promise.all([list(base), list(ours), list(theirs)])
  const names = [...new Set([...inBase.keys(), ...inOurs.keys(), ...inTheirs.keys()])].sort()
  const planned = new Map<string, Exclude<Plan, null>>()
  for (const name of names) {
    const inner = { base: inBase.get(name) ?? null, ours: inOurs.get(name) ?? null, theirs: inTheirs.get(name) ?? null }
    const plan = await mergeTrees(read, inner, conflicts, path === '' ? name : `${path}/${name}`)
    if (plan !== null) planned.set(name, plan)
  }
  const unchanged = planned.size === inOurs.size && [...planned].every(([name, plan]) => plan === inOurs.get(name))
  return unchanged ? ours : planned
}

/** Writes what a plan needs, deepest first; null when nothing is left, since git keeps no empty directories. */
export async function writePlan(repository: Repository, plan: Plan): Promise<Entry | null> {
  if (plan === null || !isDirectory(plan)) return plan
  const tree: (Entry & { path: string })[] = []
  for (const [path, inner] of plan) {
    const entry = await writePlan(repository, inner)
    if (entry !== null) tree.push({ path, ...entry })
  }
  if (tree.length === 0) return null
  const { data } = await repository.api.git.createTree({ ...repository.at, tree })
  return { mode: '040000', type: 'tree', sha: data.sha }
}

function isDirectory(plan: Exclude<Plan, null>): plan is ReadonlyMap<string, Exclude<Plan, null>> {
  return plan instanceof Map
}

function same(one: Entry | null, other: Entry | null): boolean {
  return one === other || (one !== null && other !== null && one.sha === other.sha && one.mode === other.mode)
}
