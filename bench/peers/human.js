// npm @vladmandic/human: BlazeFace, FaceMesh and FaceRes, only what age and gender need.
const fs = require('node:fs')
const path = require('node:path')
const { wasm, decode, serve, folder } = require('./serve.js')

// its package.json exports only the builds for TensorFlow
const home = path.join(folder, 'node_modules/@vladmandic/human')
const OFF = { enabled: false }

// Node.js' own fetch refuses file: addresses
globalThis.fetch = async (url) => new Response(fs.readFileSync(new URL(url)))

async function main () {
  const tf = await wasm()
  const { Human } = require(path.join(home, 'dist/human.node-wasm.js'))
  const human = new Human({
    backend: 'wasm',
    modelBasePath: `file://${path.join(home, 'models')}/`,
    cacheSensitivity: 0, // no reuse of earlier results
    filter: OFF,
    gesture: OFF,
    body: OFF,
    hand: OFF,
    object: OFF,
    segmentation: OFF,
    face: {
      // of the four combinations of rotation and mesh this has the smallest error
      detector: { maxDetected: 5, rotation: false },
      mesh: { enabled: true },
      attention: OFF,
      iris: OFF,
      emotion: OFF,
      antispoof: OFF,
      liveness: OFF,
      description: { enabled: true, minConfidence: 0 }
    }
  })
  await human.load()
  await serve(async (bytes) => {
    const image = await decode(tf, bytes)
    const { face } = await human.detect(image)
    tf.dispose(image)
    return face.map(({ box, age, gender }) => ({ area: box[2] * box[3], age: age ?? 0, female: gender === 'female' }))
  })
}

main()
