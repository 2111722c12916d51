// Secrets are not lost or overwritten.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'vault * delete|destroy|disable|deregister|revoke': 'takes something away in Vault',
  'doppler * delete|revoke': 'deletes at Doppler',
  'doppler * * delete|revoke': 'deletes at Doppler',
  'op * delete|remove|revoke|suspend': 'takes something away in 1Password',
  'op * * delete|remove|revoke': 'takes something away in 1Password',
  'vault kv delete|destroy': 'deletes a secret',
  'vault kv metadata delete': 'deletes every version of a secret',
  'vault secrets|auth|audit disable|move': 'switches off a place of secrets',
  'vault delete': 'deletes from the vault',
  'vault policy|namespace|plugin delete|deregister': 'deletes from the vault',
  'vault token|lease revoke': 'takes access away',
  'vault operator seal|step-down|raft': 'takes the vault out of service',
  'vault write sys/*': 'changes the vault itself',
  'doppler secrets delete': 'deletes a secret',
  'doppler configs|environments|projects ** delete|revoke': 'deletes a configuration',
  'doppler configs tokens revoke': 'takes access away',
  'op item|document|group|vault|user|connect|service-account ** delete|revoke|remove': 'deletes from 1Password',
  'bw delete': 'deletes from Bitwarden',
  'aws secretsmanager delete-*|put-secret-value|update-secret*|remove-*|cancel-rotate-secret|put-resource-policy|stop-replication-to-replica':
    'deletes or overwrites a secret',
  'aws ssm delete-parameter*': 'deletes parameters',
  'gcloud secrets delete': 'deletes a secret',
  'gcloud secrets versions destroy|disable': 'destroys a version of a secret',
  'az keyvault secret|key|certificate delete|purge': 'deletes a secret',
  'infisical secrets delete': 'deletes a secret',
  'pass|gopass rm|remove|delete': 'deletes a secret',
  'gpg|gpg2 --delete-secret-keys': 'deletes a private key',
  'gpg|gpg2 --delete-secret-and-public-key': 'deletes a private key',
  'gpg|gpg2 --delete-secret-key': 'deletes a private key',
  'security delete-*': 'deletes from the keychain',
  'fly|flyctl secrets unset': 'deletes a secret',
  'heroku config:unset': 'deletes settings',
  'wrangler secret delete': 'deletes a secret',
  'wrangler secrets-store ** delete': 'deletes a secret',
  'supabase secrets unset': 'deletes a secret',
  'vercel env rm|remove': 'deletes a setting',
  'chamber delete': 'deletes a secret',
  'conjur variable|policy delete': 'deletes a secret'
})
const REMEDY = 'ask a person to change secrets'

/** Denies deleting, disabling and overwriting secrets in Vault, Doppler, 1Password, AWS Secrets Manager, SSM, Key Vault and others. */
export const blockSecretDelete = definePolicy({
  id: 'block_secret_delete',
  title: 'No deleting of secrets',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'no secret is deleted')
})
