/**
 * Node's loading hook for TypeScript. Types give way to spaces, so that lines and columns stay what they are and
 * no source map is needed. The result is kept under node_modules/.cache, by content, so that the next process and
 * its workers read it instead of making it anew (docs/decisions/0011).
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const cache = fileURLToPath(new URL('node_modules/.cache/typescript/', import.meta.url))
const { version } = JSON.parse(
  readFileSync(new URL('node_modules/ts-blank-space/package.json', import.meta.url), 'utf8'),
)

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context)
  return { format: 'module', source: await withoutTypes(fileURLToPath(url)), shortCircuit: true }
}

/** A TypeScript file as JavaScript. @throws Error for syntax that is more than types */
async function withoutTypes(path) {
  const source = readFileSync(path, 'utf8')
  const file = `${cache}${createHash('sha256').update(`${version}\n${source}`).digest('hex')}.js`
  return read(file) ?? keep(file, await strip(path, source))
}

async function strip(path, source) {
  const { default: blankSpace } = await import('ts-blank-space')
  return blankSpace(source, ({ pos }) => {
    const line = source.slice(0, pos).split('\n').length
    throw new Error(`${path}:${line} is TypeScript that is more than types; write it as JavaScript.`)
  })
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Written aside and renamed: other processes read the same folder. */
function keep(file, code) {
  mkdirSync(cache, { recursive: true })
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, code)
  renameSync(aside, file)
  return code
}
