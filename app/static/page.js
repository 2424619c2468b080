// The page: its states, and what leads from one to the next.
import { ADDRESS, estimate, Refusal, worthAgain } from './api.js'
import { hasCamera, shoot } from './camera.js'
import { chart, boxes, element } from './drawing.js'
import { settle } from './mascot.js'
import { prepare } from './photo.js'
import { describe, fill, switchLanguage, words } from './words.js'

const $ = id => document.getElementById(id)
const page = document.body.dataset
const MEGABYTE = 2 ** 20

// kind: idle, waiting (step), faces (answer, chosen), none (answer) or error (code, answer)
let state = { kind: 'idle' }
let photo = null
let job = null

function go(next) {
  const from = document.activeElement
  state = next
  render()
  $('status').textContent = announcement()
  // whoever pressed a button that is gone now goes on where things happen
  if (from?.closest('[hidden]')) {
    $({ idle: 'choose', waiting: 'cancel' }[state.kind] ?? 'headline').focus({ preventScroll: true })
  }
  $('panel').scrollIntoView({ block: 'nearest' })
}

function render() {
  const t = words()
  page.state = state.kind
  document.title = t.title
  document.documentElement.lang = t.language
  for (const part of document.querySelectorAll('[data-t]')) part.textContent = t[part.dataset.t]
  for (const part of document.querySelectorAll('[data-in]')) {
    part.hidden = !part.dataset.in.split(' ').includes(state.kind)
  }
  for (const part of document.querySelectorAll('[data-copy]')) part.textContent = t.copy
  const again = state.kind === 'error' && worthAgain(state.code)
  $('retry').hidden ||= !photo
  $('retry').className = again ? '' : 'plain'
  $('choose').className = again ? 'plain' : ''
  $('choose')[again ? 'before' : 'after']($('retry'))
  $('choose').textContent = photo ? t.another : t.choose
  $('camera').hidden ||= !hasCamera()
  $('language').textContent = t.other
  $('language').lang = t.otherLanguage
  $('photo').alt = t.photo
  $('shooting').ariaLabel = t.preview
  $('error').textContent = page.error
    ? fill(t.error, { years: page.error, faces: Number(page.errorFaces).toLocaleString(t.language) })
    : t.errorUnknown
  $('frame').hidden ||= state.kind !== 'waiting' && !$('photo').hasAttribute('src')
  renderAnswer(t)
  settle()
}

function renderAnswer(t) {
  const { kind, answer, code, step } = state
  const faces = answer?.faces ?? []
  if (kind === 'waiting') $('headline').textContent = t[step]
  if (kind === 'none') $('headline').textContent = t.none
  if (kind === 'error') $('headline').textContent = reason(code)
  $('code').textContent = [code, answer?.request_id].filter(Boolean).join(' · ')
  $('boxes').replaceChildren(...(answer?.image ? boxes(answer, choose) : []))
  $('several').hidden ||= faces.length < 2
  $('several').querySelector('legend').textContent = fill(t.several, { count: faces.length })
  $('chips').replaceChildren(...faces.flatMap(chip))
  if (faces.length) show(state.chosen)
  $('reply').hidden = !answer
  $('curl').textContent = `curl -F file=@photo.jpg '${ADDRESS}'`
  // arrays of numbers on one line, or a hundred years fill a hundred
  $('json').textContent = JSON.stringify(answer, null, 2)
    ?.replace(/\[[\d\s.,-]+\]/g, numbers => numbers.replace(/\s+/g, ' '))
}

function chip(face, index) {
  const { age, gender } = describe(face)
  const [radio, label] = [element('input'), element('label', index + 1)]
  Object.assign(radio, { type: 'radio', name: 'face', id: `face-${index}`, checked: index === state.chosen })
  radio.ariaLabel = fill(words().face, { number: index + 1, age, gender })
  radio.addEventListener('change', () => choose(index))
  label.htmlFor = radio.id
  return [radio, label]
}

function choose(index) {
  state.chosen = index
  show(index)
  $('status').textContent = announcement()
}

