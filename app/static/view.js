// Renders the state of a photo in the current language.
import { ADDRESS, isRetryable } from './api.js'
import { notJudged, showFace, showLead } from './answer.js'
import { element, mark } from './boxes.js'
import { hasCamera } from './camera.js'
import { settle } from './mascot.js'
import { done, update } from './strip.js'
import { fill, words } from './words.js'
import { canZoom, isZoomed } from './zoom.js'

// a panorama gets the whole width
const WIDE = 2.5
let shown = null

export const $ = id => document.getElementById(id)
export const page = document.body.dataset

/** `photo`: { file, state, … } as in page.js; `events`: as boxes.js wants them. */
export function render(photo, events) {
  const { state } = photo
  const t = words()
  page.state = state.kind
  page.step = state.step ?? ''
  renderTexts(t)
  for (const part of document.querySelectorAll('[data-in]')) {
    part.hidden = !part.dataset.in.split(' ').includes(state.kind)
  }
  $('photo').alt = t.photo
  $('credit').textContent = photo.credit ? t[photo.credit] : ''
  $('frame').hidden ||= state.kind !== 'waiting' && !photo.size
  showLead(photo)
  renderActions(photo)
  renderReply(state)
  renderLabels(mark(photo.size && state.answer, state.chosen, events))
  $('not-judged').textContent = notJudged(state.answer)
  if (state.kind === 'faces') showFace(photo)
  $('advice').replaceChildren(...t.advice.map(line => element('li', line)))
  renderZoom(photo)
  renderProgress(photo)
  settle()
}

export function renderProgress({ state: { step, share } }) {
  if (step === 'sending') $('sent').value = share
  else $('sent').removeAttribute('value')
}

function renderTexts(t) {
  document.title = t.title
  document.documentElement.lang = t.language
  for (const part of document.querySelectorAll('[data-t]')) {
    part.textContent = part.dataset.t.split('.').reduce((texts, key) => texts[key], t)
  }
  $('language').textContent = t.other
  $('language').lang = t.otherLanguage
  $('shooting').ariaLabel = t.preview
  $('error').textContent = page.error
    ? fill(t.error, { years: page.error, faces: Number(page.errorFaces).toLocaleString(t.language) })
    : t.errorUnknown
}

// The most useful button comes first.
function renderActions({ file, state: { kind, code } }) {
  const t = words()
  const retryable = kind === 'error' && isRetryable(code)
  $('retry').hidden ||= !file
  $('retry').className = retryable ? '' : 'plain'
  $('choose').className = retryable || kind === 'faces' ? 'plain' : ''
  $('choose')[retryable ? 'before' : 'after']($('retry'))
  $('choose').textContent = file ? t.another : t.choose
  $('camera').hidden ||= !hasCamera()
}

function renderReply({ code, answer }) {
  $('code').textContent = [code, answer?.request_id].filter(Boolean).join(' · ')
  $('reply').hidden = !answer
  $('curl').textContent = `curl -F file=@photo.jpg '${ADDRESS}'`
  // arrays of numbers on one line: the ages alone have 101
  $('json').textContent = JSON.stringify(answer, null, 2)
    ?.replace(/\[[\d\s.,-]+\]/g, numbers => numbers.replace(/\s+/g, ' '))
}

/** The photo as it is sent, so that boxes fit; nothing where the browser cannot show it. */
export function display({ small, size }) {
  if (shown === small) return
  shown = small
  URL.revokeObjectURL($('photo').src)
  $('photo').removeAttribute('src')
  page.shape = size?.width > WIDE * size?.height ? 'wide' : ''
  if (!size) return
  $('photo').src = URL.createObjectURL(small)
  $('frame').style.setProperty('--ratio', size.width / size.height)
  $('frame').style.setProperty('--natural', `${size.width}px`)
}

/** The button to come closer or back, where there is something to come closer to. */
export function renderZoom({ size, state: { kind, answer, chosen } }) {
  $('tools').hidden = !(kind === 'faces' && size)
  if ($('tools').hidden) return
  const { faces, image } = answer
  $('tools').hidden = !(faces.length > 1 || isZoomed() || canZoom(faces[chosen].box, image))
  $('zoom').textContent = isZoomed() ? words().zoomOut : words().zoomIn
}

/** `crowded`: how many ages have no room. */
export function renderLabels(crowded) {
  const t = words()
  $('unlabelled').textContent = crowded ? fill(t.unlabelled, { count: crowded }) : t.tapFace
}

export function renderStrip(photos, current) {
  $('cancel').hidden = done(photos) === photos.length
  $('strip').hidden = photos.length < 2
  if (photos.length < 2) return
  const t = words().strip
  const count = photos.length
  $('strip').querySelector('legend').textContent = fill(t.legend, { done: done(photos), count })
  $('most').textContent = fill(t.most, { most: count })
  update(photos, current)
}
