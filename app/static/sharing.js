// The dialog with the card: which faces it shows, and where it goes.
import { drawCard } from './card.js'
import { save } from './table.js'
import { fill, headline, words } from './words.js'

const dialog = document.getElementById('sharing')
const canvas = document.getElementById('card')
const [hint, share, copy] = ['card-hint', 'share', 'copy-card'].map(id => document.getElementById(id))
const modes = [...dialog.querySelectorAll('[name=mode]')]

// the card on show: { answer, bitmap or null }
let card = null

/** Open the dialog for an answer with faces; `photo`: as in page.js. */
export async function offerCard({ small, size, state: { answer } }) {
  card = { answer, bitmap: size ? await createImageBitmap(small) : null }
  for (const mode of modes) {
    mode.disabled = !card.bitmap && mode.value !== 'none'
    mode.checked = mode.value === (card.bitmap ? 'hidden' : 'none')
  }
  share.hidden = !navigator.canShare?.({ files: [new File([], 'yanling.jpg', { type: 'image/jpeg' })] })
  copy.hidden = !(navigator.clipboard?.write && window.ClipboardItem)
  draw()
  dialog.showModal()
}

function draw() {
  const t = words().card
  const { answer, bitmap } = card
  const mode = modes.find(({ checked }) => checked).value
  drawCard(canvas, { mode, answer, bitmap: mode === 'none' ? null : bitmap, brand: brand() })
  canvas.ariaLabel = headline(answer.faces)
  const others = mode === 'hidden' && answer.faces_not_judged
  hint.textContent = others ? fill(t.whole, { count: others }) : t.hint
}

// with the address, where others can reach it
function brand() {
  const { hostname } = location
  return /[a-z]\.[a-z]+$/i.test(hostname) ? `颜龄 ${hostname}` : '颜龄 Yanling'
}

function picture(type) {
  return new Promise(resolve => canvas.toBlob(resolve, type, 0.9))
}

function attempt(action) {
  return async () => {
    try {
      await action()
    } catch ({ name }) {
      if (name !== 'AbortError') hint.textContent = words().card.failed
    }
  }
}

for (const mode of modes) mode.addEventListener('change', draw)
document.getElementById('download').addEventListener('click', attempt(async () => {
  save(await picture('image/jpeg'), 'yanling.jpg')
}))
copy.addEventListener('click', attempt(async () => {
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture('image/png') })])
  hint.textContent = words().card.copied
}))
share.addEventListener('click', attempt(async () => {
  const files = [new File([await picture('image/jpeg')], 'yanling.jpg', { type: 'image/jpeg' })]
  await navigator.share({ files, text: fill(words().card.text, { answer: headline(card.answer.faces) }) })
}))
dialog.addEventListener('close', () => {
  card.bitmap?.close()
  card = null
})
