// Asks the service at SERVICE about the photos given, with the types of the contract.
import { readFileSync } from 'node:fs'
import createClient from 'openapi-fetch'
import type { components, paths } from './contract'

const [service, portrait, text] = process.argv.slice(2)
const client = createClient<paths>({ baseUrl: service })

// the contract says string for a file, as JSON Schema does
function file(path: string): string {
  return new Blob([readFileSync(path)]) as unknown as string
}

function form(body: unknown): FormData {
  const made = new FormData()
  for (const [name, value] of Object.entries(body as object)) {
    for (const each of [value].flat()) made.append(name, each as Blob)
  }
  return made
}

const one = await client.POST('/v1/faces', {
  params: { query: { max_faces: 1, distribution: 1 } },
  body: { file: file(portrait) },
  bodySerializer: form
})
// the type is a string too: with `Accept: image/jpeg` the answer is a photo
const { faces } = one.data as components['schemas']['Faces']
const several = await client.POST('/v1/batch', {
  body: { file: [file(portrait), file(text)] },
  bodySerializer: form
})
const [found, refused] = several.data!.results
const wrong = await client.POST('/v1/faces', { body: { file: file(text) }, bodySerializer: form })
console.log(JSON.stringify({
  gender: faces[0].gender,
  yaw: faces[0].pose.yaw,
  ages: faces[0].age_distribution!.length,
  batch: 'faces' in found ? found.faces.length : found.problem.code,
  refused: 'problem' in refused ? refused.problem.code : '',
  code: wrong.error!.code
}))
