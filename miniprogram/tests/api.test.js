const { FACE, freshWx, settle } = require('./wechat')
const words = require('../src/words')
const contract = require('../../app/static/openapi.json')

const CODES = contract.components.schemas.Problem.properties.code.enum

let api

// each test meets a service that it does not know yet
beforeEach(() => {
  global.wx = freshWx()
  jest.isolateModules(() => { api = require('../src/api') })
})

async function outcome(act) {
  const { answer } = api.estimate('photo.jpg')
  const done = answer.then(({ faces }) => faces, error => error.code)
  act(wx.uploads[0])
  await settle()
  if (wx.uploads[1]) act(wx.uploads[1])
  return done
}

test('faces, or none', async () => {
  expect(await outcome(upload => upload.answer({ age: 34, gender: 'Female', faces: [FACE] }))).toMatchObject([FACE])
  global.wx = freshWx()
  expect(await outcome(upload => upload.answer('-1'))).toEqual([])
})

test('/v1/faces: whole years, its notes, and how likely each age is', async () => {
  const face = { ...FACE, age: 34.6, quality: { notes: ['dark'] }, age_distribution: [0.4, 0.6] }
  expect(await outcome(upload => upload.answer({ faces: [face], faces_not_judged: 0 })))
    .toMatchObject([{ age: 35, notes: ['dark'], ages: [0.4, 0.6] }])
  expect(wx.uploads.map(({ options }) => options.url)).toEqual([expect.stringMatching(/\/v1\/faces\?distribution=1$/)])
})

test.each([
  ['an old service', 404, { code: 'not_found' }], ['API keys', 401, { code: 'unauthorized' }],
  ['another web server', 405, '<html>'], ['a site that answers everything', 200, '<!doctype html>']
])('%s: the photo goes to /upload, and so do those after it', async (_, status, data) => {
  const job = api.estimate('photo.jpg')
  wx.uploads[0].answer(data, status)
  await settle()
  wx.uploads[1].answer({ age: 34, gender: 'Female', faces: [FACE] })
  expect((await job.answer).faces).toMatchObject([{ ...FACE, ages: [] }])
  api.estimate('another.jpg')
  expect(wx.uploads.slice(1).map(({ options }) => options.url)).toEqual(Array(2).fill(expect.stringMatching(/\/upload$/)))
})

test('cancelling stops the second upload, too', async () => {
  const job = api.estimate('photo.jpg')
  wx.uploads[0].answer('', 404)
  await settle()
  job.cancel()
  await expect(job.answer).rejects.toMatchObject({ code: 'cancelled' })
  expect(wx.uploads[1].aborted).toBe(true)
})

test.each(CODES)('%s comes from the problem document and has a text in both languages', async code => {
  expect(await outcome(upload => upload.answer({ code, status: 400 }, 400))).toBe(code)
  for (const { errors } of Object.values(words.languages)) expect(errors[code]).toBeTruthy()
})

test.each([
  [400, 'bad_request'], [404, 'bad_request'], [413, 'too_large'], [429, 'rate_limited'],
  [500, 'internal'], [502, 'busy'], [503, 'busy'], [504, 'timeout']
])('%i without a problem document is %s', async (status, code) => {
  expect(await outcome(upload => upload.answer('<html>nginx</html>', status))).toBe(code)
})

test.each([
  ['a web page', '<html>welcome</html>'], ['nothing', ''], ['null', 'null'], ['another number', '7'],
  ['no faces', '{}'], ['half a face', '{"faces":[{"age":3}]}'],
  ['an answer cut off', '{"age":34,"gen'], ['an empty list', '[]']
])('%s instead of the answer is unreadable', async (_, data) => {
  expect(await outcome(upload => upload.answer(data))).toBe('unreadable')
})

test.each([
  ['uploadFile:fail abort', 'cancelled'],
  ['uploadFile:fail interrupted', 'interrupted'],
  ['uploadFile:fail timeout', 'timeout'],
  ['uploadFile:fail The request timed out.', 'timeout'],
  ['uploadFile:fail url not in domain list', 'not_configured'],
  ['uploadFile:fail no such file or directory', 'photo_gone'],
  ['uploadFile:fail ssl hand shake error', 'offline'],
  [undefined, 'offline']
])('%s means %s', async (errMsg, code) => {
  expect(await outcome(upload => upload.fail(errMsg))).toBe(code)
})

test('progress, and cancelling', async () => {
  const seen = []
  const job = api.estimate('photo.jpg', progress => seen.push(progress))
  wx.uploads[0].progress(30)
  job.cancel()
  await expect(job.answer).rejects.toMatchObject({ code: 'cancelled' })
  expect(seen).toEqual([30])
  await settle()
})
