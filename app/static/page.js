// The page's states, and the events that lead from one to the next.
import { estimate, Refusal } from './api.js'
import { shoot } from './camera.js'
import { prepare } from './photo.js'
import { $, announcement, page, render, show } from './view.js'
import { switchLanguage, words } from './words.js'

// kind: idle, waiting (step), faces (answer, chosen), none (answer) or error (code, answer)
let state = { kind: 'idle' }
let photo = null
let job = null

function go(next) {
  const from = document.activeElement
  state = next
  refresh()
  // the focused element is hidden now: move the focus to what is useful in the new state
  if (from?.closest('[hidden]')) {
    $({ idle: 'choose', waiting: 'cancel' }[state.kind] ?? 'headline').focus({ preventScroll: true })
  }
  reveal()
}

function refresh() {
  render(state, photo, choose)
  $('status').textContent = announcement(state)
}

/** Scroll just enough to show what is new. */
function reveal() {
  $(state.kind === 'faces' ? 'facts' : 'panel').scrollIntoView({ block: 'nearest' })
}

function choose(index) {
  state.chosen = index
  show(state)
  $('status').textContent = announcement(state)
}

async function estimatePhoto(file) {
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

/** Show the photo as it is sent, so that boxes fit; null removes it. */
function display(blob) {
  URL.revokeObjectURL($('photo').src)
  $('photo').removeAttribute('src')
  if (blob) $('photo').src = URL.createObjectURL(blob)
}

function discard() {
  job?.abort()
  job = photo = null
  display(null)
}

function cancel() {
  discard()
  go({ kind: 'idle' })
  $('status').textContent = words().cancelled
}

async function useCamera() {
  try {
    const taken = await shoot($('shooting'))
    if (taken) await estimatePhoto(taken)
  } catch (error) {
    discard()
    fail(error)
  }
}

function copy(button) {
  getSelection().selectAllChildren($(button.dataset.copy))
  // navigator.clipboard needs a secure page; this works on any
  if (document.execCommand('copy')) $('status').textContent = button.textContent = words().copied
}

function receive({ files }, event) {
  event.preventDefault()
  if (files[0]) return estimatePhoto(files[0])
  discard()
  fail(new Refusal('no_file'))
}

// the photo's height is known only now
$('photo').addEventListener('load', reveal)
$('photo').addEventListener('error', () => {
  display(null)
  render(state, photo, choose)
})
$('language').addEventListener('click', () => {
  switchLanguage()
  refresh()
})
$('choose').addEventListener('click', () => $('file').click())
$('empty').addEventListener('click', () => $('file').click())
$('file').addEventListener('change', ({ target }) => {
  if (target.files[0]) estimatePhoto(target.files[0])
  target.value = ''
})
$('camera').addEventListener('click', useCamera)
$('cancel').addEventListener('click', cancel)
$('retry').addEventListener('click', () => estimatePhoto(photo))
for (const button of document.querySelectorAll('[data-copy]')) {
  button.addEventListener('click', () => copy(button))
}
document.addEventListener('paste', event => event.clipboardData.files.length && receive(event.clipboardData, event))
document.addEventListener('drop', event => receive(event.dataTransfer, event))
for (const name of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(name, event => {
    if (name === 'dragover') event.preventDefault()
    document.body.classList.toggle('over', name === 'dragover')
  })
}
render(state, photo, choose)
