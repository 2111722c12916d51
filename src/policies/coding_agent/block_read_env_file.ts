// Files of environment variables hold the secrets of a project.
import * as z from 'zod'
import { definePolicy, deny, judgeTool, quoted } from '../../engine/index.ts'
import { bringsOut, isEnvFile } from './credential_files.ts'
import { CommandAndPath, ON_TOOLS } from './judged.ts'

/** Denies reading, copying or moving `.env` and its variants, by any tool or program; loading one (`source .env`) shows nothing, templates such as `.env.example` may be read. */
export const blockReadEnvFile = definePolicy({
  id: 'block_read_env_file',
  title: 'No reading of .env files',
  params: z.strictObject({}),
  reads: CommandAndPath,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      ({ files }) => {
        const found = files.find((file) => bringsOut(file) && isEnvFile(file.path))
        return found === undefined
          ? null
          : deny(`${quoted(found.path)} holds the secrets of the project`, {
              remedy: 'read `.env.example`, or ask for the one value that is needed'
            })
      },
      'no .env file is read'
    )
})
