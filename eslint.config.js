// The page's and the peers' JavaScript, by the mini-program's rules: `npm run lint` in miniprogram/
// checks that, `miniprogram/node_modules/.bin/eslint app bench` here checks these.
const { createRequire } = require('node:module')

const rules = require('./miniprogram/eslint.config.js')
const globals = createRequire(require.resolve('./miniprogram/eslint.config.js'))('globals')

module.exports = [
  ...rules,
  {
    files: ['app/static/**/*.js'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'module', globals: globals.browser }
  },
  { files: ['bench/peers/*.js'], languageOptions: { ecmaVersion: 2022, globals: globals.node } }
]
