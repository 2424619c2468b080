const config = require('../../config')
const consent = require('../../consent')
const { moment } = require('../../dates')
const history = require('../../history')
const words = require('../../words')
const { call } = require('../../wechat')

Page({
  data: { t: {}, sections: [], given: false, guide: '', contact: config.contact },

  onShow() {
    const t = words.text()
    const { sections, weather, title } = t.policy
    wx.setNavigationBarTitle({ title })
    this.setData({ t, guide: t.consent.guide, sections: config.placeKey ? [...sections, weather] : sections })
    this.showConsent()
    return call('getPrivacySetting').then(
      ({ privacyContractName }) => privacyContractName && this.setData({ guide: privacyContractName }),
      () => {}
    )
  },

  showConsent() {
    const { given, guardian, missing } = this.data.t.policy
    const now = consent.current()
    const sentence = now && words.fill(given, { when: moment(new Date(now.when)) })
    this.setData({ given: Boolean(now), standing: now ? sentence + (now.guardian ? guardian : '') : missing })
  },

  onGuide() {
    wx.openPrivacyContract()
  },

  async onWithdraw() {
    const { sure, withdrawn } = this.data.t.policy
    const { confirm } = await call('showModal', { content: sure })
    if (!confirm) return
    consent.withdraw()
    history.clear()
    this.showConsent()
    wx.showToast({ title: withdrawn })
  }
})
