// A git object store with git's own names: blobs, trees and commits are what `git hash-object` says they are.
import { createHash } from 'node:crypto'

export interface TreeEntry {
  readonly mode: string
  readonly type: 'blob' | 'tree' | 'commit'
  readonly sha: string
}
export type Tree = ReadonlyMap<string, TreeEntry>
export interface Commit {
  readonly sha: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly message: string
}

/** Flat: `src/a.ts` → entry, directories left out. */
export type Files = Map<string, TreeEntry>

export class Objects {
  readonly blobs = new Map<string, Buffer>()
  readonly trees = new Map<string, Tree>()
  readonly commits = new Map<string, Commit>()

  blob(content: Buffer | string): string {
    const bytes = Buffer.from(content as string)
    const sha = nameOf('blob', bytes)
    this.blobs.set(sha, bytes)
    return sha
  }

  /** Git sorts directories as if their names ended in a slash. */
  tree(entries: Iterable<readonly [string, TreeEntry]>): string {
    const key = ([name, entry]: readonly [string, TreeEntry]) => Buffer.from(entry.type === 'tree' ? `${name}/` : name)
    const sorted = [...entries].sort((a, b) => Buffer.compare(key(a), key(b)))
    const bytes = Buffer.concat(
      sorted.flatMap(([name, { mode, sha }]) => [Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`), Buffer.from(sha, 'hex')])
    )
    const sha = nameOf('tree', bytes)
    this.trees.set(sha, new Map(sorted))
    return sha
  }

  commit(tree: string, parents: readonly string[], message: string, seconds: number): string {
    const who = `Fake <fake@example.com> ${seconds} +0000`
    const text = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${who}`, `committer ${who}`, '', message].join(
      '\n'
    )
    const sha = nameOf('commit', Buffer.from(text))
    this.commits.set(sha, { sha, tree, parents, message })
    return sha
  }

  files(tree: string, prefix = '', into: Files = new Map()): Files {
    for (const [name, entry] of this.trees.get(tree) ?? []) {
      if (entry.type === 'tree') this.files(entry.sha, `${prefix}${name}/`, into)
      else into.set(prefix + name, entry)
    }
    return into
  }

  /** The tree that holds exactly these files. */
  treeOf(files: Files): string {
    const here = new Map<string, TreeEntry>()
    const below = new Map<string, Files>()
    for (const [path, entry] of files) {
      const slash = path.indexOf('/')
      if (slash < 0) here.set(path, entry)
      else {
        const name = path.slice(0, slash)
        if (!below.has(name)) below.set(name, new Map())
        below.get(name)!.set(path.slice(slash + 1), entry)
      }
    }
    for (const [name, inner] of below) here.set(name, { mode: '040000', type: 'tree', sha: this.treeOf(inner) })
    return this.tree(here)
  }

  /** The commit and everything before it. */
  history(sha: string): Set<string> {
    const seen = new Set<string>()
    const open = [sha]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      open.push(...(this.commits.get(next)?.parents ?? []))
    }
    return seen
  }

  /** Of the common ancestors one that no other descends from, as in `git merge-base`. */
  mergeBase(one: string, other: string): string | null {
    const others = this.history(other)
    const common = [...this.history(one)].filter((sha) => others.has(sha))
    return common.find((sha) => !common.some((newer) => newer !== sha && this.history(newer).has(sha))) ?? null
  }

  /** A three-way merge by whole files; null when both sides changed one. */
  merge(base: string, ours: string, theirs: string): string | null {
    const [inBase, inOurs, inTheirs] = [base, ours, theirs].map((commit) => this.files(this.commits.get(commit)!.tree)) as [
      Files,
      Files,
      Files
    ]
    const merged: Files = new Map()
    for (const path of new Set([...inBase.keys(), ...inOurs.keys(), ...inTheirs.keys()])) {
      const [before, mine, yours] = [inBase, inOurs, inTheirs].map((files) => files.get(path))
      const name = (entry: TreeEntry | undefined) => (entry ? `${entry.mode} ${entry.sha}` : '')
      const kept = name(mine) === name(before) ? yours : name(yours) === name(before) || name(yours) === name(mine) ? mine : 'conflict'
      if (kept === 'conflict') return null
      if (kept) merged.set(path, kept)
    }
    return this.treeOf(merged)
  }
}

function nameOf(type: string, bytes: Buffer): string {
  return createHash('sha1').update(`${type} ${bytes.length}\0`).update(bytes).digest('hex')
}
