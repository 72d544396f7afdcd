/**
 * The values of a file of JSON lines, up to the first line that is torn, and how many bytes they take.
 *
 * @param content of the file
 */
export function parseLines(content: Uint8Array): { readonly values: unknown[]; readonly bytes: number } {
  const values: unknown[] = []
  const decoder = new TextDecoder()
  let start = 0
  for (;;) {
    const newline = content.indexOf(10, start)
    if (newline < 0) return { values, bytes: start }
    try {
      values.push(JSON.parse(decoder.decode(content.subarray(start, newline))))
    } catch {
      return { values, bytes: start }
    }
    start = newline + 1
  }
}
