// The file_access family.
export { blockGlobCredentialsDirs } from './block_glob_credentials_dirs.ts'
export { blockGrepSecretPatterns } from './block_grep_secret_patterns.ts'
