// The state of the fake GitHub: repositories with refs, pull requests and issues, and hands to change them from outside.
import { Objects, type Files, type TreeEntry } from './objects.ts'

export interface Pull {
  readonly number: number
  title: string
  body: string | null
  state: 'open' | 'closed'
  draft: boolean
  base: string
  readonly head: { readonly ref: string; readonly full_name: string }
  /** The head when it was last seen: a deleted branch keeps it. */
  head_sha: string
  merge_commit_sha: string | null
  merged: boolean
  closed_at: string | null
}
export interface Issue {
  readonly number: number
  title: string
  body: string | null
  state: 'open' | 'closed'
  state_reason: string | null
  comments: number
  closed_at: string | null
  labels: string[]
}

/** A file as tests write it: its text, or text with a mode. */
export type Content = string | { readonly content: string; readonly mode: string }

export class World {
  readonly objects = new Objects()
  readonly repositories = new Map<string, Repository>()
  #seconds = Date.UTC(2026, 0, 1) / 1000

  /** Every look at the clock is a second later: no two commits or closings share a time. */
  tick(): number {
    return ++this.#seconds
  }

  repository(full_name: string): Repository {
    const found = this.repositories.get(full_name.toLowerCase())
    if (!found) throw new Error(`the fake has no repository ${full_name}`)
    return found
  }

  /** A repository with one commit on `main`. Forks share the object store, as they do on GitHub. */
  seed(full_name: string, files: Readonly<Record<string, Content>>): Repository {
    const made = new Repository(this, full_name)
    this.repositories.set(full_name.toLowerCase(), made)
    made.refs.set('main', this.objects.commit(this.objects.treeOf(made.entries(files)), [], 'Begin', this.tick()))
    return made
  }
}

export class Repository {
  readonly world: World
  readonly full_name: string
  readonly refs = new Map<string, string>()
  readonly pulls: Pull[] = []
  readonly issues: Issue[] = []
  #number = 0

  constructor(world: World, full_name: string) {
    this.world = world
    this.full_name = full_name
  }

  nextNumber(): number {
    return ++this.#number
  }

  entries(files: Readonly<Record<string, Content>>): Files {
    return new Map(
      Object.entries(files).map(([path, file]): [string, TreeEntry] => {
        const { content, mode } = typeof file === 'string' ? { content: file, mode: '100644' } : file
        return [path, { mode, type: 'blob', sha: this.world.objects.blob(content) }]
      })
    )
  }

  head(branch: string): string {
    const sha = this.refs.get(branch)
    if (!sha) throw new Error(`the fake has no branch ${branch}`)
    return sha
  }

  /** Somebody else's push: sets files (null deletes) in a new commit on the branch, and says its sha. */
  push(branch: string, changes: Readonly<Record<string, Content | null>>, message = 'Somebody else'): string {
    const { objects } = this.world
    const parent = this.head(branch)
    const files = objects.files(objects.commits.get(parent)!.tree)
    for (const [path, content] of Object.entries(changes)) {
      if (content === null) files.delete(path)
      else for (const [name, entry] of this.entries({ [path]: content })) files.set(name, entry)
    }
    const sha = objects.commit(objects.treeOf(files), [parent], message, this.world.tick())
    this.refs.set(branch, sha)
    return sha
  }

  /** Path → text of a branch; a mode other than 100644 stands before the text. */
  read(branch: string): Record<string, string> {
    const { objects } = this.world
    const files = [...objects.files(objects.commits.get(this.head(branch))!.tree)].sort(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(
      files.map(([path, entry]) => [
        path,
        (entry.mode === '100644' ? '' : `${entry.mode} `) + (objects.blobs.get(entry.sha)?.toString() ?? entry.sha)
      ])
    )
  }

  /** Opens a pull request as a person would, also from a fork's branch. */
  open(branch: string, base: string, from: Repository = this): Pull {
    const head = { ref: branch, full_name: from.full_name }
    const pull: Pull = {
      number: this.nextNumber(),
      title: branch,
      body: null,
      state: 'open',
      draft: false,
      base,
      head,
      head_sha: from.head(branch),
      merge_commit_sha: null,
      merged: false,
      closed_at: null
    }
    this.pulls.push(pull)
    return pull
  }

  pull(number: number): Pull {
    const found = this.pulls.find((pull) => pull.number === number)
    if (!found) throw new Error(`the fake has no pull request ${number}`)
    return found
  }

  issue(number: number): Issue {
    const found = this.issues.find((issue) => issue.number === number)
    if (!found) throw new Error(`the fake has no issue ${number}`)
    return found
  }

  /** Everything that an undo has to bring back, comparable with toEqual. No one can un-merge: what a merge did to its base comes back. */
  snapshot() {
    return {
      branches: Object.fromEntries([...this.refs.keys()].sort().map((branch) => [branch, this.read(branch)])),
      pulls: this.pulls.filter((pull) => pull.state === 'open' || pull.merged).map((pull) => pull.number),
      issues: this.issues.filter((issue) => issue.state === 'open').map((issue) => issue.number)
    }
  }
}
