// Two separate consents: ours to face estimates, which the law requires on its own, and WeChat's to
// its privacy guideline, without which it provides no photo.
const { call } = require('./wechat')

const KEY = 'consent'
// Raise it when the text of the consent changes: everyone is then asked again.
const VERSION = 2

let onAsked = null

/** The consent in force: { version, when, guardian }, or null. */
function current() {
  const given = wx.getStorageSync(KEY)
  return given && given.version === VERSION ? given : null
}

/** `guardian`: a parent or guardian agreed, so faces under 14 may be estimated. */
function give(guardian) {
  wx.setStorageSync(KEY, { version: VERSION, when: Date.now(), guardian: Boolean(guardian) })
}

function withdraw() {
  wx.removeStorageSync(KEY)
}

/** Call at launch: when WeChat needs its consent, the current page shows the sheet. */
function listen() {
  wx.onNeedPrivacyAuthorization(resolve => {
    if (!onAsked) return resolve({ event: 'disagree' })
    resolve({ event: 'exposureAuthorization' })
    onAsked(resolve)
  })
}

/** Sets the current page's function that shows the sheet; null when the page closes. */
function showWith(ask) {
  onAsked = ask
}

/** Whether the user agreed to WeChat's privacy guideline; asks if necessary. */
function authorised() {
  return call('requirePrivacyAuthorize').then(() => true, () => false)
}

module.exports = { current, give, withdraw, listen, showWith, authorised }
