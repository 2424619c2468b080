/** @jest-environment node */
// `npm run contract`, started by tests/miniprogram: our network module and the first mini-program's
// text cutting, on the real service at YANLING_URL with the photos in YANLING_PHOTOS.
const fs = require('fs')
const path = require('path')
const config = require('../src/config')
const api = require('../src/api')

const { YANLING_URL, YANLING_PHOTOS } = process.env
config.server = YANLING_URL

// What wx.uploadFile does, over real HTTP: success at any status, the reply as text.
function uploadFile({ url, filePath, name, success, fail }) {
  const stop = new AbortController()
  const form = new FormData()
  form.append(name, new Blob([fs.readFileSync(path.join(YANLING_PHOTOS, filePath))]), filePath)
  fetch(url, { method: 'POST', body: form, signal: stop.signal })
    .then(async reply => success({ statusCode: reply.status, data: await reply.text() }))
    .catch(({ name: kind }) => fail({ errMsg: `uploadFile:fail ${kind === 'AbortError' ? 'abort' : 'connect'}` }))
  return { onProgressUpdate() {}, abort: () => stop.abort() }
}

beforeAll(() => {
  expect(YANLING_URL).toMatch(/^http/)
  global.wx = { uploadFile }
})

const sent = photo => api.estimate(photo).answer.then(({ faces }) => faces)
const codeOf = photo => sent(photo).then(() => 'answered', error => error.code)

test('a portrait', async () => {
  const [face, ...others] = await sent('portrait.jpg')
  expect(others).toEqual([])
  expect(face).toMatchObject({ gender: 'Female', box: { left: expect.any(Number), width: expect.any(Number) } })
  expect(face.age_range[0]).toBeLessThanOrEqual(face.age)
  expect(face.age_range[1]).toBeGreaterThanOrEqual(face.age)
})

test('/v1/faces also says how likely each age is; a service without it gives the same answer', async () => {
  const [face] = await sent('portrait.jpg')
  expect(face.ages).toHaveLength(101)
  let older
  jest.isolateModules(() => {
    require('../src/config').server = YANLING_URL
    older = require('../src/api')
  })
  const whole = global.wx
  global.wx = { uploadFile: options => uploadFile({ ...options, url: options.url.replace('/v1/faces', '/v0/faces') }) }
  const { faces } = await older.estimate('portrait.jpg').answer
  global.wx = whole
  // /v1/faces has rounded to tenths before: 38.46 is 38 at /upload and 38.5, so 39, here
  expect(Math.abs(faces[0].age - face.age)).toBeLessThanOrEqual(1)
  expect(faces).toEqual([{ ...face, age: faces[0].age, ages: [] }])
})

test('a group, the largest first', async () => {
  const widths = (await sent('group.jpg')).map(({ box }) => box.width)
  expect(widths).toHaveLength(5)
  expect(Math.max(...widths)).toBe(widths[0])
})

test('no face', async () => {
  expect(await sent('landscape.jpg')).toEqual([])
})

test('what the service refuses', async () => {
  expect(await codeOf('text.jpg')).toBe('unsupported_type')
  expect(await codeOf('empty.jpg')).toBe('empty_file')
  expect(await codeOf('cut.jpg')).toBe('bad_image')
})

test('cancelled, or no server', async () => {
  const job = api.estimate('portrait.jpg')
  job.cancel()
  await expect(job.answer).rejects.toMatchObject({ code: 'cancelled' })
  config.server = 'http://127.0.0.1:9'
  expect(await codeOf('portrait.jpg')).toBe('offline')
  config.server = YANLING_URL
})

// The first mini-program's code, as deployed.
function original(data) {
  if (data === '-1') return '请提交人脸图片！'
  return { age: data.split(':')[1].split(',')[0], gender: data.split('"')[5] }
}

test('the first mini-program’s text cutting still works', async () => {
  const replyTo = filePath => new Promise((success, fail) => {
    uploadFile({ url: `${YANLING_URL}/upload`, filePath, name: 'file', success, fail })
  })
  const [face] = await sent('portrait.jpg')
  expect(original((await replyTo('portrait.jpg')).data)).toEqual({ age: String(face.age), gender: face.gender })
  expect(original((await replyTo('landscape.jpg')).data)).toBe('请提交人脸图片！')
})
