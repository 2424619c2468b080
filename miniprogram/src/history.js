// Past estimates, on this phone only and without photos.
const KEY = 'history'
const KEPT = 50

function all() {
  return wx.getStorageSync(KEY) || []
}

function add(faces, when = Date.now()) {
  const brief = faces.map(({ age, gender, age_range: range }) => ({ age, gender, range }))
  wx.setStorageSync(KEY, [{ when, faces: brief }, ...all()].slice(0, KEPT))
}

function remove(when) {
  wx.setStorageSync(KEY, all().filter(entry => entry.when !== when))
}

function clear() {
  wx.removeStorageSync(KEY)
}

module.exports = { all, add, remove, clear }
