// Names of branches: every spelling of one branch gives one name.
import { fold } from './fold.ts'

// The everyday case, told in one look: plain letters that hold neither name.
const PLAIN_OTHER = /^(?!.*(?:main|master))[\w/.-]*$/i
const PREFIX = /^(?:refs\/heads|heads|refs\/remotes\/[^/]+|remotes\/[^/]+|origin|upstream)\/(?=.)/

/**
 * The branch that a text means, for comparing with a forbidden one: case, look-alikes (NFKC), invisible characters, percent-encoding and
 * surrounding space folded, `refs/heads/` and a remote's name taken off, a refspec (`+HEAD:main`) reduced to its destination.
 */
export function foldBranch(text: string): string {
  const plain = fold(decode(text).trim()).trim()
  const target = plain
    .slice(plain.lastIndexOf(':') + 1)
    .replace(/^\+/, '')
    .trim()
  return stripPrefixes(target.replace(/\/{2,}/g, '/').replace(/^\/+|\/+$/g, ''))
}

/** The branch that a text means, for comparing with an allowed one: nothing but surrounding space and `refs/heads/` is taken off. */
export function branchName(text: string): string {
  return text.trim().replace(/^(?:refs\/)?heads\//, '')
}

/** Whether git takes this as a branch's name (git-check-ref-format). */
export function isBranchName(name: string): boolean {
  // oxlint-disable-next-line no-control-regex
  if (name === '' || name === '@' || /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^[/-]|[/.]$/.test(name)) return false
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'))
}

/** Whether a text means `main` or `master`. */
export function isMainBranch(text: string): boolean {
  if (PLAIN_OTHER.test(text)) return false
  const name = foldBranch(text)
  return name === 'main' || name === 'master'
}

/** `origin/refs/heads/main` needs more than one round. */
function stripPrefixes(name: string): string {
  let rest = name
  for (let found = PREFIX.exec(rest); found !== null; found = PREFIX.exec(rest)) rest = rest.slice(found[0].length)
  return rest
}

function decode(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/%([0-7][0-9a-f])/gi, (_match, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}
