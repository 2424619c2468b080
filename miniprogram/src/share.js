// What a friend sees. Without this image WeChat would send a screenshot, which shows the photo.
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
