// The card to share: the photo with every age, its faces hidden unless asked otherwise, and the answer.
import { clip } from './boxes.js'
import { drawAges } from './cardages.js'
import { describe, headline, spread } from './words.js'

const [INK, PAPER, SEAL] = ['#1d2530', '#fbf8f3', '#b4441f']
const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
const MARGIN = 40
const WORDS = 240
// pixels that the photo fills; a panorama gets more
const [WIDTH, HEIGHT, PANORAMA] = [1000, 1100, 1800]
// blocks across a face: too few to recognise anyone
const BLOCKS = 6

/**
 * Draw the card. `mode` is 'hidden', 'shown' or 'none'; `bitmap`: the photo, null for none; `answer`:
 * the service's. Where some faces were not judged, no box says where they are: the whole photo is hidden.
 */
export function drawCard(canvas, { mode, bitmap, answer, brand }) {
  const picture = bitmap ? fitted(bitmap) : { width: WIDTH, height: 420 }
  canvas.width = Math.max(WIDTH, picture.width) + 2 * MARGIN
  canvas.height = picture.height + WORDS + MARGIN
  const context = canvas.getContext('2d')
  context.fillStyle = PAPER
  context.fillRect(0, 0, canvas.width, canvas.height)
  if (bitmap) {
    context.save()
    context.translate((canvas.width - picture.width) / 2, MARGIN)
    drawPhoto(context, picture, { mode, bitmap, answer })
    context.restore()
  } else drawFace(context, canvas.width / 2, MARGIN + picture.height / 2)
  drawWords(context, canvas, answer, brand)
}

function fitted({ width, height }) {
  const room = width > 2.5 * height ? PANORAMA : WIDTH
  const scale = Math.min(room / width, HEIGHT / height)
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

function drawPhoto(context, area, { mode, bitmap, answer: { faces, image, faces_not_judged: others } }) {
  const scale = area.width / image.width
  const boxes = faces.map(({ box }) => resize(clip(box, image), scale))
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, area.width, area.height)
  if (mode === 'hidden') {
    const sizes = boxes.map(({ width, height }) => Math.max(width, height) / BLOCKS)
    const parts = others
      ? [[{ left: 0, top: 0, ...area }, Math.min(...sizes)]]
      : faces.map(({ box }, index) => [whole(resize(clip(grow(box), image), scale)), sizes[index]])
    for (const [part, size] of parts) hide(context, part, size, bitmap, bitmap.width / area.width)
  }
  drawAges(context, faces, boxes, area)
}

function resize({ left, top, width, height }, scale) {
  return { left: left * scale, top: top * scale, width: width * scale, height: height * scale }
}

// in whole pixels, so that nothing shows through at the edge
function whole({ left, top, width, height }) {
  const [x, y] = [Math.floor(left), Math.floor(top)]
  return { left: x, top: y, width: Math.ceil(left + width) - x, height: Math.ceil(top + height) - y }
}

function grow({ left, top, width, height }, by = 0.15) {
  return { left: left - width * by, top: top - height * by, width: width * (1 + 2 * by), height: height * (1 + 2 * by) }
}

// In blocks of `size` pixels, from the photo itself: a blur could be undone.
function hide(context, { left, top, width, height }, size, bitmap, scale) {
  const small = new OffscreenCanvas(Math.ceil(width / size), Math.ceil(height / size))
  const pixels = small.getContext('2d')
  pixels.imageSmoothingQuality = 'high'
  pixels.drawImage(bitmap, left * scale, top * scale, width * scale, height * scale, 0, 0, small.width, small.height)
  context.imageSmoothingEnabled = false
  context.drawImage(small, left, top, width, height)
  context.imageSmoothingEnabled = true
}

// Instead of a photo: the page's drawn face.
function drawFace(context, x, y) {
  context.strokeStyle = context.fillStyle = SEAL
  context.lineWidth = 10
  const arcs = [[0, 0, 150, 0, 2], [0, 25, 75, 0.15, 0.85]]
  for (const [dx, dy, radius, from, to] of arcs) {
    context.beginPath()
    context.arc(x + dx, y + dy, radius, from * Math.PI, to * Math.PI)
    context.stroke()
  }
  for (const side of [-52, 52]) {
    context.beginPath()
    context.arc(x + side, y - 35, 14, 0, 2 * Math.PI)
    context.fill()
  }
}

function drawWords(context, { width, height }, { faces }, brand) {
  const { signs } = spread(faces)
  const below = faces.length > 1 ? signs.map(({ sign, count }) => `${sign} ${count}`).join('   ') : describe(faces[0]).quip
  context.textBaseline = 'alphabetic'
  context.textAlign = 'left'
  write(context, { words: headline(faces), bold: true, size: 80, colour: SEAL, x: MARGIN, y: height - 132, room: width - 2 * MARGIN })
  write(context, { words: below, size: 40, colour: INK, x: MARGIN, y: height - 56, room: width * 0.55 })
  context.textAlign = 'right'
  write(context, { words: brand, bold: true, size: 32, colour: SEAL, x: width - MARGIN, y: height - 56, room: width * 0.35 })
}

function write(context, { words, bold, size, colour, x, y, room }) {
  const font = points => `${bold ? 'bold' : ''} ${points}px ${FONT}`
  context.font = font(size)
  context.font = font(Math.min(size, size * room / context.measureText(words).width))
  context.fillStyle = colour
  context.fillText(words, x, y)
}
