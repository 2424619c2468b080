const { moment } = require('../../dates')
const history = require('../../history')
const words = require('../../words')
const { call } = require('../../wechat')

Page({
  data: { t: {}, entries: [] },

  onShow() {
    const t = words.text()
    wx.setNavigationBarTitle({ title: t.records.title })
    this.setData({ t })
    this.list()
  },

  list() {
    const { more } = this.data.t.records
    this.setData({
      entries: history.all().map(({ when, faces }) => ({
        when,
        moment: moment(new Date(when)),
        age: faces[0].age,
        gender: words.text()[faces[0].gender],
        more: faces.length > 1 ? words.fill(more, { count: faces.length }) : ''
      }))
    })
  },

  onErase({ currentTarget }) {
    history.remove(Number(currentTarget.dataset.when))
    this.list()
  },

  async onClear() {
    const { confirm } = await call('showModal', { content: this.data.t.records.sure })
    if (!confirm) return
    history.clear()
    this.list()
  }
})
