// The slack family.
export { blockDms } from './block_dms.ts'
export { noBulkChannelBlast } from './no_bulk_channel_blast.ts'
export { noDmExternalUsers } from './no_dm_external_users.ts'
export { requireChannelAllowlist } from './require_channel_allowlist.ts'
