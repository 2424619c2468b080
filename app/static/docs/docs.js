// Draws /openapi.json: every request with its parameters, bodies, answers and a form to try it.
import { element, pre, prose, table } from './dom.js'
import { kind, members, resolved } from './schema.js'
import { tryingForm } from './trying.js'

const answer = await fetch(document.body.dataset.contract)
const contract = await answer.json()
const { info, paths, tags } = contract

const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))

document.getElementById('about').append(
  element('p', {}, ...prose(info.summary)),
  element('p', {}, ...prose(info.description)),
  element('p', {}, 'For programs: ', element('a', { href: document.body.dataset.contract }, 'openapi.json'))
)
for (const { name, description } of tags) {
  const ours = operations.filter(({ operation }) => operation.tags.includes(name))
  document.querySelector('nav').append(...ours.map(link))
  document.getElementById('operations').append(
    element('section', {}, element('h2', {}, name), element('p', {}, ...prose(description)), ...ours.map(article))
  )
}
// the browser looked for it before it was there
document.getElementById(location.hash.slice(1))?.scrollIntoView()

function link({ path, method, operation }) {
  return element('a', { href: `#${operation.operationId}` }, `${method.toUpperCase()} ${path}`)
}

function article({ path, method, operation }) {
  const { operationId: id, summary, description, parameters = [], requestBody, responses } = operation
  return element('article', { id },
    element('h3', {}, element('span', { className: method }, method.toUpperCase()), ` ${path}`),
    element('p', {}, ...prose(summary)),
    ...description ? [element('p', {}, ...prose(description))] : [],
    ...parameters.length ? [element('h4', {}, 'Parameters'), parameterTable(parameters)] : [],
    ...requestBody ? [element('h4', {}, 'Body'), ...bodies(requestBody.content)] : [],
    element('h4', {}, 'Answers'),
    ...Object.entries(responses).map(([status, part]) => response(status, resolved(part, contract))),
    element('details', {}, element('summary', {}, 'Try it'), tryingForm(path, method, operation, contract))
  )
}

function parameterTable(parameters) {
  return table(['name', 'in', 'value', 'meaning'], parameters.map(each => {
    const { name, in: place, schema, description } = resolved(each, contract)
    return [element('code', {}, name), place, kind(schema, contract), prose(description)]
  }))
}

function bodies(content) {
  return Object.entries(content).map(([type, { schema }]) => {
    const { description } = resolved(schema, contract)
    return element('div', {}, element('p', {}, element('code', {}, type)),
      ...description ? [element('p', {}, ...prose(description))] : [],
      ...members(schema, contract))
  })
}

function response(status, { description, content = {} }) {
  return element('details', { className: status < 300 ? 'good' : 'bad' },
    element('summary', {}, element('b', {}, status), ' ', ...prose(description)),
    ...Object.entries(content).flatMap(([type, { schema, example }]) => [
      element('p', {}, element('code', {}, type)),
      ...members(schema, contract),
      ...example === undefined ? [] : [pre(typeof example === 'string' ? example : JSON.stringify(example, null, 2))]
    ])
  )
}
