const { FACE, freshWx, settle } = require('./wechat')
const api = require('../src/api')
const words = require('../src/words')
const contract = require('../../app/static/openapi.json')

const CODES = contract.components.schemas.Problem.properties.code.enum

beforeEach(() => { global.wx = freshWx() })

async function outcome(act) {
  const { answer } = api.estimate('photo.jpg')
  act(wx.uploads[0])
  return answer.then(({ faces }) => faces, error => error.code)
}

test('faces, or none', async () => {
  expect(await outcome(upload => upload.answer({ age: 34, gender: 'Female', faces: [FACE] }))).toEqual([FACE])
  global.wx = freshWx()
  expect(await outcome(upload => upload.answer('-1'))).toEqual([])
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
