// GitHub: branches, commits, pull requests and issues, each write with the call that takes it back.
import * as z from 'zod'
import { defineConnector } from '../../engine/index.ts'
import { compare_branches, create_branch, delete_branch, get_branch } from './branches.ts'
import { createClient } from './client.ts'
import { push_commit, revert_commit } from './commits.ts'
import { close_issue, create_issue, reopen_issue } from './issues.ts'
import { close_pr, create_pr, get_pr, merge_pr, reopen_pr } from './pulls.ts'

/** The GitHub connector: nothing outside `repos`, no forced update, and no token in anything it answers. */
export const github = defineConnector({
  id: 'github',
  title: 'GitHub',
  options: z.strictObject({
    token: z.string().min(1),
    /** GitHub's own, or a GitHub Enterprise server's `https://<host>/api/v3`. */
    api_url: z
      .url()
      .refine(isSafeAddress, 'must be https without credentials (http only on this machine)')
      .default('https://api.github.com'),
    /** `owner/name` or `owner/*`. Absent = all that the token can reach; empty = none. */
    repos: z
      .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]*\/(\*|[A-Za-z0-9._-]+)$/, 'must be `owner/name` or `owner/*`'))
      .readonly()
      .optional()
  }),
  scope: ({ api_url, repos }) => ({ api_url, ...(repos ? { repos } : {}) }),
  connect: (options) => ({ client: createClient(options) }),
  actions: {
    get_branch,
    compare_branches,
    create_branch,
    delete_branch,
    push_commit,
    revert_commit,
    get_pr,
    create_pr,
    close_pr,
    reopen_pr,
    merge_pr,
    create_issue,
    close_issue,
    reopen_issue
  }
})

// A token sent in clear text over a network is a token lost.
function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(address)
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname))
}
