// One message, one channel.
import * as z from 'zod'
import { type CommandLine, definePolicy, deny, judgeTool, optionValues, requestsSent, spelt } from '../../engine/index.ts'
import { CommandAndUrl, ON_TOOLS } from './judged.ts'
import { runsMany } from './many_times.ts'

const SLACK =
  /^https?:\/\/(?:[\w-]+\.)?(?:slack\.com\/api\/(?:chat\.|conversations\.|files\.|im\.|mpim\.|usergroups\.)|hooks\.slack(?:-gov)?\.com\/)/i
const EVERYBODY = /<!(?:channel|here|everyone)(?:\|[^>]*)?>|(?:^|[\s"'(=])@(?:channel|here|everyone)\b/

/** Denies messages to Slack sent in a loop or more than `max_messages` times by one command, and those that call everybody (`@channel`, `@here`, `@everyone`). */
export const blockSlackMassMessage = definePolicy({
  id: 'block_slack_mass_message',
  title: 'No mass messages to Slack',
  params: z.strictObject({ max_messages: z.int().min(1).default(1) }),
  reads: CommandAndUrl,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context, { max_messages }) =>
    judgeTool(
      context,
      (reading) => {
        const remedy = 'send one message to one channel'
        const many = runsMany(reading, isMessage, max_messages)
        if (many !== null) return deny(`\`${spelt(many)}\` would send many messages to Slack`, { remedy })
        const loud = reading.lines.find((line) => isMessage(line) && line.words.some((word) => EVERYBODY.test(word)))
        if (loud !== undefined) return deny(`\`${spelt(loud)}\` calls everybody of a channel`, { remedy })
        const calls = reading.calls.filter(({ name }) => /(?:chat_postMessage|chat\.postMessage|chat_postEphemeral)$/.test(name))
        return calls.length > 0 ? deny('a program given in the command sends messages to Slack', { remedy }) : null
      },
      'no mass message is sent'
    )
})

function isMessage(line: CommandLine): boolean {
  if (line.program === 'slack' || line.program === 'slack-cli' || line.program === 'slackcat')
    return (
      /^(?:chat|send|message|post)$/.test(line.operands[0] ?? '') ||
      line.program === 'slackcat' ||
      optionValues(line, '--channel').length > 0
    )
  return requestsSent(line).some(({ url }) => SLACK.test(url))
}
