// Asks for one of two consents: `kind` is 'face', 'privacy' or '' for none.
Component({
  properties: {
    kind: { type: String, value: '' },
    under14: { type: Boolean, value: false },
    t: { type: Object, value: {} }
  },

  data: { child: false, guardian: false },

  observers: {
    'kind, under14'(_kind, under14) {
      this.setData({ child: under14, guardian: false })
    }
  },

  methods: {
    onAdults() {
      this.setData({ child: false, guardian: false })
    },

    onChildren() {
      this.setData({ child: true })
    },

    onGuardian() {
      this.setData({ guardian: !this.data.guardian })
    },

    onAgree() {
      const { child, guardian } = this.data
      if (child && !guardian) return
      this.triggerEvent('answer', { agreed: true, guardian })
    },

    onRefuse() {
      this.triggerEvent('answer', { agreed: false })
    },

    onMore() {
      wx.navigateTo({ url: '/pages/privacy/privacy' })
    },

    onGuide() {
      wx.openPrivacyContract()
    },

    // keeps the page behind from scrolling
    stay() {}
  }
})
