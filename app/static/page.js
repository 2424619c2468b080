// The page: its states, and what leads from one to the next.
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
  speak()
  // whoever pressed a button that is gone now goes on where things happen
  if (from?.closest('[hidden]')) {
    $({ idle: 'choose', waiting: 'cancel' }[state.kind] ?? 'headline').focus({ preventScroll: true })
  }
  reveal()
}

function speak() {
  render(state, photo, choose)
  $('status').textContent = announcement(state)
}

/** What matters now into sight, by no more than it takes. */
function reveal() {
  $(state.kind === 'faces' ? 'facts' : 'panel').scrollIntoView({ block: 'nearest' })
}

function choose(index) {
  state.chosen = index
  show(state)
  $('status').textContent = announcement(state)
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

// only now is the photo's height known
$('photo').addEventListener('load', reveal)
$('photo').addEventListener('error', () => {
  display(null)
  render(state, photo, choose)
})
$('language').addEventListener('click', () => {
  switchLanguage()
  speak()
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
render(state, photo, choose)
