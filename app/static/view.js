// Renders the page's state in the current language.
import { ADDRESS, isRetryable } from './api.js'
import { hasCamera } from './camera.js'
import { boxes, chart, element } from './drawing.js'
import { settle } from './mascot.js'
import { describe, fill, words } from './words.js'

export const $ = id => document.getElementById(id)
export const page = document.body.dataset
const MEGABYTE = 2 ** 20

/** `state` as in page.js; `photo`, if any, can be sent again; `choose(index)`: on a tapped face. */
export function render(state, photo, choose) {
  const t = words()
  page.state = state.kind
  document.title = t.title
  document.documentElement.lang = t.language
  for (const part of document.querySelectorAll('[data-t]')) part.textContent = t[part.dataset.t]
  for (const part of document.querySelectorAll('[data-in]')) {
    part.hidden = !part.dataset.in.split(' ').includes(state.kind)
  }
  for (const part of document.querySelectorAll('[data-copy]')) part.textContent = t.copy
  $('language').textContent = t.other
  $('language').lang = t.otherLanguage
  $('photo').alt = t.photo
  $('shooting').ariaLabel = t.preview
  $('error').textContent = page.error
    ? fill(t.error, { years: page.error, faces: Number(page.errorFaces).toLocaleString(t.language) })
    : t.errorUnknown
  $('frame').hidden ||= state.kind !== 'waiting' && !$('photo').hasAttribute('src')
  renderActions(state, photo)
  renderHeadline(state)
  renderAnswer(state, choose)
  settle()
}

// The most useful button comes first.
function renderActions({ kind, code }, photo) {
  const t = words()
  const retryable = kind === 'error' && isRetryable(code)
  $('retry').hidden ||= !photo
  $('retry').className = retryable ? '' : 'plain'
  $('choose').className = retryable ? 'plain' : ''
  $('choose')[retryable ? 'before' : 'after']($('retry'))
  $('choose').textContent = photo ? t.another : t.choose
  $('camera').hidden ||= !hasCamera()
}

function renderHeadline({ kind, step, code, answer }) {
  const t = words()
  if (kind === 'waiting') $('headline').textContent = t[step]
  if (kind === 'none') $('headline').textContent = t.none
  if (kind === 'error') $('headline').textContent = reason(code)
  $('code').textContent = [code, answer?.request_id].filter(Boolean).join(' · ')
  $('reply').hidden = !answer
  $('curl').textContent = `curl -F file=@photo.jpg '${ADDRESS}'`
  // arrays of numbers on one line: the ages alone have 101
  $('json').textContent = JSON.stringify(answer, null, 2)
    ?.replace(/\[[\d\s.,-]+\]/g, numbers => numbers.replace(/\s+/g, ' '))
}

function renderAnswer(state, choose) {
  const faces = state.answer?.faces ?? []
  $('boxes').replaceChildren(...(faces.length ? boxes(state.answer, choose) : []))
  $('several').hidden ||= faces.length < 2
  $('several').querySelector('legend').textContent = fill(words().several, { count: faces.length })
  $('chips').replaceChildren(...faces.flatMap((face, index) => chip(face, index, choose)))
  $('not-judged').textContent = notJudged(state.answer)
  $('not-judged').hidden ||= !notJudged(state.answer)
  if (faces.length) show(state)
}

/** A sentence about faces beyond those of the answer; empty when there are none. */
function notJudged(answer) {
  const count = answer?.faces_not_judged
  return count ? fill(words().notJudged, { count }) : ''
}

function chip(face, index, choose) {
  const { age, gender } = describe(face)
  const [radio, label] = [element('input'), element('label', index + 1)]
  Object.assign(radio, { type: 'radio', name: 'face', id: `face-${index}` })
  radio.ariaLabel = fill(words().face, { number: index + 1, age, gender })
  radio.addEventListener('change', () => choose(index))
  label.htmlFor = radio.id
  return [radio, label]
}

/** The chosen face's age, range, gender, chart and notes. */
export function show({ answer, chosen }) {
  const t = words()
  const face = answer.faces[chosen]
  const { age, low, high, quip, gender, sure } = describe(face)
  for (const part of $('boxes').children) part.classList.toggle('on', part.dataset.face === String(chosen))
  $('chips').querySelectorAll('input')[chosen].checked = true
  $('headline').textContent = quip
  $('age').textContent = age
  $('gender').textContent = gender
  $('sure').textContent = sure
  const peak = chart($('chart'), face)
  $('chart').ariaLabel = fill(t.chart, { peak, low, high })
  $('range').textContent = fill(t.range, { low, high })
  const coverage = Math.round(10 * answer.model.age_range_coverage)
  $('coverage').textContent = fill(t.coverage, { faces: coverage })
  $('notes').replaceChildren(...face.quality.notes.map(note => element('li', t.notes[note])))
}

function reason(code) {
  const { errors } = words()
  return fill(errors[code] ?? errors.internal, { megabytes: Math.floor(page.maxBytes / MEGABYTE) })
}

/** What a screen reader announces. */
export function announcement({ kind, step, code, answer, chosen }) {
  const t = words()
  if (kind === 'waiting') return t[step]
  if (kind === 'none') return t.none
  if (kind === 'error') return reason(code)
  if (kind === 'idle') return ''
  const count = answer.faces.length
  const found = `${fill(t.one, describe(answer.faces[chosen]))} ${notJudged(answer)}`.trim()
  return count > 1 ? fill(t.many, { count, number: chosen + 1 }) + found : found
}
