// What runs on every push runs with the project's rights.
import * as z from 'zod'
import { definePolicy, deny, foldedReadings, judgeTool, quoted } from '../../engine/index.ts'
import { CommandAndPath, ON_TOOLS } from './judged.ts'

const PIPELINE =
  /(?:^|\/)(?:\.github\/(?:workflows|actions)|\.gitea\/workflows|\.forgejo\/workflows|\.circleci|\.buildkite|\.woodpecker|\.gitlab\/ci)(?:\/|$)|(?:^|\/)(?:\.gitlab-ci|azure-pipelines|bitbucket-pipelines|\.travis|\.drone|\.woodpecker|appveyor|cloudbuild|buildspec)(?:[.-][\w-]+)*\.ya?ml$|(?:^|\/)jenkinsfile$/

/** Denies writing, moving, deleting or opening up definitions of CI pipelines, by any tool or program. */
export const blockWorkflowFileWrite = definePolicy({
  id: 'block_workflow_file_write',
  title: 'No changes to CI pipelines',
  params: z.strictObject({}),
  reads: CommandAndPath,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      ({ files }) => {
        const found = files.find(({ act, path }) => act !== 'read' && act !== 'list' && isPipeline(path))
        const remedy = 'propose the change to a person'
        return found === undefined ? null : deny(`${quoted(found.path)} is part of a CI pipeline, which must not be changed`, { remedy })
      },
      'no CI pipeline is changed'
    )
})

function isPipeline(path: string): boolean {
  const places = foldedReadings(path)
  return places === null || places.some(({ segments }) => PIPELINE.test(segments.join('/')))
}
