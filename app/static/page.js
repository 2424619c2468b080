// Which photo is on show, and what the visitor does with it.
import { Refusal } from './api.js'
import { announcement, showFace } from './answer.js'
import { arrange } from './boxes.js'
import { shoot } from './camera.js'
import { listenToCopy } from './copy.js'
import { listen } from './drop.js'
import { cancel, estimateAll, fail, MOST, photos, replace, retry } from './photos.js'
import { build } from './strip.js'
import { save, table } from './table.js'
import { $, display, page, render, renderLabels, renderProgress, renderStrip, renderZoom } from './view.js'
import { fill, switchLanguage, words } from './words.js'
import { centre, isZoomed, showWhole, zoomTo } from './zoom.js'

const IDLE = { state: { kind: 'idle' } }
let current = IDLE

async function take(files, credit) {
  build(replace(files, onChange, credit), show)
  $('most').hidden = files.length <= MOST
  show(photos[0])
  await finish(estimateAll(photos))
}

async function finish(estimates) {
  if (await estimates && photos.length > 1) say(fill(words().strip.done, { count: photos.length }))
}

function onChange(photo) {
  if (photo !== current) renderStrip(photos, current)
  else if (page.step !== photo.state.step || photo.state.kind !== 'waiting') go()
  else renderProgress(photo)
}

function show(photo) {
  current = photo
  showWhole()
  go()
}

/** Render the current photo, and move the focus where it is useful. */
function go() {
  const from = document.activeElement
  refresh()
  // the focused element is hidden now
  if (from?.closest('[hidden]')) {
    $({ idle: 'choose', waiting: 'cancel' }[current.state.kind] ?? 'headline').focus({ preventScroll: true })
  }
  if (current !== IDLE) $('lead').scrollIntoView({ block: 'nearest' })
  if (current.state.kind === 'faces') follow(centre)
}

function refresh() {
  display(current)
  render(current, { onChoose: choose, onTap: tap })
  renderStrip(photos, current)
  say(announcement(current))
}

// a screen reader repeats what is set again
function say(text) {
  if ($('status').textContent !== text) $('status').textContent = text
}

function choose(index) {
  current.state.chosen = index
  showFace(current)
  $('face').scrollIntoView({ block: 'nearest' })
  follow(isZoomed() ? zoomTo : centre)
  renderZoom(current)
  say(announcement(current))
}

function follow(move) {
  const { answer, chosen } = current.state
  move(answer.faces[chosen].box, answer.image)
}

/** Come closer to a face; a second tap leads back. */
function tap(index) {
  const { answer, chosen } = current.state
  if (isZoomed() && index === chosen) showWhole()
  else zoomTo(answer.faces[index].box, answer.image)
  renderZoom(current)
}

function resize() {
  renderLabels(arrange())
  if (isZoomed()) follow(centre)
}

function failWith(code) {
  show(fail(code))
}

function stop() {
  const left = cancel()
  build(left, show)
  $('most').hidden = true
  show(left.includes(current) ? current : left[0] ?? IDLE)
  say(words().cancelled)
}

async function useCamera() {
  try {
    const taken = await shoot($('shooting'))
    if (taken) await take([taken])
  } catch ({ code = 'internal' }) {
    failWith(code)
  }
}

async function useSample({ target }) {
  try {
    const reply = await fetch(target.dataset.address)
    if (!reply.ok) throw new Refusal('offline')
    await take([new File([await reply.blob()], 'sample.jpg', { type: 'image/jpeg' })], 'sampleCredit')
  } catch {
    failWith('offline')
  }
}

// loaded when it is wanted: most visitors never make a card
async function makeCard() {
  try {
    const { offerCard } = await import('./sharing.js')
    await offerCard(current)
  } catch {
    $('card-hint').textContent = words().card.failed
    $('sharing').showModal()
  }
}

function pick() {
  $('file').click()
}

const clicks = {
  language: () => {
    switchLanguage()
    refresh()
  },
  choose: pick,
  empty: pick,
  camera: useCamera,
  sample: useSample,
  cancel: stop,
  retry: () => finish(retry(current)),
  zoom: () => tap(current.state.chosen),
  make: makeCard,
  csv: () => save(new Blob([table(photos)], { type: 'text/csv' }), 'yanling.csv')
}
for (const [id, act] of Object.entries(clicks)) $(id).addEventListener('click', act)
$('file').addEventListener('change', ({ target }) => {
  if (target.files.length) take([...target.files])
  target.value = ''
})
listenToCopy(say)
new ResizeObserver(resize).observe($('holder'))
listen(take, () => failWith('no_file'))
refresh()
