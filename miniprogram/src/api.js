// The only module that talks to the server.
const config = require('./config')

const CODES = { 413: 'too_large', 429: 'rate_limited', 502: 'busy', 503: 'busy', 504: 'timeout' }
const RETRYABLE = ['offline', 'timeout', 'interrupted', 'busy', 'rate_limited', 'internal', 'unreadable']

// WeChat's messages when no answer came, the most specific first.
const FAILURES = [
  [/abort/, 'cancelled'],
  [/interrupted/, 'interrupted'],
  [/time ?d? ?out/, 'timeout'],
  [/domain list|invalid url/, 'not_configured'],
  [/no such file|file not found/, 'photo_gone']
]

class Refusal extends Error {
  constructor(code) {
    super(code)
    this.code = code
  }
}

// The newer route also says how likely each age is. An old service lacks it, and one with API keys
// refuses it; then /upload, which every service has, is asked from then on.
const FACES = '/v1/faces?distribution=1'
const UPLOAD = '/upload'
const LACKING = [401, 403, 404, 405]

let route = FACES

/**
 * Send a photo. Returns { answer, cancel }: a promise of { faces, notJudged }, the faces, the largest
 * first, empty if there is none, and how many more were not judged; and a function that stops the
 * upload. The promise rejects with a Refusal.
 */
function estimate(path, onProgress = () => {}) {
  let task
  const send = () => new Promise((resolve, reject) => {
    task = wx.uploadFile({
      url: config.server + route,
      filePath: path,
      name: 'file',
      timeout: config.timeout,
      success: resolve,
      fail: ({ errMsg }) => reject(new Refusal(failure(errMsg)))
    })
    task.onProgressUpdate(({ progress }) => onProgress(progress))
  })
  const answer = send().then(reply => {
    if (route === UPLOAD || !lacking(reply)) return reply
    route = UPLOAD
    return send()
  }).then(read)
  return { answer, cancel: () => task.abort() }
}

// Whether a reply shows that the service has no /v1/faces for us. Some answer a wrong address with a page.
function lacking({ statusCode, data }) {
  return LACKING.includes(statusCode) || (statusCode === 200 && /^\s*</.test(data))
}

function failure(words = '') {
  const [, code] = FAILURES.find(([pattern]) => pattern.test(words.toLowerCase())) || []
  return code || 'offline'
}

// WeChat calls `success` for any status.
function read({ statusCode, data }) {
  const answer = parse(data)
  if (statusCode !== 200) throw new Refusal(code(statusCode, answer))
  if (answer === -1) return { faces: [], notJudged: 0 }
  if (!answer || !Array.isArray(answer.faces) || !answer.faces.every(isFace)) {
    throw new Refusal('unreadable')
  }
  return { faces: answer.faces.map(toFace), notJudged: answer.faces_not_judged || 0 }
}

// A face as both routes tell it: /v1/faces has a tenth of a year, and the notes under `quality`.
function toFace({ age, gender, age_range, gender_confidence, box, notes, quality, age_distribution }) {
  return {
    age: Math.round(age), gender, age_range, gender_confidence, box,
    notes: notes || (quality && quality.notes) || [],
    ages: age_distribution || []
  }
}

function parse(data) {
  try {
    return JSON.parse(data)
  } catch {
    return null
  }
}

function code(status, answer) {
  if (answer && typeof answer.code === 'string') return answer.code
  return CODES[status] || (status < 500 ? 'bad_request' : 'internal')
}

function isFace(face) {
  return face && Number.isFinite(face.age) && face.box && ['Male', 'Female'].includes(face.gender) &&
    Array.isArray(face.age_range)
}

/** Whether sending the same photo again may help. */
function isRetryable(code) {
  return RETRYABLE.includes(code)
}

module.exports = { estimate, isRetryable, Refusal }
