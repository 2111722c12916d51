// What agents may name on GitHub: repositories, branches, paths. Strict, so that nothing can bend an address or leave a tree.
import * as z from 'zod'

/** `owner/name`, nothing that could change a request's path. */
export const RepoName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}\/[A-Za-z0-9._-]{1,100}$/, 'must be `owner/name`')
  .refine((name) => !/\/\.{1,2}$|\.git$/i.test(name), 'must be `owner/name`, not a path and without `.git`')

/** A branch by its short name (`agent/x`), in the form git accepts (git-check-ref-format), never a `refs/` or `heads/` path or a sha. */
export const Branch = z.string().min(1).max(244).refine(isBranchName, 'must be a branch name such as `agent/fix-1`, without `refs/`')

export const Sha = z.string().regex(/^[0-9a-f]{40}$/, 'must be a full commit sha in lower case')
export const ItemNumber = z.int().min(1).max(2_147_483_647)
export const Title = z
  .string()
  .min(1)
  .max(256)
  .refine((text) => text.trim() !== '' && !hasControl(text) && text.isWellFormed(), 'must be one line of text')
export const Body = z
  .string()
  .max(60_000)
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'must be text without NUL')
export const CommitMessage = z
  .string()
  .max(20_000)
  .refine((text) => text.trim() !== '' && !text.includes('\0') && text.isWellFormed(), 'must be text without NUL')

/** A file's place in the tree: relative, resolved, and never inside `.git`. */
export const FilePath = z
  .string()
  .min(1)
  .max(1024)
  .refine(isFilePath, 'must be a relative path without `..`, `.git`, `\\` or control characters')

/** One file of a commit: its new content, or its deletion. Without `mode` an existing file keeps its own. */
export const FileChange = z.union([
  z.strictObject({ path: FilePath, delete: z.literal(true) }),
  z
    .strictObject({
      path: FilePath,
      content: z.string().max(5_000_000),
      encoding: z.enum(['utf-8', 'base64']).optional(),
      mode: z.enum(['100644', '100755']).optional()
    })
    .refine(isFaithful, 'content must be valid base64, or text without NUL (send other bytes as base64)')
])
export type FileChange = z.infer<typeof FileChange>

/** The files of one commit, each path once: two contents for one path have no truth. */
export const Files = z
  .array(FileChange)
  .min(1)
  .max(1000)
  .refine((files) => new Set(files.map((file) => file.path)).size === files.length, 'names a path twice')

function isBranchName(name: string): boolean {
  if (!name.isWellFormed() || hasControl(name) || /[\s~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$|^-|^@$/.test(name)) return false
  if (/^(refs|heads)\//i.test(name) || name === 'HEAD' || /^[0-9a-f]{40}$/i.test(name)) return false
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'))
}

function isFilePath(path: string): boolean {
  if (!path.isWellFormed() || hasControl(path) || path.includes('\\')) return false
  // Git on Windows and macOS also takes `.GIT`, `.git.` and `.git ` for the real one.
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !/^\.git[. ]*$/i.test(part))
}

function isFaithful(file: { content: string; encoding?: 'utf-8' | 'base64' | undefined }): boolean {
  if (file.encoding === 'base64') return z.base64().safeParse(file.content).success
  return !file.content.includes('\0') && file.content.isWellFormed()
}

function hasControl(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(text)
}

/** What is locked and receipted: `github/acme/app/branch/agent%2Fx`. GitHub folds the case of owners and repositories, so do locks. */
export function resource(repo: string, kind: 'branch' | 'pull' | 'issue' | 'issue-titled', name: string | number): string {
  return `github/${repo.toLowerCase()}/${kind}/${encodeURIComponent(name)}`
}
