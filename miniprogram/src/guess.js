// "Guess first, then see": the user names an age before the answer is shown.
const { text, fill } = require('./words')

const KEY = 'guess'
const CLOSE = 3

function isOn() {
  return wx.getStorageSync(KEY) === true
}

function toggle() {
  wx.setStorageSync(KEY, !isOn())
}

/** How far a guess is from the estimate, in words. */
function compare(guess, age) {
  const { same, close, far } = text().guess
  const by = Math.abs(guess - age)
  return fill(by === 0 ? same : by <= CLOSE ? close : far, { guess, by })
}

module.exports = { isOn, toggle, compare }
