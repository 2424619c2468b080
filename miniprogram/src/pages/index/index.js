const api = require('../../api')
const config = require('../../config')
const consent = require('../../consent')
const { date } = require('../../dates')
const drawing = require('../../drawing')
const guess = require('../../guess')
const history = require('../../history')
const photo = require('../../photo')
const place = require('../../place')
const share = require('../../share')
const words = require('../../words')
const { call } = require('../../wechat')

// where the slider stands at first
const FIRST_GUESS = 30

Page({
  data: {
    t: {},
    state: 'start', // then waiting, perhaps guess, and faces, none, error or refused
    path: '',
    boxes: [],
    chosen: 0,
    asking: '',
    under14: false,
    place: null
  },

  onLoad() {
    place.here().then(found => this.setData({ place: found }))
  },

  onShow() {
    if (this.taken && !consent.current()) this.onCancel() // consent withdrawn meanwhile
    this.refresh()
    consent.showWith(resolve => this.ask('privacy').then(({ agreed }) => {
      resolve(agreed ? { event: 'agree', buttonId: 'agree-privacy' } : { event: 'disagree' })
    }))
  },

  onUnload() {
    consent.showWith(null)
    this.stop()
  },

  refresh() {
    const t = words.text()
    wx.setNavigationBarTitle({ title: t.title })
    this.setData({ t, date: date(), guessing: guess.isOn(), by: words.fill(t.by, { author: config.author }) })
    if (this.faces) this.show(this.data.chosen)
    if (this.data.state === 'error') this.setData({ error: this.explain(this.data.code) })
  },

  // one sheet at a time: an earlier question is answered no
  ask(kind, under14 = false) {
    if (this.answer) this.answer({ agreed: false })
    this.setData({ asking: kind, under14 })
    return new Promise(resolve => { this.answer = resolve })
  },

  onConsent({ detail }) {
    const { answer } = this
    this.answer = null
    this.setData({ asking: '' })
    if (answer) answer(detail)
  },

  async agreed(under14) {
    const { agreed, guardian } = await this.ask('face', under14)
    if (agreed) consent.give(guardian)
    else if (this.data.state === 'start') this.setData({ state: 'refused' })
    return agreed
  },

  // without a guardian's consent the answer goes, too
  async onChild() {
    if (await this.agreed(true)) return this.show(this.data.chosen)
    history.remove(this.when)
    this.onCancel()
  },

  async onPhoto() {
    if (!consent.current() && !(await this.agreed(false))) return
    if (!(await consent.authorised())) return this.fail('privacy_refused')
    const { t } = this.data
    const choice = await call('showActionSheet', { itemList: [t.camera, t.album] }).catch(() => null)
    if (!choice) return
    try {
      const taken = await photo.take(choice.tapIndex === 0 ? 'camera' : 'album')
      if (taken) await this.estimate(taken)
    } catch ({ code }) {
      this.fail(code)
    }
  },

  async estimate(taken) {
    this.stop()
    this.taken = taken
    this.faces = null
    this.setData({ state: 'waiting', step: 'sending', progress: 0, path: taken.path, boxes: [], chosen: 0 })
    const job = this.job = api.estimate(taken.path, progress => {
      if (this.job === job) this.setData({ progress, step: progress < 100 ? 'sending' : 'looking' })
    })
    try {
      const answer = await job.answer
      if (this.job === job) this.conclude(answer)
    } catch ({ code }) {
      if (this.job === job) this.fail(code)
    }
  },

  conclude({ faces, notJudged }) {
    this.job = null
    if (!consent.current()) return this.onCancel()
    if (!faces.length) return this.setData({ state: 'none' })
    Object.assign(this, { faces, notJudged, when: Date.now() })
    history.add(faces, this.when)
    const state = guess.isOn() ? 'guess' : 'faces'
    this.setData({ state, guessed: FIRST_GUESS, guessedOf: null, boxes: drawing.boxes(faces, this.taken) })
    this.show(0)
  },

  show(chosen) {
    const t = words.text()
    const more = this.notJudged ? words.fill(t.notJudged, { count: this.notJudged }) : ''
    const verdict = this.faces.length > 1 ? words.fill(t.verdictOf, { number: chosen + 1 }) : t.verdict
    const faces = this.faces.map(words.describe)
    const face = faces[chosen]
    const { guessed, guessedOf } = this.data
    const compared = guessedOf === chosen ? guess.compare(guessed, face.age) : ''
    this.setData({ chosen, more, verdict, young: this.young(), faces, face, compared, count: words.countTo(face.age) })
  },

  // whether to ask about age 14: someone looks younger, and no guardian has agreed
  young() {
    const { guardian } = consent.current() || {}
    return !guardian && this.faces.some(({ age }) => age < 14)
  },

  fail(code) {
    this.job = null
    const again = Boolean(this.taken) && api.isRetryable(code)
    this.setData({ state: 'error', code, again, error: this.explain(code) })
  },

  explain(code) {
    return words.error(code, this.taken ? this.taken.path : '')
  },

  stop() {
    const { job } = this
    this.job = null
    if (job) job.cancel()
  },

  onCancel() {
    this.stop()
    this.taken = this.faces = null
    this.setData({ state: 'start', path: '', boxes: [] })
  },

  onRetry() {
    return this.estimate(this.taken)
  },

  onSettings() {
    wx.openSetting()
  },

  onFace({ detail }) {
    this.show(detail.index)
  },

  onChip({ currentTarget }) {
    this.show(Number(currentTarget.dataset.index))
  },

  onMode() {
    guess.toggle()
    this.setData({ guessing: guess.isOn() })
  },

  onGuess({ detail }) {
    this.setData({ guessed: detail.value })
  },

  onSee() {
    this.setData({ state: 'faces', guessedOf: this.data.chosen })
    this.show(this.data.chosen)
  },

  onLanguage() {
    words.switchLanguage()
    this.refresh()
  },

  onCard() {
    const { taken, faces, data: { chosen } } = this
    wx.navigateTo({
      url: '/pages/card/card',
      success: ({ eventChannel }) => eventChannel.emit('card', { photo: taken, faces, chosen })
    })
  },

  onHistory() {
    wx.navigateTo({ url: '/pages/history/history' })
  },

  onPrivacy() {
    wx.navigateTo({ url: '/pages/privacy/privacy' })
  },

  onShareAppMessage() {
    return share.message(this.faces && this.faces[this.data.chosen])
  },

  onShareTimeline() {
    return share.timeline(this.faces && this.faces[this.data.chosen])
  }
})
