// Private keys are for their owners.
import * as z from 'zod'
import { definePolicy, deny, judgeTool, quoted } from '../../engine/index.ts'
import { bringsOut, isSshKey } from './credential_files.ts'
import { CommandAndPath, ON_TOOLS } from './judged.ts'

/** Denies reading, copying or moving private SSH keys; public keys, `known_hosts` and `config` may be read. */
export const blockSshKeyRead = definePolicy({
  id: 'block_ssh_key_read',
  title: 'No reading of SSH keys',
  params: z.strictObject({}),
  reads: CommandAndPath,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      ({ files }) => {
        const found = files.find((file) => bringsOut(file) && isSshKey(file.path))
        return found === undefined
          ? null
          : deny(`${quoted(found.path)} is a private key`, { remedy: 'use `ssh` or `ssh-add`, which need no copy of the key' })
      },
      'no SSH key is read'
    )
})
