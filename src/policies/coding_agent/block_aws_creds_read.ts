// Credentials of clouds are for their command lines.
import * as z from 'zod'
import { definePolicy, deny, judgeTool, quoted } from '../../engine/index.ts'
import { bringsOut, isCloudCredential } from './credential_files.ts'
import { CommandAndPath, ON_TOOLS } from './judged.ts'

/** Denies reading, copying or moving the credentials of AWS, Google Cloud, Azure, Kubernetes, Docker and their like. */
export const blockAwsCredsRead = definePolicy({
  id: 'block_aws_creds_read',
  title: 'No reading of cloud credentials',
  params: z.strictObject({}),
  reads: CommandAndPath,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      ({ files }) => {
        const found = files.find((file) => bringsOut(file) && isCloudCredential(file.path))
        return found === undefined
          ? null
          : deny(`${quoted(found.path)} holds credentials of a cloud`, {
              remedy: 'use the command line of the cloud, which reads them itself'
            })
      },
      'no credentials of a cloud are read'
    )
})
