// What runs on every push runs with the project's rights: agents do not change it.
import * as z from 'zod'
import { allow, definePolicy, deny, foldedReadings, type Place, quoted } from '../../engine/index.ts'

const FOLDERS =
  '.github/workflows .github/actions .gitea/workflows .forgejo/workflows .gitlab/ci .circleci .buildkite .woodpecker .teamcity .semaphore .azure-pipelines .tekton .ci'
    .split(' ')
    .map((folder) => folder.split('/'))
const FILES =
  /^(\.gitlab-ci|azure-pipelines|bitbucket-pipelines|\.travis|\.drone|\.woodpecker|\.appveyor|appveyor|\.cirrus|cloudbuild|buildspec|wercker|codefresh|screwdriver)([.-][\w-]+)*\.ya?ml$|^jenkinsfile([.-].+)?$/

/** Denies a `path` that is a pipeline's definition or lies in a folder of them, however it is spelt. */
export const dontTouchCiCd = definePolicy({
  id: 'dont_touch_ci_cd',
  title: 'No changes to CI and CD',
  params: z.strictObject({}),
  reads: z.object({ path: z.string().optional() }),
  on: ['write_file', 'delete_file'],
  evaluate({ reads: { path } }) {
    if (path === undefined) return allow('no path is named')
    const places = foldedReadings(path)
    if (places !== null && !places.some(isPipeline)) return allow(`${quoted(path)} is no part of CI or CD`)
    return deny(
      places === null
        ? 'the path is none that a system opens (it holds a NUL or is too long)'
        : `${quoted(path)} is part of CI or CD, which must not be changed`,
      { remedy: 'propose the change to a person' }
    )
  }
})

function isPipeline({ segments }: Place): boolean {
  if (FILES.test(segments.at(-1) ?? '')) return true
  return segments.some((_, at) => FOLDERS.some((folder) => folder.every((part, index) => segments[at + index] === part)))
}
