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

/** A photo of the list was chosen: `onChoose(photo)`. */
export function build(photos, onChoose) {
  list.replaceChildren(...photos.flatMap((photo, index) => {
    const [radio, label] = [element('input'), element('label')]
    Object.assign(radio, { type: 'radio', name: 'photo', id: `photo-${index}` })
    radio.addEventListener('change', () => onChoose(photo))
    label.htmlFor = radio.id
    label.append(element('canvas'), element('b'))
    return [radio, label]
  }))
}

export function update(photos, current) {
  const t = words().strip
  for (const [index, photo] of photos.entries()) {
    const radio = list.children[2 * index]
    const [picture, answer] = list.children[2 * index + 1].children
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
