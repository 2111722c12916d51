// The slack family.
export { blockDms } from './block_dms.ts'
export { requireChannelAllowlist } from './require_channel_allowlist.ts'
