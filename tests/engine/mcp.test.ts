// How MCP servers are configured, and what of their tools is let in: tables, and every change of a definition.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { isListed, MCP_TOOLS_MAX, mcpUpstreams, readTools, shownDefinition, type McpUpstream } from '../../src/engine/index.ts'

const good: McpUpstream = { id: 'docs', url: 'https://docs.example.com/mcp', allow: ['*'] }
const SECRET = 'Bearer something-that-must-not-show'

describe('a configured MCP server', () => {
  it.each([
    ['https', good],
    ['http on this machine', { ...good, url: 'http://127.0.0.1:4000/mcp' }],
    ['a port, a path, a query', { ...good, url: 'https://docs.example.com:8443/a/b?c=d' }]
  ])('may have %s', (_what, one) => {
    expect([...mcpUpstreams([one], true).keys()]).toEqual(['docs'])
  })

  it.each([
    ['http elsewhere', { ...good, url: 'http://docs.example.com/mcp' }, 'must be https'],
    ['another scheme', { ...good, url: 'file:///etc/passwd' }, 'url'],
    ['a credential in its address', { ...good, url: 'https://user:pass@docs.example.com/mcp' }, 'headers'],
    ['a host that two parsers read in two ways', { ...good, url: 'http://127.0.0.1\\@evil.example/mcp' }, 'headers'],
    ['this machine as the beginning of a name', { ...good, url: 'http://localhost.evil.example/mcp' }, 'must be https'],
    ['an id that is none', { ...good, id: '../keys' }, 'id'],
    ['an empty header', { ...good, headers: { authorization: '' } }, 'headers.authorization'],
    ['a field that is unknown', { ...good, allowed: [] } as McpUpstream, 'allowed'],
    ['a time-out without end', { ...good, timeout_ms: Infinity }, 'timeout_ms']
  ])('may not have %s', (_what, one, words) => {
    const wrong = { ...one, headers: { ...one.headers, 'x-key': SECRET } }
    expect(() => mcpUpstreams([wrong], true)).toThrow(words)
    expect(() => mcpUpstreams([wrong], true)).not.toThrow(SECRET)
  })

  it('is configured once, and not without policies that can judge its tools', () => {
    expect(() => mcpUpstreams([good, good], true)).toThrow('twice')
    expect(() => mcpUpstreams([good], false)).toThrow('toolSystem()')
    expect(mcpUpstreams([], false).size).toBe(0)
  })
})

it.each([
  ['echo', ['echo'], true],
  ['echo2', ['echo'], false],
  ['read_file', ['read_*'], true],
  ['unread_file', ['read_*'], false],
  ['anything', ['*'], true],
  ['anything', [], false],
  ['anything', undefined, false]
])('`%s` in %j: %s', (name, patterns, expected) => {
  expect(isListed(name, patterns)).toBe(expected)
})

describe('tools that a server lists', () => {
  const tool = { name: 'echo', description: 'Says it back', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }
  const digest = (one: object) => readTools([one], nodeHash)[0]?.digest

  it.each([
    ['its description', { ...tool, description: 'Says it back.' }],
    ['a hidden character', { ...tool, description: 'Says it back\u200b' }],
    ['its schema', { ...tool, inputSchema: { type: 'object', properties: { to: { type: 'string' } } } }],
    ['a hint', { ...tool, annotations: { readOnlyHint: false } }],
    ['its title', { ...tool, title: 'Echo' }],
    ['what it gives', { ...tool, outputSchema: { type: 'object' } }]
  ])('have another digest with another: %s', (_what, other) => {
    expect(digest(other)).not.toBe(digest(tool))
  })

  it('have the same digest in another order and with other metadata', () => {
    const { name, ...rest } = tool
    expect(digest({ ...rest, _meta: { at: 1 }, name })).toBe(digest(tool))
  })

  it.each([
    ['no object', 7],
    ['no name', { inputSchema: { type: 'object' } }],
    ['a name with something hidden', { ...tool, name: 'echo\u200b' }],
    ['no schema', { name: 'echo' }],
    ['a schema of something else', { ...tool, inputSchema: { type: 'array' } }],
    ['a description that is none', { ...tool, description: 7 }],
    ['more than anybody reads', { ...tool, description: 'x'.repeat(70_000) }],
    ['half a character', { ...tool, description: '\ud800' }]
  ])('are left out with %s', (_what, one) => {
    expect(readTools([one, { ...tool, name: 'other' }], nodeHash).map(({ name }) => name)).toEqual(['other'])
  })

  it('are left out, both, where two have one name, and after the last that is looked at', () => {
    expect(readTools([tool, { ...tool, description: 'Else' }, tool], nodeHash)).toEqual([])
    const many = Array.from({ length: MCP_TOOLS_MAX + 5 }, (_, i) => ({ ...tool, name: `t${i}` }))
    expect(readTools(many, nodeHash)).toHaveLength(MCP_TOOLS_MAX)
  })

  it('are shown with nothing hidden and nothing to fetch, whatever they say', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (description, hint) => {
        const given = { ...tool, description, inputSchema: { type: 'object', description: hint }, icons: [{ src: 'https://x.example' }] }
        const shown = shownDefinition(given as never)
        expect(shown.icons).toBeUndefined()
        const text = `${shown.description as string}${(shown.inputSchema as { description: string }).description}`
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}]/u)
      })
    )
  })
})
