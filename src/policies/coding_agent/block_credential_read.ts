// Tokens and password stores are for those who own them.
import * as z from 'zod'
import { definePolicy, deny, judgeTool, quoted } from '../../engine/index.ts'
import { bringsOut, isOtherCredential } from './credential_files.ts'
import { CommandAndPath, ON_TOOLS } from './judged.ts'

/** Denies reading, copying or moving other credentials: `.netrc`, `.pgpass`, tokens of registries and hosts, password stores, keychains, shell histories, `/etc/shadow`, `/proc/self/environ`. */
export const blockCredentialRead = definePolicy({
  id: 'block_credential_read',
  title: 'No reading of other credentials',
  params: z.strictObject({}),
  reads: CommandAndPath,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      ({ files }) => {
        const found = files.find((file) => bringsOut(file) && isOtherCredential(file.path))
        return found === undefined
          ? null
          : deny(`${quoted(found.path)} holds credentials`, { remedy: 'ask for the one value that is needed' })
      },
      'no other credentials are read'
    )
})
