// The photo or a placeholder, with a box per face; triggers `choose` when one is tapped.
Component({
  properties: {
    path: { type: String, value: '' },
    boxes: { type: Array, value: [] },
    chosen: { type: Number, value: 0 },
    t: { type: Object, value: {} }
  },

  data: { numbered: false },

  observers: {
    boxes(boxes) {
      this.setData({ numbered: boxes.length > 1 })
    }
  },

  methods: {
    onChoose({ currentTarget }) {
      this.triggerEvent('choose', { index: Number(currentTarget.dataset.index) })
    }
  }
})
