// npm @vladmandic/human: BlazeFace, FaceMesh and FaceRes, all that age and gender need and no more.
const fs = require('node:fs')
const path = require('node:path')
const { wasm, decode, serve, folder } = require('./serve.js')

// its package exports TensorFlow's builds alone
const home = path.join(folder, 'node_modules/@vladmandic/human')
const OFF = { enabled: false }

// Node.js' own fetches no files
globalThis.fetch = async (url) => new Response(fs.readFileSync(new URL(url)))

async function main () {
  const tf = await wasm()
  const { Human } = require(path.join(home, 'dist/human.node-wasm.js'))
  const human = new Human({
    backend: 'wasm',
    modelBasePath: `file://${path.join(home, 'models')}/`,
    cacheSensitivity: 0, // every photo is looked at anew
    filter: OFF,
    gesture: OFF,
    body: OFF,
    hand: OFF,
    object: OFF,
    segmentation: OFF,
    face: {
      // of the four ways with and without rotation and mesh this errs least
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
