// Brings a face closer: the frame becomes a window on a larger photo, which can be dragged.
const [frame, holder] = ['frame', 'holder'].map(id => document.getElementById(id))
const calm = matchMedia('(prefers-reduced-motion: reduce)')

// the part of the frame that a face fills, and how often the photo is enlarged at most, and at least
const FILLED = 0.4
const [LEAST, MOST] = [1.4, 8]
const MILLISECONDS = 250
// pixels: less is a click
const DRAGGED = 4

let zoom = 1

export function isZoomed() {
  return zoom > 1
}

/** Whether coming closer to this face would show more. */
export function canZoom(box, image) {
  return factor(box, image) > 1
}

function factor(box, image) {
  const scale = holder.offsetWidth / zoom / image.width
  const wanted = FILLED * Math.min(frame.clientWidth, frame.clientHeight)
  const times = wanted / (Math.max(box.width, box.height) * scale)
  return times < LEAST ? 1 : Math.min(MOST, times)
}

export function zoomTo(box, image) {
  move(factor(box, image))
  centre(box, image)
}

/** Show a face that is outside the window. */
export function centre(box, image) {
  const scale = holder.offsetWidth / image.width
  frame.scrollTo(
    (box.left + box.width / 2) * scale - frame.clientWidth / 2,
    (box.top + box.height / 2) * scale - frame.clientHeight / 2
  )
}

export function showWhole() {
  move(1)
}

function move(next) {
  if (next === zoom) return
  const before = holder.getBoundingClientRect()
  zoom = next
  holder.style.setProperty('--zoom', zoom)
  frame.classList.toggle('zoomed', isZoomed())
  // read after the caller has scrolled
  if (!calm.matches) requestAnimationFrame(() => glide(before, holder.getBoundingClientRect()))
}

function glide(from, to) {
  const start = `translate(${from.x - to.x}px, ${from.y - to.y}px) scale(${from.width / to.width})`
  holder.animate({ transform: [start, 'none'] }, { duration: MILLISECONDS, easing: 'ease-out' })
}

// fingers scroll anyway
let dragged = 0
frame.addEventListener('pointerdown', () => {
  dragged = 0
})
frame.addEventListener('pointermove', ({ buttons, pointerType, movementX, movementY }) => {
  if (pointerType !== 'mouse' || buttons !== 1) return
  dragged += Math.abs(movementX) + Math.abs(movementY)
  frame.scrollBy(-movementX, -movementY)
})
frame.addEventListener('click', event => {
  if (dragged > DRAGGED) event.preventDefault()
  if (dragged > DRAGGED) event.stopPropagation()
  dragged = 0
}, { capture: true })
