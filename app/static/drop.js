// Photos that are dropped on the page or pasted into it.

/** `onFiles(files)`: photos came; `onNothing()`: what was dropped is no file. */
export function listen(onFiles, onNothing) {
  function receive({ files }, event) {
    event.preventDefault()
    if (files.length) onFiles(files)
    else onNothing()
  }
  document.addEventListener('paste', event => event.clipboardData.files.length && receive(event.clipboardData, event))
  document.addEventListener('drop', event => receive(event.dataTransfer, event))
  for (const name of ['dragover', 'dragleave', 'drop']) {
    document.addEventListener(name, event => {
      if (name === 'dragover') event.preventDefault()
      document.body.classList.toggle('over', name === 'dragover')
    })
  }
}
