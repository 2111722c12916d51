// The agent does not take its own firewall away.
import * as z from 'zod'
import { type CommandLine, definePolicy, deny, foldedReadings, judgeTool, quoted, spelt, verbs } from '../../engine/index.ts'
import { CommandAndPath, ON_TOOLS } from './judged.ts'

/** Configuration, keys, receipts and hooks, wherever the project or the home folder lies. */
const PROTECTED =
  /(?:^|\/)(?:enact\.config\.[cm]?[jt]s|\.enact(?:\/.*)?|\.dev\.vars(?:\..+)?|\.enactrc(?:\..+)?|\.claude\/(?:settings[\w.-]*\.json|hooks(?:\/.*)?|managed-settings\.json)|claude-?code\/managed-settings\.json|\.cursor\/(?:hooks\.json|hooks\/.*|permissions\.json|cli\.json)|\.codex\/(?:config\.toml|hooks\.json|hooks\/.*|requirements\.toml|rules\/.*)|\.gemini\/(?:settings\.json|hooks\/.*)|\.github\/hooks\/.*|\.copilot\/(?:config\.json|hooks\/.*|hooks\.json)|\.claude\.json)$/
/** Folders that hold them: taken away or moved as a whole. */
const FOLDERS = /(?:^|\/)(?:\.claude|\.cursor|\.codex|\.gemini|\.enact|\.copilot|\.github\/hooks)$/
const SECRETS = /(?:^|\/)(?:\.enact(?:\/.*)?(?:key|secret|sealed)[\w./-]*|\.dev\.vars(?:\..+)?)$/

/**
 * Denies changing, moving, deleting or opening up Enact's configuration, keys and receipts and the hooks of coding agents, by any tool or program;
 * reading its secrets; switching it off by a variable, `wrangler secret`, or a flag that skips hooks.
 */
export const protectEnact = definePolicy({
  id: 'protect_enact',
  title: 'Enact and its hooks stay as they are',
  params: z.strictObject({ also: z.array(z.string().min(1)).default([]) }),
  reads: CommandAndPath,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context, { also }) =>
    judgeTool(
      context,
      ({ files, lines }) => {
        const remedy = 'ask the person who runs this installation'
        for (const { act, path, isDeep } of files) {
          if (act === 'list') continue
          const texts = pathsOf(path)
          const isOurs =
            act === 'read'
              ? texts.some((text) => SECRETS.test(text))
              : texts.some(
                  (text) =>
                    PROTECTED.test(text) ||
                    (FOLDERS.test(text) && (act !== 'write' || isDeep)) ||
                    also.some((one) => text.endsWith(one.toLowerCase()))
                )
          if (isOurs)
            return deny(`${quoted(path)} belongs to Enact or to its hooks, and would be ${act === 'read' ? 'read' : 'changed'}`, { remedy })
        }
        const line = lines.find(switchesOff)
        return line === undefined ? null : deny(`\`${spelt(line)}\` would switch Enact or its hooks off`, { remedy })
      },
      'Enact and its hooks stay as they are'
    )
})

function pathsOf(path: string): readonly string[] {
  return foldedReadings(path)?.map(({ segments }) => segments.join('/')) ?? [path]
}

function switchesOff(line: CommandLine): boolean {
  const { program, words, command } = line
  if (words.some((word) => /\$\{?ENACT_\w*(?:SECRET|KEY|TOKEN)/.test(word)) && program !== 'curl') return true
  if (program === 'printenv' && words.some((word) => word.startsWith('ENACT_'))) return true
  if (command.environment.some((name) => name.startsWith('ENACT_'))) return true
  if (/^(?:export|unset|declare|set|setx|launchctl)$/.test(program ?? '') && words.some((word) => /^-?ENACT_\w+(?:=|$)/.test(word)))
    return true
  if (program === 'env') return words.some((word) => /^ENACT_\w+(?:=|$)/.test(word))
  if (program === 'enact')
    return (
      verbs(line, 'hooks', 'uninstall|remove|disable') ||
      verbs(line, 'keys', 'revoke|delete|create') ||
      verbs(line, 'facts', 'set|delete') ||
      verbs(line, 'off|disable|uninstall')
    )
  if (program === 'wrangler') return verbs(line, 'secret', 'put|delete|bulk') && words.some((word) => word.startsWith('ENACT_'))
  if (program === 'claude')
    return words.some((word) => /^--dangerously-skip-permissions$|^--settings(?:=|$)|^--setting-sources(?:=|$)/.test(word))
  if (program === 'codex') return words.some((word) => /^--(?:dangerously-bypass-approvals-and-sandbox|yolo|full-auto)$/.test(word))
  if (program === 'gemini' || program === 'cursor-agent' || program === 'copilot')
    return words.some((word) => /^--(?:yolo|force|allow-all-tools)$|^-y$/.test(word))
  if (/^(?:pkill|killall|kill|taskkill)$/.test(program ?? '')) return words.some((word) => /enact/i.test(word))
  return (
    STOPPERS.test(program ?? '') &&
    words.some((word) => /(?:^|[./])enact(?:$|[./@])/i.test(word)) &&
    words.some((word) => /^(?:stop|disable|mask|unload|bootout|remove|uninstall|rm|kill|delete|un|r)$/.test(word))
  )
}

const STOPPERS = /^(?:systemctl|launchctl|service|docker|podman|npm|pnpm|yarn|bun|brew|pm2|supervisorctl)$/
