// The normaliser: one action for the same doing, whatever the tool is called.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { install, type Json, type JsonObject, TOOL_ACTIONS, toolAction, toolSystem } from '../../src/engine/index.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { blockTerraformDestroy } from '../../src/policies/index.ts'

const normalised = (tool_name: string, tool_input: JsonObject, cwd?: string) =>
  toolAction({ tool_name, tool_input, ...(cwd ? { cwd } : {}) })

describe('a tool call is an action with the catalogue’s keys', () => {
  it.each<[string, JsonObject, string, JsonObject]>([
    ['Bash', { command: 'ls', description: 'list' }, 'agent.shell', { command: 'ls' }],
    ['shell', { command: ['bash', '-lc', 'ls "a b"'], workdir: '/w' }, 'agent.shell', { command: `bash -lc 'ls "a b"'`, cwd: '/w' }],
    ['exec_command', { cmd: 'ls' }, 'agent.shell', { command: 'ls' }],
    ['run_terminal_cmd', { command: 'ls', is_background: false }, 'agent.shell', { command: 'ls' }],
    ['run_shell_command', { command: 'ls', directory: 'web' }, 'agent.shell', { command: 'ls', cwd: 'web' }],
    ['PowerShell', { command: 'type C:\\x\\.env' }, 'agent.shell', { command: 'type C:/x/.env' }],
    ['Read', { file_path: '/a' }, 'agent.read_file', { path: '/a' }],
    ['read_file', { absolute_path: '/a' }, 'agent.read_file', { path: '/a' }],
    ['read_many_files', { paths: ['a', 'b'] }, 'agent.read_file', { paths: ['a', 'b'] }],
    ['Write', { file_path: 'a', content: 'x' }, 'agent.write_file', { path: 'a', content: 'x' }],
    ['Edit', { file_path: 'a', old_string: 'x', new_string: 'y' }, 'agent.edit_file', { path: 'a', content: 'y' }],
    ['MultiEdit', { file_path: 'a', edits: [{ new_string: 'y' }, { new_string: 'z' }] }, 'agent.edit_file', { path: 'a', content: 'y\nz' }],
    ['NotebookEdit', { notebook_path: 'a.ipynb', new_source: 'x' }, 'agent.edit_file', { path: 'a.ipynb', content: 'x' }],
    ['delete_file', { target_file: 'a' }, 'agent.delete_file', { path: 'a' }],
    ['Glob', { pattern: '**/*.ts', path: 'src' }, 'agent.glob', { glob_pattern: '**/*.ts', path: 'src' }],
    ['Grep', { pattern: 'x', path: 'src', glob: '*.ts' }, 'agent.grep', { grep_pattern: 'x', path: 'src', glob_pattern: '*.ts' }],
    ['search_file_content', { pattern: 'x' }, 'agent.grep', { grep_pattern: 'x' }],
    ['WebFetch', { url: 'https://x.org', prompt: 'p' }, 'agent.fetch_url', { url: 'https://x.org' }],
    [
      'web_fetch',
      { prompt: 'read https://a.org and https://b.org' },
      'agent.fetch_url',
      { url: 'https://a.org', urls: ['https://a.org', 'https://b.org'] }
    ],
    [
      'apply_patch',
      { input: '*** Begin Patch\n*** Update File: a\n*** Delete File: b\n*** End Patch' },
      'agent.edit_file',
      { paths: ['a', 'b'] }
    ],
    ['str_replace_based_edit_tool', { command: 'view', path: 'a' }, 'agent.read_file', { path: 'a' }],
    ['str_replace_editor', { command: 'create', path: 'a', file_text: 'x' }, 'agent.write_file', { path: 'a', content: 'x' }],
    ['mcp__fs__read_file', { path: 'a' }, 'agent.read_file', { path: 'a' }],
    ['mcp__fs__move_file', { source: 'a', destination: 'b' }, 'agent.mcp', { path: 'a', destination: 'b', act: 'move' }],
    ['mcp__desktop__execute_command', { command: 'ls' }, 'agent.shell', { command: 'ls' }],
    ['mcp__pg__query', { sql: 'SELECT 1' }, 'agent.mcp', { sql: 'SELECT 1' }],
    ['mcp__supabase__execute_sql', { query: 'DROP TABLE t' }, 'agent.mcp', { sql: 'DROP TABLE t' }],
    ['mcp__slack__post_message', { channel: 'general', text: 'hi' }, 'agent.mcp', { channel: 'general' }],
    ['send_email', { to: 'a@x.org', subject: 's' }, 'agent.tool', { to: 'a@x.org', subject: 's' }],
    ['my_own_tool', { n: 1 }, 'agent.tool', { tool_input: { n: 1 } }]
  ])('%s %j', (tool, given, action, expected) => {
    expect(normalised(tool, given)).toMatchObject({ action, input: { ...expected, tool } })
  })
  it('a search in words is no SQL', () => {
    expect(normalised('mcp__docs__search', { query: 'how to drop a table' }).input).not.toHaveProperty('sql')
  })
  it('a program is the shell command that runs it, whatever it holds', () => {
    const { action, input } = normalised('execute_python', { code: 'print(1)\nENACT_PROGRAM' })
    expect(action).toBe('agent.shell')
    expect(input.command).toBe("python - <<'ENACT_PROGRAM_'\nprint(1)\nENACT_PROGRAM\nENACT_PROGRAM_")
  })
  it('keeps the folder of the agent', () => {
    expect(normalised('Bash', { command: 'ls' }, '/work').input.cwd).toBe('/work')
  })
  it('hands a value of the wrong type on, so that policies refuse it', () => {
    expect(normalised('Bash', { command: 7 }).input.command).toBe(7)
    expect(normalised('Read', { file_path: { x: 1 } }).input.path).toEqual({ x: 1 })
  })
  it('never throws, and gives an action that exists', () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()), (name, given) => {
        expect(TOOL_ACTIONS).toContain(toolAction({ tool_name: name, tool_input: given as Record<string, Json> }).action)
      }),
      { seed: 5, numRuns: 500 }
    )
  })
})

describe('the system `agent`', () => {
  it('lets policies be bound to tool calls', () => {
    const installation = install(
      { connectors: [toolSystem()], policies: [blockTerraformDestroy()], workflows: [], actions: ['agent.shell'] },
      nodeHash
    )
    expect(installation.callPolicies(installation.target('agent', 'shell')!)).toHaveLength(1)
    expect(installation.callPolicies(installation.target('agent', 'read_file')!)).toHaveLength(0)
  })
  it('runs nothing itself', async () => {
    const { client } = await toolSystem().connect()
    for (const action of Object.values(toolSystem().actions))
      expect(await action.run(client as never, {} as never, {} as never)).toMatchObject({ kind: 'failed', effect: 'none' })
  })
})
