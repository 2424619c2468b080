const consent = require('../../consent')
const drawing = require('../../drawing')
const share = require('../../share')
const words = require('../../words')
const { call } = require('../../wechat')

// The operator adds it, or not.
const CODE = '/images/code.png'
const WIDTH = drawing.CARD.width * drawing.SCALE
const HEIGHT = drawing.CARD.height * drawing.SCALE

Page({
  data: { t: {}, modes: ['blur', 'crop', 'none'], mode: 'blur', message: '', denied: false, asking: '' },

  onLoad() {
    this.getOpenerEventChannel().on('card', card => {
      this.card = card
      this.start()
    })
  },

  onShow() {
    const t = words.text()
    wx.setNavigationBarTitle({ title: t.card.title })
    this.setData({ t })
    consent.showWith(resolve => {
      this.answer = resolve
      this.setData({ asking: 'privacy' })
    })
  },

  onReady() {
    wx.createSelectorQuery().in(this).select('#canvas').fields({ node: true }).exec(([{ node }]) => {
      node.width = WIDTH
      node.height = HEIGHT
      this.canvas = node
      this.start()
      this.load(CODE).then(code => {
        this.code = code
        if (code) this.start()
      })
    })
  },

  onUnload() {
    consent.showWith(null)
  },

  onConsent({ detail: { agreed } }) {
    this.setData({ asking: '' })
    this.answer(agreed ? { event: 'agree', buttonId: 'agree-privacy' } : { event: 'disagree' })
  },

  // the canvas and the card may arrive in either order
  async draw() {
    const { canvas, card, data: { mode } } = this
    if (!canvas || !card) return
    this.file = null
    const image = mode === 'none' ? null : await this.load(card.photo.path)
    if (this.data.mode !== mode) return
    const context = canvas.getContext('2d')
    drawing.drawCard(context, { ...card, mode, image, lines: this.lines(), code: this.code })
  },

  load(path) {
    return new Promise(resolve => {
      const image = this.canvas.createImage()
      image.onload = () => resolve(image)
      image.onerror = () => resolve(null)
      image.src = path
    })
  },

  lines() {
    const t = words.text()
    const { age, low, high, quip } = words.describe(this.card.faces[this.card.chosen])
    return { verdict: t.verdict, age, quip, title: t.title, years: t.years, detail: `${t.range} ${low}–${high} ${t.years}` }
  },

  onMode({ currentTarget }) {
    this.setData({ mode: currentTarget.dataset.mode, message: '' })
    this.start()
  },

  start() {
    this.drawn = this.draw()
  },

  // wait for the drawing: the canvas may still show the face
  async export() {
    await this.drawn
    const { tempFilePath } = await call('canvasToTempFilePath', {
      canvas: this.canvas, fileType: 'jpg', quality: 0.9, destWidth: WIDTH, destHeight: HEIGHT
    })
    this.file = tempFilePath
    return tempFilePath
  },

  async onSend() {
    try {
      await call('showShareImageMenu', { path: await this.export() })
    } catch ({ message }) {
      if (!/cancel/.test(message)) this.setData({ message: this.data.t.card.failed })
    }
  },

  async onSave() {
    const { t } = this.data
    try {
      await call('saveImageToPhotosAlbum', { filePath: await this.export() })
      this.setData({ message: t.card.saved, denied: false })
    } catch ({ message }) {
      const denied = /auth|denied/.test(message)
      this.setData({ message: /cancel/.test(message) ? '' : t.card.failed, denied })
    }
  },

  onSettings() {
    wx.openSetting()
  },

  onShareAppMessage() {
    const { card, file } = this
    return share.message(card && card.faces[card.chosen], file || undefined)
  }
})
