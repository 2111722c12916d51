// The filesystem family.
export { blockExtensions } from './block_extensions.ts'
export { dontAccessHomeDir } from './dont_access_home_dir.ts'
export { dontCopyApiKeys } from './dont_copy_api_keys.ts'
export { dontDeleteFile } from './dont_delete_file.ts'
export { dontEditGitignore } from './dont_edit_gitignore.ts'
export { dontReadEnv } from './dont_read_env.ts'
export { dontTouchCiCd } from './dont_touch_ci_cd.ts'
export { restrictPaths } from './restrict_paths.ts'
