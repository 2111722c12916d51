// Who may do what is changed by people.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'aws iam delete-*|remove-*|detach-*|deactivate-*': 'takes users, roles, keys or rights away',
  'aws iam attach-*|put-*-policy|create-access-key|create-login-profile|update-assume-role-policy|create-policy-version|add-user-to-group':
    'gives rights away',
  'aws sso-admin|identitystore|cognito-idp|organizations|account delete-*|remove-*|close-account|leave-organization|disable-*':
    'deletes users or accounts',
  'aws cognito-idp admin-delete-user*': 'deletes users',
  'aws kms schedule-key-deletion|disable-key|delete-*': 'makes what a key encrypts unreadable',
  'aws cloudtrail|guardduty|config delete-*|stop-*': 'switches the record of what happens off',
  'gcloud iam ** delete|disable|undelete': 'deletes accounts, keys or roles',
  'gcloud ** remove-iam-policy-binding|set-iam-policy': 'changes who may do what',
  'gcloud ** add-iam-policy-binding': 'gives rights away',
  'gcloud kms ** destroy|disable': 'makes what a key encrypts unreadable',
  'az ad user|group|app|sp delete': 'deletes users or apps',
  'az role assignment|definition delete': 'takes rights away',
  'az role assignment create': 'gives rights away',
  'az keyvault delete|purge': 'deletes a vault',
  'az keyvault * delete|purge': 'deletes keys or secrets',
  'userdel|deluser|delgroup|groupdel *': 'deletes a user of this machine',
  'firebase auth:delete*': 'deletes users',
  'op user|group|vault delete|suspend': 'deletes accounts'
})
const REMEDY = 'ask a person to change accounts and rights'

/** Denies commands that delete users, roles, keys or policies of a cloud account, or grant rights that open it. */
export const blockAwsIamDeleteUser = definePolicy({
  id: 'block_aws_iam_delete_user',
  title: 'No deleting of accounts',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'no account is deleted')
})
