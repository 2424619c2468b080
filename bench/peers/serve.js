// Like serve.py: reads paths of photos, one per line; writes the faces and time as JSON.
const fs = require('node:fs')
const path = require('node:path')
const readline = require('node:readline')
const { createRequire } = require('node:module')

// the packages' folder, which is not this file's
const folder = process.argv[2]
const peers = createRequire(path.join(folder, 'package.json'))
const SIDE = 960 // pixels of the photo's longer side, as for ours

// standard output is for answers only
console.log = console.info = console.warn = console.error

async function wasm () {
  const tf = peers('@tensorflow/tfjs')
  const backend = peers('@tensorflow/tfjs-backend-wasm')
  backend.setWasmPaths(path.join(folder, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/'))
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false) // one core: threads gain nothing
  await tf.setBackend('wasm')
  await tf.ready()
  if (!await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) throw new Error('no SIMD in this Node.js')
  return tf
}

// The fastest decoder for Node.js: libvips, which reads large JPEGs at a smaller scale.
async function decode (tf, bytes) {
  const sharp = peers('sharp')
  const { data, info } = await sharp(bytes)
    .rotate()
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return tf.tensor3d(new Uint8Array(data.buffer, data.byteOffset, data.length), [info.height, info.width, 3], 'int32')
}

async function serve (estimate) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const bytes = fs.readFileSync(line)
    const [started, worked] = [performance.now(), process.cpuUsage()]
    const faces = await estimate(bytes)
    const seconds = (performance.now() - started) / 1e3
    const { user, system } = process.cpuUsage(worked)
    process.stdout.write(JSON.stringify({ seconds, cpu: (user + system) / 1e6, faces }) + '\n')
  }
}

module.exports = { peers, wasm, decode, serve, folder }
