// A form that sends one of the contract's requests and shows the answer.
import { element, pre } from './dom.js'
import { resolved } from './schema.js'

const SHOWN = ['content-type', 'retry-after', 'x-request-id']

export function tryingForm(path, method, operation, contract) {
  const query = (operation.parameters ?? []).map(each => resolved(each, contract)).filter(each => each.in === 'query')
  const inputs = query.map(({ name }) => field(name, { name, type: 'text', inputMode: 'numeric' }))
  const body = operation.requestBody && bodyFields(operation.requestBody.content, contract)
  const accept = choice('Answer', Object.keys(operation.responses[200].content))
  const result = element('div', { role: 'status' })
  const button = element('button', {}, 'Send')
  const form = element('form', { ariaLabel: `Try ${method.toUpperCase()} ${path}` },
    ...inputs, ...body?.fields ?? [], accept.label, button, result)
  form.addEventListener('submit', async event => {
    event.preventDefault()
    button.disabled = true
    result.replaceChildren('Please wait …')
    try {
      const asked = inputs.map(each => each.querySelector('input')).filter(each => each.value)
      const search = String(new URLSearchParams(asked.map(each => [each.name, each.value])))
      const [address] = [contract.servers[0].url.replace(/\/$/, '') + path + (search && `?${search}`)]
      const headers = { Accept: accept.select.value, ...key(), ...body?.headers() }
      result.replaceChildren(...await shown(await fetch(address, { method, headers, body: body?.content() })))
    } catch (error) {
      result.replaceChildren(`No answer: ${error.message}`)
    }
    button.disabled = false
  })
  return form
}

function key() {
  const { value } = document.getElementById('key')
  return value ? { Authorization: `Bearer ${value}` } : {}
}

async function shown(answer) {
  const head = SHOWN.filter(name => answer.headers.has(name)).map(name => `${name}: ${answer.headers.get(name)}`)
  const status = pre([`${answer.status} ${answer.statusText}`, ...head].join('\n'))
  if (answer.headers.get('content-type')?.startsWith('image/')) {
    const src = URL.createObjectURL(await answer.blob())
    return [status, element('img', { src, alt: 'The answer', onload: () => URL.revokeObjectURL(src) })]
  }
  return [status, pre(pretty(await answer.text()))]
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

/** Fields for a body in any of the types of `content`; `headers` and `content` are what to send. */
function bodyFields(types, contract) {
  const type = choice('Body', Object.keys(types))
  const isForm = () => type.select.value === 'multipart/form-data'
  const isJSON = () => type.select.value === 'application/json'
  const form = resolved(types['multipart/form-data']?.schema ?? {}, contract)
  const files = element('input', { type: 'file', multiple: form.properties?.file.type === 'array' })
  const file = element('label', {}, 'Photo ', files)
  const example = types['application/json']?.example ?? {}
  const text = element('textarea', { rows: 3, value: JSON.stringify(example) })
  const json = element('label', {}, 'JSON ', text)
  const show = () => {
    file.hidden = isJSON()
    json.hidden = !isJSON()
  }
  type.select.addEventListener('change', show)
  show()
  return {
    fields: [type.label, file, json],
    headers: () => isForm() ? {} : { 'Content-Type': type.select.value.replace('*', 'x') },
    content() {
      if (isJSON()) return text.value
      if (!isForm()) return files.files[0]
      const body = new FormData()
      for (const each of files.files) body.append('file', each)
      return body
    }
  }
}

function field(name, properties) {
  return element('label', {}, `${name} `, element('input', properties))
}

function choice(name, values) {
  const select = element('select', {}, ...values.map(value => element('option', {}, value)))
  return { select, label: element('label', { hidden: values.length < 2 }, `${name} `, select) }
}
