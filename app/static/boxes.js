// The faces on the photo: a box and the age of each, landmarks on the chosen one.
import { place } from './labels.js'
import { describe, fill, words } from './words.js'

const layer = document.getElementById('boxes')

/** `text` in a new element of this name. */
export function element(name, text = '', className = '') {
  const made = document.createElement(name)
  made.textContent = text
  made.className = className
  return made
}

/** Replace what is marked, as arrange(). `onChoose(index)`: by a tap or an arrow key; `onTap(index)`: by a tap. */
export function mark(answer, chosen, { onChoose, onTap }) {
  const faces = answer?.faces ?? []
  layer.ariaLabel = words().faces
  layer.replaceChildren(...faces.flatMap((face, index) => {
    const [radio, box, tag] = parts(face, index, answer.image)
    radio.checked = index === chosen
    radio.addEventListener('change', () => onChoose(index))
    for (const label of [box, tag]) label.addEventListener('click', () => onTap(index))
    return [radio, box, tag]
  }))
  return arrange()
}

function parts(face, index, image) {
  const { age, gender, mark } = describe(face)
  const radio = element('input')
  Object.assign(radio, { type: 'radio', name: 'face', id: `face-${index}` })
  radio.ariaLabel = fill(words().face, { number: index + 1, age, gender })
  const [box, tag] = [element('label', '', 'box'), element('label', age, 'tag')]
  tag.append(element('span', mark, mark === '?' ? '' : 'sign'))
  for (const label of [box, tag]) {
    label.htmlFor = radio.id
    label.ariaHidden = 'true'
    label.dataset.gender = face.gender
  }
  const inside = clip(face.box, image)
  for (const part of [radio, box]) put(part, inside, image)
  box.append(...face.landmarks.map(([x, y]) => {
    const dot = element('i', '', 'dot')
    put(dot, { left: x - inside.left, top: y - inside.top }, inside)
    return dot
  }))
  return [radio, box, tag]
}

/** The part of a box that lies inside the photo, in the same pixels. */
export function clip({ left, top, width, height }, image) {
  const [x, y] = [Math.max(0, left), Math.max(0, top)]
  return {
    left: x,
    top: y,
    width: Math.max(1, Math.min(image.width, left + width) - x),
    height: Math.max(1, Math.min(image.height, top + height) - y)
  }
}

// In percent, so that it stays in place when the page is resized.
function put(part, { left, top, width, height }, whole) {
  const percent = (size, all) => `${(100 * size / all).toFixed(3)}%`
  part.style.left = percent(left, whole.width)
  part.style.top = percent(top, whole.height)
  if (width) part.style.width = percent(width, whole.width)
  if (height) part.style.height = percent(height, whole.height)
}

/** Place the ages for the photo's present size. Returns how many have no room. */
export function arrange() {
  const tags = [...layer.querySelectorAll('.tag')]
  if (!layer.clientWidth) return 0
  layer.classList.remove('tight')
  let places = placesOf(tags)
  if (!places.every(({ clear }) => clear)) {
    // without the sign; the shape still tells the gender
    layer.classList.add('tight')
    places = placesOf(tags)
  }
  for (const [index, { left, top, clear }] of places.entries()) {
    tags[index].style.left = `${left}px`
    tags[index].style.top = `${top}px`
    tags[index].classList.toggle('crowded', !clear)
  }
  return places.filter(({ clear }) => !clear).length
}

function placesOf(tags) {
  const boxes = [...layer.querySelectorAll('.box')].map(box => ({
    left: box.offsetLeft, top: box.offsetTop, width: box.offsetWidth, height: box.offsetHeight
  }))
  const sizes = tags.map(({ offsetWidth, offsetHeight }) => ({ width: offsetWidth, height: offsetHeight }))
  return place(boxes, sizes, { width: layer.clientWidth, height: layer.clientHeight })
}
