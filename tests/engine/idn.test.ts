// Domains have one spelling: the same as every browser's, without a browser.
import { expect, it } from 'vitest'
import { asciiDomain, recipientsOf } from '../../src/engine/index.ts'

it.each([
  'bücher.example',
  'BÜCHER.Example',
  'пример.испытание',
  '例え.テスト',
  'mañana.com',
  'ليهمابتكلموشعربي؟.example',
  'a\u0301bc.example',
  'ｅｘａｍｐｌｅ.com',
  'пpимep.com',
  '他们为什么不说中文.example',
  'example。com',
  'x.y-z.example'
])('%s is spelt as the URL standard spells it', (domain) => {
  if (URL.canParse(`http://${domain}`)) expect(asciiDomain(domain)).toBe(new URL(`http://${domain}`).hostname)
  else expect(asciiDomain(domain)).toMatch(/^xn--/)
})
it('gives a name in ASCII back as it is, and drops the root', () => {
  expect(['Example.COM.', 'xn--bcher-kva.example', ''].map(asciiDomain)).toEqual(['example.com', 'xn--bcher-kva.example', ''])
})
it('makes one recipient of all spellings of one mailbox', () => {
  expect(recipientsOf('Ada+1@BÜCHER.example', ['ada@xn--bcher-kva.example', '"A, B" <ada@bücher.example.>'])).toEqual([
    'ada@xn--bcher-kva.example'
  ])
})
