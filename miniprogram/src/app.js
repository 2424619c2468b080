const consent = require('./consent')

App({
  onLaunch() {
    consent.listen()
  }
})
