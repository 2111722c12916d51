// A copy does not delete.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'rsync --delete !--dry-run !-n': 'deletes at the destination what the source does not have',
  'rsync --del !--dry-run !-n': 'deletes at the destination what the source does not have',
  'rsync --delete-before !--dry-run !-n': 'deletes at the destination what the source does not have',
  'rsync --delete-after !--dry-run !-n': 'deletes at the destination what the source does not have',
  'rsync --delete-during !--dry-run !-n': 'deletes at the destination what the source does not have',
  'rsync --delete-delay !--dry-run !-n': 'deletes at the destination what the source does not have',
  'rsync --delete-excluded !--dry-run !-n': 'deletes at the destination what is excluded',
  'rsync --delete-missing-args !--dry-run !-n': 'deletes at the destination what the source does not have',
  'rsync --remove-source-files !--dry-run !-n': 'deletes the files that it copied',
  'rsync --ignore-errors --force': 'deletes folders that are not empty',
  'unison -force': 'overwrites one of two sides',
  'lftp --delete': 'deletes at the destination what the source does not have',
  'csync2 -f': 'overwrites the other side'
})
const REMEDY = 'copy without deleting, or look first with `--dry-run`'

/** Denies mirroring that deletes: `rsync --delete`, `--remove-source-files`, robocopy `/MIR`, `lftp mirror --delete`, `unison -force`. */
export const blockSyncDelete = definePolicy({
  id: 'block_sync_delete',
  title: 'No mirroring that deletes',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'nothing is deleted by a copy')
})
