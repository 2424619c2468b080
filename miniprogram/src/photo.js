// A photo from the album or the camera, made small for the upload.
const { call } = require('./wechat')
const { Refusal } = require('./api')

// Pixels: ample, as the service looks for faces at 600 px of the shorter side, yet only a few hundred kB.
const LONGER_SIDE = 1600

/**
 * Take a photo from 'camera' or 'album': { path, width, height }, null if the user cancelled. Not
 * every phone can measure every format: then both are 0.
 */
async function take(source) {
  const path = await pick(source)
  if (!path) return null
  const smaller = await compress(path, await measure(path))
  return { path: smaller, ...upright(await measure(smaller)) }
}

async function measure(src) {
  try {
    return await call('getImageInfo', { src })
  } catch {
    return { width: 0, height: 0 }
  }
}

async function pick(source) {
  const options = { count: 1, mediaType: ['image'], sourceType: [source], sizeType: ['compressed'] }
  try {
    const { tempFiles } = await call('chooseMedia', { ...options, camera: 'front' })
    return tempFiles[0].tempFilePath
  } catch ({ message }) {
    if (/cancel/.test(message)) return null
    throw new Refusal(denial(message))
  }
}

function denial(message) {
  if (/privacy permission/.test(message)) return 'privacy_refused'
  if (/privacy agreement|banned/.test(message)) return 'not_configured'
  if (/auth|permission|denied/.test(message)) return 'denied'
  return 'bad_image'
}

// Not every phone compresses every format; then the original is sent, and the service says whether it
// can read it.
async function compress(path, { width, height }) {
  const scale = LONGER_SIDE / Math.max(width, height)
  const size = scale < 1 ? { compressedWidth: Math.round(width * scale) } : {}
  try {
    const { tempFilePath } = await call('compressImage', { src: path, quality: 85, ...size })
    return tempFilePath
  } catch {
    return path
  }
}

// getImageInfo measures the photo as stored; the service's boxes are on the upright photo.
function upright({ width, height, orientation = 'up' }) {
  return /left|right/.test(orientation) ? { width: height, height: width } : { width, height }
}

module.exports = { take }
