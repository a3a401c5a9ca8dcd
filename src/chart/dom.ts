type Attributes = Readonly<Record<string, string>>;

/** An element. Content is nodes, and text that stays text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}

export function makeButton(
  attributes: Attributes,
  press: () => void,
  ...content: readonly (Node | string)[]
): HTMLButtonElement {
  const button = make('button', { type: 'button', ...attributes }, ...content);
  button.addEventListener('click', press);
  return button;
}

/** Text of the directory: it finds its own direction, and keeps it to itself. */
export function told(className: string, text: string): HTMLElement {
  return make('bdi', { class: className }, text);
}

export function svg(tag: string, className: string): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  element.setAttribute('class', className);
  return element;
}
