// Boxes over a photo, and the share card. The service's boxes are in pixels of the upright photo.
const CARD = { width: 600, height: 800, photo: { left: 40, top: 40, width: 520, height: 430 } }
// Pixels of the canvas for each of the card's: sharp on a phone's screen and in print.
const SCALE = 3
// The operator's code, under the title.
const CODE = { left: 440, top: 534, size: 120 }
const INK = '#1d2530'
const PAPER = '#fbf8f3'
const SEAL = '#b4441f'
const FONT = 'sans-serif'
// Blocks across a face: too few to recognise anyone.
const BLOCKS = 6

/** Boxes in percent of the photo, clipped to it, as style attributes; none without its size. */
function boxes(faces, { width, height }) {
  if (!width) return []
  return faces.map(({ box }) => {
    const { left, top, right, bottom } = inside(box, width, height)
    return `left:${percent(left, width)};top:${percent(top, height)};` +
      `width:${percent(right - left, width)};height:${percent(bottom - top, height)}`
  })
}

function percent(part, whole) {
  return `${(100 * part / whole).toFixed(2)}%`
}

function inside({ left, top, width, height }, limitX, limitY) {
  const clamp = (value, limit) => Math.max(0, Math.min(limit, value))
  return {
    left: clamp(left, limitX),
    top: clamp(top, limitY),
    right: clamp(left + width, limitX),
    bottom: clamp(top + height, limitY)
  }
}

/**
 * Draw the card on a canvas of SCALE times CARD's size. `mode` is 'blur' (the photo, every face hidden), 'crop'
 * (the chosen face alone) or 'none'. `image` is the loaded photo, `lines` { verdict, age, years,
 * detail, quip, title }, `code` the operator's loaded code; without one its place goes to the title.
 */
function drawCard(context, { mode, image, photo, faces, chosen, lines, code }) {
  context.setTransform(SCALE, 0, 0, SCALE, 0, 0)
  context.fillStyle = PAPER
  context.fillRect(0, 0, CARD.width, CARD.height)
  // without the photo's size no face could be hidden
  if (mode === 'none' || !image || !photo.width) drawFace(context)
  else drawPhoto(context, { mode, image, photo, faces, chosen })
  drawWords(context, lines, code ? 516 : 540)
  if (code) context.drawImage(code, CODE.left, CODE.top, CODE.size, CODE.size)
}

function drawPhoto(context, { mode, image, photo, faces, chosen }) {
  const alone = mode === 'crop'
  const part = alone ? around(faces[chosen].box, photo) : { left: 0, top: 0, ...photo }
  const frame = fitted(part)
  const scale = image.width / photo.width
  context.drawImage(image, part.left * scale, part.top * scale, part.width * scale, part.height * scale,
    frame.left, frame.top, frame.width, frame.height)
  const others = faces.filter((_, index) => !alone || index !== chosen)
  for (const { box } of others) hide(context, onCard(grow(box, 0.15), part, frame))
}

// Where a part of the photo goes on the card: as large as fits, centred.
function fitted({ width, height }) {
  const room = CARD.photo
  const scale = Math.min(room.width / width, room.height / height)
  return {
    left: room.left + (room.width - width * scale) / 2,
    top: room.top + (room.height - height * scale) / 2,
    width: width * scale,
    height: height * scale
  }
}

// The part of the photo around a face, in the proportions of the card's picture.
function around(box, photo) {
  const ratio = CARD.photo.width / CARD.photo.height
  const wanted = Math.max(box.height, box.width / ratio) * 1.3
  const height = Math.min(wanted, photo.height, photo.width / ratio)
  const width = height * ratio
  const shift = (centre, size, limit) => Math.max(0, Math.min(limit - size, centre - size / 2))
  return {
    left: shift(box.left + box.width / 2, width, photo.width),
    top: shift(box.top + box.height / 2, height, photo.height),
    width,
    height
  }
}

function grow({ left, top, width, height }, by) {
  const [x, y] = [width * by, height * by]
  return { left: left - x, top: top - y, width: width + 2 * x, height: height + 2 * y }
}

// A box of the photo in pixels of the card, clipped to the picture.
function onCard(box, part, frame) {
  const scale = frame.width / part.width
  const moved = { left: box.left - part.left, top: box.top - part.top, width: box.width, height: box.height }
  const { left, top, right, bottom } = inside(moved, part.width, part.height)
  return {
    left: Math.floor(frame.left + left * scale),
    top: Math.floor(frame.top + top * scale),
    width: Math.ceil((right - left) * scale),
    height: Math.ceil((bottom - top) * scale)
  }
}

// Pixelates. The canvas of phones has no blur filter, and a blur could be undone.
function hide(context, { left, top, width, height }) {
  if (!width || !height) return
  const size = Math.max(width, height) / BLOCKS
  // counts the canvas's own pixels
  const { data } = context.getImageData(...[left, top, width, height].map(each => each * SCALE))
  for (let y = 0; y < height; y += size) {
    for (let x = 0; x < width; x += size) {
      const part = [x, y, Math.min(x + size, width), Math.min(y + size, height)].map(Math.ceil)
      context.fillStyle = mean(data, width * SCALE, part.map(each => each * SCALE))
      context.fillRect(left + part[0], top + part[1], part[2] - part[0], part[3] - part[1])
    }
  }
}

function mean(data, width, [left, top, right, bottom]) {
  const sum = [0, 0, 0]
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      for (let c = 0; c < 3; c++) sum[c] += data[4 * (y * width + x) + c]
    }
  }
  const count = Math.max(1, (right - left) * (bottom - top))
  return `rgb(${sum.map(each => Math.round(each / count)).join(',')})`
}

// Instead of a photo: the drawn face of the start page.
function drawFace(context) {
  const x = CARD.width / 2
  const y = CARD.photo.top + CARD.photo.height / 2
  context.strokeStyle = context.fillStyle = SEAL
  context.lineWidth = 8
  circle(context, x, y, 140, 'stroke')
  circle(context, x - 50, y - 30, 12, 'fill')
  circle(context, x + 50, y - 30, 12, 'fill')
  context.beginPath()
  context.arc(x, y + 10, 60, 0.15 * Math.PI, 0.85 * Math.PI)
  context.stroke()
}

function circle(context, x, y, radius, how) {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context[how]()
}

function drawWords(context, { verdict, age, years, detail, quip, title }, titleY) {
  context.textAlign = 'left'
  write(context, `26px ${FONT}`, INK, verdict, 40, 502)
  write(context, `bold 150px ${FONT}`, SEAL, String(age), 40, 638)
  const beside = 56 + context.measureText(String(age)).width
  write(context, `bold 40px ${FONT}`, SEAL, years, beside, 638)
  write(context, `bold 36px ${FONT}`, INK, quip, 40, 694)
  write(context, `26px ${FONT}`, INK, detail, 40, 742)
  context.textAlign = 'right'
  write(context, `bold 28px ${FONT}`, SEAL, title, CARD.width - 40, titleY)
}

function write(context, font, colour, words, x, y) {
  context.font = font
  context.fillStyle = colour
  context.fillText(words, x, y, CARD.width - 80)
}

module.exports = { boxes, drawCard, CARD, SCALE }
