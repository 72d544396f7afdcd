/**
 * Node's loading hook for TypeScript. What the types' removal gives is kept under node_modules/.cache, by
 * content, so that the hundred processes of a test run read it instead of each making it anew
 * (docs/decisions/0011).
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const cache = fileURLToPath(new URL('node_modules/.cache/typescript/', import.meta.url))
const { version } = JSON.parse(
  readFileSync(new URL('node_modules/esbuild/package.json', import.meta.url), 'utf8'),
)

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context)
  const path = fileURLToPath(url)
  const source = readFileSync(path, 'utf8')
  const file = `${cache}${createHash('sha256').update(`${version} ${path}\n${source}`).digest('hex')}.js`
  return { format: 'module', source: read(file) ?? keep(file, await strip(path, source)), shortCircuit: true }
}

async function strip(path, source) {
  const { transform } = await import('esbuild')
  const options = { loader: 'ts', target: 'node20', sourcemap: 'inline', sourcefile: path }
  return (await transform(source, options)).code
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
