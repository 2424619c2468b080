// JSON Schema in words and as a nested list.
import { element, prose } from './dom.js'

const REFERENCE = '#/components/'

/** What a `$ref` stands for; anything else as it is. */
export function resolved(part, contract) {
  if (!part?.$ref) return part
  const path = part.$ref.slice(REFERENCE.length).split('/')
  return path.reduce((found, name) => found[name], contract.components)
}

/** Type and limits of a value, in a few words. */
export function kind(schema, contract) {
  const { type, format, items, enum: values, const: only, oneOf } = resolved(schema, contract)
  if (only !== undefined) return JSON.stringify(only)
  if (values) return values.map(value => JSON.stringify(value)).join(' or ')
  if (oneOf) return [...new Set(oneOf.map(each => kind(each, contract)))].join(' or ')
  if (type === 'array') return `list of ${kind(items, contract)}`
  return [format === 'binary' ? 'file' : type, limits(resolved(schema, contract))].filter(Boolean).join(', ')
}

function limits({ minimum, maximum }) {
  if (minimum === undefined && maximum === undefined) return ''
  return maximum === undefined ? `from ${minimum}` : `${minimum} to ${maximum}`
}

/** The members of an object, each with its own below it. */
export function members(schema, contract) {
  const { properties, items, oneOf, required = [] } = resolved(schema, contract)
  if (items) return members(items, contract)
  if (oneOf) return oneOf.flatMap(each => members(each, contract))
  if (!properties) return []
  return [element('ul', {}, ...Object.entries(properties).map(([name, part]) => element('li', {},
    element('code', {}, name), ` ${kind(part, contract)}`, required.includes(name) ? '' : ', optional',
    ...description(part, contract),
    ...members(part, contract)
  )))]
}

function description(part, contract) {
  const text = part.description ?? resolved(part, contract).description
  return text ? [element('p', {}, ...prose(text))] : []
}
