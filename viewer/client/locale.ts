// A browser started under the POSIX locale calls its language `en-US@posix`, with which uPlot cannot be loaded.
try {
  new Intl.NumberFormat(navigator.language)
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' })
}
