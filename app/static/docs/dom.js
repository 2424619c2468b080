// Elements from plain values. Nothing is ever parsed as HTML.

/** `properties` are set on the element; what is in `children` is appended, texts too. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

/** A text in which `code` is marked by backticks. */
export function prose(text = '') {
  return text.split('`').map((part, index) => index % 2 ? element('code', {}, part) : part)
}

export function table(heads, rows) {
  const cells = (row, name) => element('tr', {}, ...row.map(cell => element(name, {}, ...[cell].flat())))
  return element('div', { className: 'wide', tabIndex: 0 }, element('table', {},
    element('thead', {}, cells(heads, 'th')),
    element('tbody', {}, ...rows.map(row => cells(row, 'td')))
  ))
}

export function pre(text) {
  return element('pre', { tabIndex: 0 }, text)
}
