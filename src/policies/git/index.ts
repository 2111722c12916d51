// The git family.
export { dontCommitApiKeys } from './dont_commit_api_keys.ts'
export { dontDeleteBranch } from './dont_delete_branch.ts'
export { dontForcePush } from './dont_force_push.ts'
export { dontMergeToMain } from './dont_merge_to_main.ts'
export { dontPushToMain } from './dont_push_to_main.ts'
export { maxFilesPerCommit } from './max_files_per_commit.ts'
export { requireBranchPrefix } from './require_branch_prefix.ts'
export { requireMeaningfulCommitMessage } from './require_meaningful_commit_message.ts'
