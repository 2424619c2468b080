// The language in use, and answers in words.
import { en } from './en.js'
import { zh } from './zh.js'

const KEY = 'language'
const SIGNS = { Female: '♀', Male: '♂' }
// U+FE0E: as text, where a system would show an emoji
const AS_TEXT = '\uFE0E'

let current = (remembered() ?? navigator.language).startsWith('zh') ? zh : en

/** The texts in the current language. */
export function words() {
  return current
}

export function switchLanguage() {
  current = current === zh ? en : zh
  try {
    localStorage.setItem(KEY, current.language)
  } catch { /* without storage the choice lasts as long as the page */ }
}

function remembered() {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

/** `{name}` in a sentence replaced by its value. */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name])
}

/** A face in words. `mark`: behind its age; `?` where it is perhaps none. */
export function describe({ age, age_range: [low, high], gender, gender_confidence: sure, quality }) {
  const t = current
  const years = Math.round(age)
  return {
    age: years,
    low,
    high,
    quip: t.bands.find(([upTo]) => years <= upTo)[1],
    gender: (sure < 0.8 ? t.maybe : '') + t[gender],
    // no photo proves a gender
    sure: fill(t.sure, { percent: Math.min(99, Math.round(100 * sure)) }),
    mark: quality.notes.includes('unsure') ? '?' : SIGNS[gender] + AS_TEXT
  }
}

/** The answer for a photo in a line: `Looks 38`, or `38 faces, looking 7 to 63`. */
export function headline(faces) {
  const { count, low, high } = spread(faces)
  if (count < 2) return fill(current.looks, { age: low })
  return fill(low === high ? current.sameAge : current.spread, { count, low, high })
}

/** How many faces there are, and the youngest and oldest age; those that are perhaps none are left out. */
export function spread(faces) {
  const certain = faces.filter(face => !face.quality.notes.includes('unsure'))
  const counted = certain.length ? certain : faces
  const ages = counted.map(({ age }) => Math.round(age))
  const female = counted.filter(({ gender }) => gender === 'Female').length
  return {
    count: ages.length,
    low: Math.min(...ages),
    high: Math.max(...ages),
    perhaps: faces.length - ages.length,
    signs: [['Female', female], ['Male', ages.length - female]]
      .filter(([, count]) => count)
      .map(([gender, count]) => ({ gender, count, sign: SIGNS[gender] + AS_TEXT }))
  }
}
