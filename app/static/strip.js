// The strip of several photos: a thumbnail and an answer for each, and their table as CSV.
import { element } from './boxes.js'
import { fill, headline, spread, words } from './words.js'

const list = document.getElementById('photos')
const short = {
  waiting: () => '…',
  none: () => '–',
  error: () => '!',
  faces: ({ answer: { faces } }) => {
    const { low, high } = spread(faces)
    return low === high ? `${low}` : `${low}–${high}`
  }
}

/** A thumbnail for each photo; `onChoose(photo)`: when one is chosen. */
export function build(photos, onChoose) {
  list.replaceChildren(...photos.map(photo => {
    const [radio, label] = [element('input'), element('label')]
    Object.assign(radio, { type: 'radio', name: 'photo' })
    radio.addEventListener('change', () => onChoose(photo))
    label.append(radio, element('canvas'), element('b'))
    return label
  }))
}

export function update(photos, current) {
  const t = words().strip
  for (const [index, photo] of photos.entries()) {
    const [radio, picture, answer] = list.children[index].children
    const { kind } = photo.state
    if (photo.thumbnail && picture !== photo.thumbnail) picture.replaceWith(photo.thumbnail)
    answer.textContent = short[kind](photo.state)
    answer.className = kind
    radio.checked = photo === current
    const said = kind === 'faces' ? headline(photo.state.answer.faces) : t[kind]
    radio.ariaLabel = fill(t.photo, { number: index + 1, name: photo.file.name, answer: said })
  }
}

/** How many photos have an answer. */
export function done(photos) {
  return photos.filter(({ state }) => state.kind !== 'waiting').length
}
