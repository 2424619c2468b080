// What pages say: they put `text()` into their data.
const en = require('./texts/en')
const zh = require('./texts/zh')

const KEY = 'language'

function text() {
  const language = wx.getStorageSync(KEY) || wx.getAppBaseInfo().language
  return !language || language.startsWith('zh') ? zh : en
}

function switchLanguage() {
  wx.setStorageSync(KEY, text().language === 'zh' ? 'en' : 'zh')
}

/** `{name}` in a sentence replaced by its value. */
function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name])
}

/** An error in words; `path`: the photo's, whose ending names a format that the service refuses. */
function error(code, path = '') {
  const t = text()
  const [, ending = 'jpg'] = path.match(/\.(\w{2,5})$/) || []
  if (code === 'unsupported_type' && !/^(jpe?g|png)$/i.test(ending)) {
    return fill(t.unsupported, { format: ending.toUpperCase() })
  }
  return t.errors[code] || t.errors.internal
}

/** A face in words. `bars`: how likely each age is, in percent of the likeliest; empty if unknown. */
function describe({ age, gender, age_range: [low, high], gender_confidence: sure = 1, notes = [], ages = [] }) {
  const t = text()
  const quip = t.bands.find(([upTo]) => age <= upTo)[1]
  const warnings = notes.map(note => t.notes[note]).filter(Boolean)
  const highest = Math.max(...ages)
  const bars = ages.map(each => Math.round(100 * each / highest))
  return { age, low, high, quip, warnings, bars, gender: (sure < 0.8 ? t.maybe : '') + t[gender] }
}

/** The 20 numbers that roll by before an age. */
function countTo(age) {
  return Array.from({ length: 20 }, (_, step) => Math.floor(age * step / 20))
}

module.exports = { text, switchLanguage, fill, error, describe, countTo, languages: { zh, en } }