/** One face's age, range, gender, chart and notes. */
function show(index) {
  const t = words()
  const face = state.answer.faces[index]
  const { age, low, high, quip, gender, sure } = describe(face)
  for (const part of $('boxes').children) part.classList.toggle('on', part.dataset.face === String(index))
  $('chips').querySelectorAll('input')[index].checked = true
  $('headline').textContent = quip
  $('age').textContent = age
  $('gender').textContent = gender
  $('sure').textContent = sure
  const peak = chart($('chart'), face)
  $('chart').ariaLabel = fill(t.chart, { peak, low, high })
  $('range').textContent = fill(t.range, { low, high })
  const coverage = Math.round(10 * state.answer.model.age_range_coverage)
  $('coverage').textContent = fill(t.coverage, { faces: coverage })
  $('notes').replaceChildren(...face.quality.notes.map(note => element('li', t.notes[note])))
}

function reason(code) {
  const { errors } = words()
  return fill(errors[code] ?? errors.internal, { megabytes: Math.floor(page.maxBytes / MEGABYTE) })
}

/** What a screen reader says of the state. */
function announcement() {
  const t = words()
  const { kind, step, code, answer, chosen } = state
  if (kind === 'waiting') return t[step]
  if (kind === 'none') return t.none
  if (kind === 'error') return reason(code)
  if (kind === 'idle') return ''
  const count = answer.faces.length
  const found = fill(t.one, describe(answer.faces[chosen]))
  return count > 1 ? fill(t.many, { count, number: chosen + 1 }) + found : found
}

async function look(file) {
  job?.abort()
  const own = job = new AbortController()
  photo = file
  display(null)
  go({ kind: 'waiting', step: 'preparing' })
  $('sent').removeAttribute('value')
  try {
    const small = await prepare(file)
    own.signal.throwIfAborted()
    display(small)
    if (small.size > page.maxBytes) throw new Refusal('too_large')
    go({ kind: 'waiting', step: 'sending' })
    const answer = await estimate(small, { signal: own.signal, onProgress })
    go(answer.faces.length ? { kind: 'faces', answer, chosen: 0 } : { kind: 'none', answer })
  } catch (error) {
    if (!own.signal.aborted) fail(error)
  }
}

function fail({ code = 'internal', answer }) {
  go({ kind: 'error', code, answer })
}

function onProgress(share) {
  $('sent').value = share
  if (share < 1 || state.step === 'looking') return
  $('sent').removeAttribute('value')
  go({ kind: 'waiting', step: 'looking' })
}

/** The photo as it is sent, so that boxes fit; what cannot be shown leaves no hole. */
function display(blob) {
  URL.revokeObjectURL($('photo').src)
  $('photo').removeAttribute('src')
  if (blob) $('photo').src = URL.createObjectURL(blob)
}

function forget() {
  job?.abort()
  job = photo = null
  display(null)
}

function cancel() {
  forget()
  go({ kind: 'idle' })
  $('status').textContent = words().cancelled
}

async function useCamera() {
  try {
    const taken = await shoot($('shooting'))
    if (taken) await look(taken)
  } catch (error) {
    forget()
    fail(error)
  }
}

function copy(button) {
  getSelection().selectAllChildren($(button.dataset.copy))
  // navigator.clipboard is for secure pages only; this works on any
  if (document.execCommand('copy')) $('status').textContent = button.textContent = words().copied
}

function take({ files }, event) {
  event.preventDefault()
  if (files[0]) return look(files[0])
  forget()
  fail(new Refusal('no_file'))
}

$('photo').addEventListener('error', () => {
  display(null)
  render()
})
$('language').addEventListener('click', () => {
  switchLanguage()
  render()
  $('status').textContent = announcement()
})
$('choose').addEventListener('click', () => $('file').click())
$('empty').addEventListener('click', () => $('file').click())
$('file').addEventListener('change', ({ target }) => {
  if (target.files[0]) look(target.files[0])
  target.value = ''
})
$('camera').addEventListener('click', useCamera)
$('cancel').addEventListener('click', cancel)
$('retry').addEventListener('click', () => look(photo))
for (const button of document.querySelectorAll('[data-copy]')) {
  button.addEventListener('click', () => copy(button))
}
document.addEventListener('paste', event => event.clipboardData.files.length && take(event.clipboardData, event))
document.addEventListener('drop', event => take(event.dataTransfer, event))
for (const name of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(name, event => {
    if (name === 'dragover') event.preventDefault()
    document.body.classList.toggle('over', name === 'dragover')
  })
}
render()
