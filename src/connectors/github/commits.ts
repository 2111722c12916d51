// Commits: files onto a branch in one commit, and the true revert of a commit or merge, both without ever forcing.
import * as z from 'zod'
import { alreadyDone, conflict, failed } from '../../engine/index.ts'
import { writing, type Planned } from './action.ts'
import { GitHubFailure } from './failure.ts'
import { advance, headMoved, lookForCommit, mustCommit, mustHead } from './history.ts'
import { Branch, CommitMessage, Files, RepoName, resource, Sha, type FileChange } from './inputs.ts'
import type { Repository } from './repository.ts'
import { entryAt, mergeTrees, treeReader, writePlan, type Entry, type ReadTree } from './trees.ts'

type Pushed = { branch: string; commit_sha: string; parent_sha: string | null }

const onBranch = (input: { repo: string; branch: string }) => [resource(input.repo, 'branch', input.branch)]

/** Puts files on a branch in one commit whose parent is the head that was read; a head that moves meanwhile stays untouched. */
export const push_commit = writing({
  title: 'Commit files to a branch',
  input: z.strictObject({ repo: RepoName, branch: Branch, files: Files, commit_message: CommitMessage, expected_head_sha: Sha.optional() }),
  resources: onBranch,
  async plan(repository, { branch, files, commit_message, expected_head_sha }): Promise<Planned<Pushed>> {
    const parent = await mustCommit(repository, await mustHead(repository, branch))
    const changes = await planChanges(treeReader(repository), parent.tree, files)
    // A tree that no commit names changes nothing; its name tells whether every file is as wished already.
    const tree = changes.length === 0 ? parent.tree : await writeChanges(repository, parent.tree, changes)
    if (tree === parent.tree) return alreadyDone('pushed', { branch, commit_sha: parent.sha, parent_sha: parent.parents[0] ?? null })
    if (expected_head_sha !== undefined && parent.sha !== expected_head_sha)
      return headMoved(repository, branch, expected_head_sha, parent.sha)
    return () => advance(repository, branch, parent, tree, commit_message)
  },
  look: (repository, { branch }) => lookForCommit(repository, branch),
  inverse: ({ repo, branch }, { commit_sha }: Pushed) => ({
    action: 'revert_commit',
    input: { repo, branch, commit_sha },
    expect: { head_sha: commit_sha }
  })
})

/**
 * Reverts a commit, or a merge against its first parent, on top of the branch's current head: the paths that it changed are set
 * back, and only if they are still what it made them; else a conflict that names them. Later commits survive.
 */
export const revert_commit = writing({
  title: 'Revert a commit',
  input: z.strictObject({ repo: RepoName, branch: Branch, commit_sha: Sha, commit_message: CommitMessage.optional() }),
  resources: onBranch,
  async plan(repository, { branch, commit_sha, commit_message }): Promise<Planned<Pushed>> {
    const reverted = await mustCommit(repository, commit_sha)
    const [mainline] = reverted.parents
    if (mainline === undefined) return failed('no_parent', `commit ${commit_sha} is the first of its history: nothing was before it`)
    const before = await mustCommit(repository, mainline)
    const head = await mustCommit(repository, await mustHead(repository, branch))
    const directory = (sha: string): Entry => ({ mode: '040000', type: 'tree', sha })
    const conflicts: string[] = []
    const sides = { base: directory(reverted.tree), ours: directory(head.tree), theirs: directory(before.tree) }
    const plan = await mergeTrees(treeReader(repository), sides, conflicts)
    if (plan === sides.ours && conflicts.length === 0)
      return alreadyDone('reverted', { branch, commit_sha: head.sha, parent_sha: head.parents[0] ?? null })
    const expected = repository.call.expect?.['head_sha']
    if (typeof expected === 'string' && head.sha !== expected) return headMoved(repository, branch, expected, head.sha)
    if (conflicts.length > 0) {
      return conflict(
        `changed since ${commit_sha}: ${conflicts
          .slice(0, 20)
          .map((path) => `\`${path}\``)
          .join(', ')}`,
        { head_sha: head.sha, paths: conflicts }
      )
    }
    const message = commit_message ?? `Revert ${commit_sha}\n\nThis takes back commit ${commit_sha} and keeps what came after it.`
    return async () => {
      const root = await writePlan(repository, plan)
      if (root === null) return failed('empty_tree', 'the revert would leave no file at all, which github cannot commit')
      return advance(repository, branch, head, root.sha, message)
    }
  },
  look: (repository, { branch }) => lookForCommit(repository, branch),
  inverse: ({ repo, branch }, { commit_sha }: Pushed) => ({
    action: 'revert_commit',
    input: { repo, branch, commit_sha },
    expect: { head_sha: commit_sha }
  })
})

type Change = {
  path: string
  mode: Entry['mode']
  type: Entry['type']
  content?: string
  encoding?: 'utf-8' | 'base64' | undefined
  sha?: null
}

/** What each file means for the tree at hand. Deleting what is not there is nothing to do. */
async function planChanges(read: ReadTree, root: string, files: readonly FileChange[]): Promise<Change[]> {
  const changes: Change[] = []
  for (const file of files) {
    const { path } = file
    const found = await entryAt(read, root, path)
    if (found === 'blocked') throw refused('not_a_directory', `a parent of \`${path}\` is a file`)
    if (found?.type === 'tree') throw refused('is_a_directory', `\`${path}\` is a directory`)
    if ('delete' in file) {
      if (found) changes.push({ path, mode: found.mode, type: found.type, sha: null })
    } else if (found && found.mode !== '100644' && found.mode !== '100755') {
      throw refused('not_a_file', `\`${path}\` is a symbolic link or a submodule`)
    } else {
      changes.push({ path, mode: file.mode ?? found?.mode ?? '100644', type: 'blob', content: file.content, encoding: file.encoding })
    }
  }
  return changes
}

async function writeChanges(repository: Repository, base_tree: string, changes: readonly Change[]): Promise<string> {
  const tree = []
  for (const { content, encoding, ...entry } of changes) {
    if (content === undefined) tree.push(entry)
    else if (encoding !== 'base64') tree.push({ ...entry, content })
    // Bytes that are not text travel as a blob of their own, one after the other, as GitHub asks of writers.
    else tree.push({ ...entry, sha: (await repository.api.git.createBlob({ ...repository.at, content, encoding })).data.sha })
  }
  const { data } = await repository.api.git.createTree({ ...repository.at, base_tree, tree })
  return data.sha
}

function refused(code: string, message: string): GitHubFailure {
  return new GitHubFailure(code, message, null, 'none')
}
