// The boxes and ages on the card, as the page shows them.
import { place } from './labels.js'
import { describe } from './words.js'

const INK = '#1d2530'
const FONT = 'system-ui, sans-serif'
const TEXTS = [30, 22, 16]

/**
 * Draw them in the largest letters with which every age has room. `boxes`: of the `faces`, in pixels of
 * the picture; `area`: its { width, height }.
 */
export function drawAges(context, faces, boxes, area) {
  const words = faces.map(describe)
  let labels
  for (const text of TEXTS) {
    context.font = `bold ${text}px ${FONT}`
    const sizes = words.map(({ age, mark }) => ({ width: context.measureText(age + mark).width + text * 0.7, height: text * 1.35 }))
    labels = place(boxes, sizes, area)
    if (labels.every(({ clear }) => clear)) break
  }
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  for (const [index, { left, top, width, height, clear }] of labels.entries()) {
    const box = boxes[index]
    const isFemale = faces[index].gender === 'Female'
    outline(context, box, Math.min(box.width, box.height) * (isFemale ? 0.3 : 0.06))
    if (!clear) continue
    context.fillStyle = 'rgb(255 255 255 / .92)'
    rounded(context, { left, top, width, height }, isFemale ? height / 2 : 4)
    context.fill()
    context.fillStyle = INK
    context.fillText(words[index].age + words[index].mark, left + width / 2, top + height / 2 + 1)
  }
}

function outline(context, box, radius) {
  for (const [width, colour] of [[5, 'rgb(0 0 0 / .35)'], [3, '#fff']]) {
    context.lineWidth = width
    context.strokeStyle = colour
    rounded(context, box, radius)
    context.stroke()
  }
}

function rounded(context, { left, top, width, height }, radius) {
  context.beginPath()
  context.roundRect(left, top, width, height, radius)
}
