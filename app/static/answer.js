// The answer for a photo: its headline, the chosen face in detail, and what a screen reader hears.
import { chart } from './chart.js'
import { element } from './boxes.js'
import { describe, fill, headline, spread, words } from './words.js'

const $ = id => document.getElementById(id)
const MEGABYTE = 2 ** 20

/** What leads, over photo and panel. */
export function showLead({ format, state }) {
  const t = words()
  const { kind, step, code, answer } = state
  const leads = {
    idle: () => [t.tagline],
    waiting: () => [t[step]],
    none: () => [t.none],
    error: () => [t.formats[format] ?? reason(code)],
    faces: () => answer.faces.length > 1 ? [headline(answer.faces)] : looks(answer.faces[0])
  }
  $('headline').replaceChildren(...leads[kind]())
  $('reason').textContent = kind === 'error' && t.formats[format] ? reason(code) : ''
  $('spread').replaceChildren(...kind === 'faces' && answer.faces.length > 1 ? signs(answer.faces) : [])
}

// `Looks 38`, with a large number
function looks(face) {
  const [before, after] = words().looks.split('{age}')
  const number = element('b', describe(face).age)
  number.id = 'age'
  return [before, number, after]
}

// how many of each gender, in the form that the labels have
function signs(faces) {
  const { signs, perhaps } = spread(faces)
  return [
    ...signs.map(({ gender, sign, count }) => {
      const mark = element('span', `${sign} ${count}`, 'key')
      mark.dataset.gender = gender
      mark.title = words()[gender]
      return mark
    }),
    perhaps ? fill(words().perhaps, { count: perhaps }) : ''
  ]
}

/** The chosen face's age, gender, range, notes and chart. */
export function showFace({ size, format, state: { answer, chosen } }) {
  const t = words()
  const face = answer.faces[chosen]
  const { low, high, quip, gender, sure } = describe(face)
  $('face').hidden = answer.faces.length < 2
  $('face').replaceChildren(...answer.faces.length > 1 ? looks(face) : [])
  $('quip').textContent = quip
  $('gender').textContent = gender
  $('sure').textContent = sure
  const coverage = Math.round(10 * answer.model.age_range_coverage)
  $('range').textContent = fill(t.range, { low, high, faces: coverage })
  $('notes').replaceChildren(
    ...face.quality.notes.map(note => element('li', t.notes[note])),
    ...size ? [] : [element('li', t.unseen[format] ?? t.unseen.other)]
  )
  const peak = chart($('chart'), face)
  $('chart').ariaLabel = fill(t.chart, { peak, low, high })
}

export function reason(code) {
  const { errors } = words()
  const megabytes = Math.floor(document.body.dataset.maxBytes / MEGABYTE)
  return fill(errors[code] ?? errors.internal, { megabytes })
}

/** A sentence about faces beyond those of the answer; empty when there are none. */
export function notJudged(answer) {
  const count = answer?.faces_not_judged
  return count ? fill(words().notJudged, { count }) : ''
}

/** What a screen reader announces. */
export function announcement({ format, state: { kind, step, code, answer, chosen } }) {
  const t = words()
  if (kind === 'waiting') return t[step]
  if (kind === 'none') return t.none
  if (kind === 'error') return t.formats[format] ?? reason(code)
  if (kind === 'idle') return ''
  const found = `${fill(t.one, describe(answer.faces[chosen]))} ${notJudged(answer)}`.trim()
  if (answer.faces.length < 2) return found
  return `${headline(answer.faces)}. ${fill(t.chosen, { number: chosen + 1 })}${found}`
}
