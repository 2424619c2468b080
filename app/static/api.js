// The only module that talks to the server.
export const ADDRESS = new URL('v1/faces?distribution=1', document.baseURI).href

// nginx gives up on the service after 60 s, so no answer takes longer than this.
const TIMEOUT = 75_000
const CODES = { 413: 'too_large', 429: 'rate_limited', 502: 'busy', 503: 'busy', 504: 'timeout' }
const RETRYABLE = ['offline', 'timeout', 'busy', 'rate_limited', 'internal', 'unreadable']

/** `code`: of the wire contract, or one of the page's own in words.js; `answer`: the reply, if any. */
export class Refusal extends Error {
  constructor(code, answer) {
    super(code)
    this.code = code
    this.answer = answer
  }
}

/**
 * Send a photo. Resolves to the answer, rejects with a Refusal. `onProgress` gets the share sent,
 * 0 to 1 (fetch cannot report it).
 */
export function estimate(photo, { signal, onProgress }) {
  const request = new XMLHttpRequest()
  const form = new FormData()
  form.append('file', photo, 'photo')
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Refusal('timeout'))
      request.abort()
    }, TIMEOUT)
    signal.addEventListener('abort', () => request.abort())
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total)
    request.onerror = () => reject(new Refusal('offline'))
    request.onabort = () => reject(new Refusal('cancelled'))
    request.onload = () => resolve(request)
    request.onloadend = () => clearTimeout(timer)
    request.open('POST', ADDRESS)
    request.send(form)
  }).then(read)
}

function read({ status, responseText }) {
  const answer = parse(responseText)
  if (status !== 200) throw new Refusal(code(status, answer), answer)
  if (!Array.isArray(answer?.faces)) throw new Refusal('unreadable')
  return answer
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function code(status, answer) {
  if (typeof answer?.code === 'string') return answer.code
  return CODES[status] ?? (status < 500 ? 'bad_request' : 'internal')
}

/** Whether sending the same photo again may help. */
export function isRetryable(code) {
  return RETRYABLE.includes(code)
}
