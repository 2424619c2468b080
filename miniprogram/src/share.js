// What a friend sees. Without an image of its own WeChat would send a screenshot, photo and all.
const words = require('./words')

const COVER = '/images/cover.png'

function title(face) {
  const t = words.text()
  return face ? words.fill(t.shareResult, { age: face.age }) : t.shareTitle
}

function message(face, imageUrl = COVER) {
  return { title: title(face), path: '/pages/index/index', imageUrl }
}

function timeline(face, imageUrl = COVER) {
  return { title: title(face), query: '', imageUrl }
}

module.exports = { message, timeline }
