// Backups stay.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'velero * delete': 'deletes backups',
  'restic * --prune': 'deletes snapshots',
  'borg * --force': 'deletes or breaks archives',
  'rclone config delete|disconnect': 'takes a remote away',
  'restic forget|prune|unlock': 'deletes snapshots',
  'restic key remove': 'takes a key of the backups away',
  'restic repair ** --forget': 'deletes snapshots',
  'restic rewrite --forget': 'deletes snapshots',
  'borg|borgmatic delete|prune|compact|recreate|repo-delete|break-lock|with-lock': 'deletes archives',
  'borg key remove|change*': 'takes a key of the backups away',
  'borg repo-compress|upgrade': 'rewrites the archives',
  'kopia snapshot|repository|maintenance delete|expire|disconnect': 'deletes snapshots',
  'duplicity remove-*|cleanup': 'deletes backups',
  'duplicacy prune': 'deletes snapshots',
  'rdiff-backup --remove-older-than': 'deletes backups',
  'rdiff-backup remove': 'deletes backups',
  'velero backup|restore|schedule|snapshot|backup-location|snapshot-location delete': 'deletes backups',
  'velero delete': 'deletes backups',
  'velero uninstall': 'takes backups out of service',
  'pgbackrest expire|stanza-delete|stop': 'deletes backups',
  'barman delete': 'deletes backups',
  'wal-g|wal-e delete': 'deletes backups',
  'tmutil delete|deletelocalsnapshots|disable|deleteinprogress': 'deletes backups',
  'vssadmin delete|resize': 'deletes shadow copies',
  'wbadmin delete': 'deletes backups',
  'snapper delete': 'deletes snapshots',
  'timeshift --delete': 'deletes snapshots',
  'timeshift --delete-all': 'deletes snapshots',
  'aws backup delete-*|stop-*|disassociate-*': 'deletes backups',
  'aws ec2|rds delete-*snapshot*': 'deletes snapshots',
  'gcloud compute|sql snapshots|backups delete': 'deletes backups',
  'bconsole|proxmox-backup-client forget|prune': 'deletes backups',
  'heroku pg:backups:delete|pg:backups:unschedule': 'deletes backups'
})
const REMEDY = 'keep the backups, or ask a person'

/** Denies deleting backups, snapshots and their schedules: restic, borg, Velero, Time Machine, snapshots of clouds and file systems. */
export const blockBackupDelete = definePolicy({
  id: 'block_backup_delete',
  title: 'No deleting of backups',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'no backup is deleted')
})
