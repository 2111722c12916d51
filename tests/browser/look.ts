// How a page is looked at: in both themes and widths, by the rules that every page keeps; and how one walks it with the keyboard alone.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { expectAccessible, expectNoOverflow, shiftOf, shoot, SIZES, THEMES, visit, type World } from './world.ts'

/** How much may move while a page comes up: nothing that anybody sees (CLS is called good below 0.1). */
const SHIFT_MAX = 0.1

interface Look {
  /** Signed in by this key; none = by nobody. */
  readonly key?: string
  readonly path: string
  /** The name of its pictures. */
  readonly name: string
  /** What is there once the page is. */
  readonly ready: string
  /** Something to do before it is looked at. */
  act?(page: Page): Promise<void>
}

/** Looks at a page at 360 and 1280 px, light and dark: axe finds nothing, nothing is too wide, nothing went wrong; and takes its picture. */
export async function lookAt(world: Pick<World, 'url' | 'browser'>, { key, path, name, ready, act }: Look): Promise<void> {
  for (const size of Object.keys(SIZES) as (keyof typeof SIZES)[]) {
    for (const theme of THEMES) {
      const seen = await visit(world, { ...(key === undefined ? {} : { key }), size, theme })
      try {
        await seen.page.goto(path)
        await seen.page.getByText(ready, { exact: false }).filter({ visible: true }).first().waitFor()
        await seen.page.waitForLoadState('networkidle')
        expect(await shiftOf(seen.page), `${name} moves at ${size}`).toBeLessThan(SHIFT_MAX)
        await act?.(seen.page)
        await shoot(seen.page, `${name}-${size}-${theme}`)
        await expectAccessible(seen.page)
        await expectNoOverflow(seen.page)
        expect(seen.wrongs).toEqual([])
      } finally {
        await seen.close()
      }
    }
  }
}

/** Presses Tab until what has the focus is called so. Throws where it cannot be reached. */
export async function tabTo(page: Page, name: RegExp, presses = 120): Promise<void> {
  const met: string[] = []
  for (let i = 0; i < presses; i++) {
    await page.keyboard.press('Tab')
    const text = await page.evaluate(() => {
      const { activeElement: at } = document
      // Where the focus is nowhere, the whole page is not what was reached.
      if (at === null || at === document.body) return ''
      const label = at.id ? document.querySelector(`label[for="${CSS.escape(at.id)}"]`)?.textContent : at.closest('label')?.textContent
      return [label, at.getAttribute('aria-label'), at.textContent].filter(Boolean).join(' | ')
    })
    if (name.test(text)) return
    met.push(text.slice(0, 40))
  }
  throw new Error(`${String(name)} cannot be reached by Tab; met ${[...new Set(met)].join(' · ')}`)
}

/** Types into what is reached by Tab, over what stood there. */
export async function fill(page: Page, name: RegExp, text: string): Promise<void> {
  await tabTo(page, name)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(text)
}

/** Presses what is reached by Tab. */
export async function press(page: Page, name: RegExp): Promise<void> {
  await tabTo(page, name)
  await page.keyboard.press('Enter')
}

/** Waits until the text is seen. */
export async function sees(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).filter({ visible: true }).first().waitFor()
}

/** Presses a key until it has opened a dialog: right after a page has come up nobody listens to keys yet. */
export async function summon(page: Page, key: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  for (let attempt = 0; attempt < 10; attempt++) {
    await page.keyboard.press(key)
    const isThere = await dialog.waitFor({ timeout: 2_000 }).then(
      () => true,
      () => false
    )
    if (isThere) return
  }
  throw new Error(`\`${key}\` opens no dialog`)
}
