// Two consents, asked apart: ours to look at faces, which the law wants to stand alone, and
// WeChat's to its privacy guideline, without which it hands out no photo.
const { call } = require('./wechat')

const KEY = 'consent'
// Raise it when the words of the consent change: everyone is asked anew.
const VERSION = 1

let onAsked = null

/** The consent in force: { version, when, guardian }, or null. */
function current() {
  const given = wx.getStorageSync(KEY)
  return given && given.version === VERSION ? given : null
}

/** `guardian`: a parent or guardian agreed, so faces under 14 may be looked at. */
function give(guardian) {
  wx.setStorageSync(KEY, { version: VERSION, when: Date.now(), guardian: Boolean(guardian) })
}

function withdraw() {
  wx.removeStorageSync(KEY)
}

/** At launch: WeChat asks us to ask; the page on top shows the sheet. */
function listen() {
  wx.onNeedPrivacyAuthorization(resolve => {
    if (!onAsked) return resolve({ event: 'disagree' })
    resolve({ event: 'exposureAuthorization' })
    onAsked(resolve)
  })
}

/** The page that shows the sheet from now on; null when it goes. */
function showWith(page) {
  onAsked = page
}

/** Whether the user agreed to WeChat's privacy guideline, asking when need be. */
function authorised() {
  return call('requirePrivacyAuthorize').then(() => true, () => false)
}

module.exports = { current, give, withdraw, listen, showWith, authorised }
