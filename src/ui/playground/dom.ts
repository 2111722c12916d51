// Making elements without a string of HTML: what a visitor types can only ever become text.

type Attributes = Readonly<Record<string, string | number | boolean | ((event: Event) => void)>>

/** An element with attributes, listeners (`onclick`) and children. A false attribute is left out, a true one is empty. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value !== false) element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...children)
  return element
}

/** Text with `code` between backticks, as reasons have it. */
export function prose(text: string): (Node | string)[] {
  return text.split(/`([^`]*)`/).map((part, at) => (at % 2 === 1 ? el('code', {}, part) : part))
}
