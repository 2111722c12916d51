// Buckets are not emptied.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'aws s3 rm --recursive': 'deletes every object below an address',
  'aws s3 rb': 'deletes a bucket',
  'aws s3 sync --delete': 'deletes at the destination what the source does not have',
  'aws s3 mv --recursive': 'takes every object away from its place',
  'aws s3api delete-*': 'deletes buckets, objects or what protects them',
  'aws s3api put-bucket-lifecycle*': 'makes objects expire',
  'aws s3api put-bucket-versioning': 'may switch versions off',
  'aws s3control|s3outposts|glacier|s3tables delete-*': 'deletes storage',
  'gsutil rm --recursive/-r': 'deletes every object below an address',
  'gsutil rm -R': 'deletes every object below an address',
  'gsutil rb': 'deletes a bucket',
  'gsutil rsync -d': 'deletes at the destination what the source does not have',
  'gsutil -m rm': 'deletes objects',
  'gsutil rm *': 'deletes objects',
  'gcloud storage rm': 'deletes objects or buckets',
  'gcloud storage buckets|objects|managed-folders delete': 'deletes objects or buckets',
  'gcloud storage rsync --delete-unmatched-destination-objects': 'deletes at the destination what the source does not have',
  'az storage account|container|share|queue|table|fs|blob|file|directory|entity delete*': 'deletes storage',
  'az storage remove': 'deletes storage',
  'az storage blob sync --delete-destination': 'deletes at the destination what the source does not have',
  'azcopy remove|rm': 'deletes storage',
  'azcopy sync --delete-destination': 'deletes at the destination what the source does not have',
  'mc rb|rm': 'deletes objects or buckets',
  'mc mirror --remove': 'deletes at the destination what the source does not have',
  's3cmd del|rm|rb': 'deletes objects or buckets',
  's3cmd sync --delete-removed': 'deletes at the destination what the source does not have',
  's5cmd rm|rb': 'deletes objects or buckets',
  's5cmd sync --delete': 'deletes at the destination what the source does not have',
  'rclone purge|delete|deletefile|rmdir|rmdirs|cleanup': 'deletes at a remote',
  'rclone sync|bisync': 'deletes at the destination what the source does not have',
  'rclone move|moveto': 'takes files away from their place',
  'rclone dedupe': 'deletes duplicates',
  'b2 delete-bucket|delete-file-version|rm': 'deletes objects or buckets',
  'b2 bucket|file delete*': 'deletes objects or buckets',
  'wrangler r2 bucket|object delete': 'deletes objects or buckets',
  'vercel blob del|delete|empty-store': 'deletes objects',
  'supabase storage rm': 'deletes objects',
  'doctl spaces delete': 'deletes a space',
  'linode-cli obj rb|rm|del': 'deletes objects or buckets',
  'swift delete': 'deletes objects or containers'
})
const REMEDY = 'name the one object, or ask a person'

/** Denies commands that empty or delete buckets and their objects: S3, Google Cloud Storage, Azure, R2, MinIO, rclone. */
export const blockAwsS3RecursiveDelete = definePolicy({
  id: 'block_aws_s3_recursive_delete',
  title: 'No emptying of buckets',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'no bucket is emptied')
})
