/**
 * The sources as JavaScript, so that tests load them without a hook: `build/src` of `src`, and so on. Types give
 * way to spaces and imports name `.js`, so that lines and columns stay what they are and no source map is needed
 * (docs/decisions/0011). A file is made anew when its source has changed.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

const OUT = 'build'
const FIXTURES = join('test', 'fixtures')

/** Brings `build/` up to date, and links the fixtures that tests read beside themselves. */
export async function build(...folders) {
  for (const folder of folders) {
    const sources = filesIn(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    const targets = new Set(sources.map(targetOf))
    for (const file of filesIn(join(OUT, folder))) {
      if (file.endsWith('.js') && !targets.has(file)) rmSync(file)
    }
    for (const source of sources) await make(source)
  }
  if (!existsSync(join(OUT, FIXTURES)))
    symlinkSync(join('..', '..', FIXTURES), join(OUT, FIXTURES), 'junction')
}

/** A test's source, as it is named on a command line, by what is made of it: `npx ava test/rows.test.ts`. */
export const namingBuilt = (argument) => argument.replace(/^(?:\.\/)?(test\/.*)\.ts$/, `${OUT}/$1.js`)

const targetOf = (source) => join(OUT, source.replace(/\.ts$/, '.js'))

function filesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (path === FIXTURES) return []
    return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : []
  })
}

/** The result bears its source's time of change, by which it is known to be of it. */
async function make(source) {
  const target = targetOf(source)
  const { atime, mtime } = statSync(source)
  if (statSync(target, { throwIfNoEntry: false })?.mtime.getTime() === mtime.getTime()) return
  mkdirSync(dirname(target), { recursive: true })
  // Written aside and renamed: another run of the tests may read the same folder.
  const aside = `${target}.${process.pid}`
  writeFileSync(aside, await strip(source, readFileSync(source, 'utf8')))
  utimesSync(aside, atime, mtime)
  renameSync(aside, target)
}

/** A TypeScript file as JavaScript of the same length. @throws Error for syntax that is more than types */
async function strip(path, source) {
  const { default: blankSpace } = await import('ts-blank-space')
  const { default: ts } = await import('typescript')
  const code = blankSpace(source, ({ pos }) => {
    const line = source.slice(0, pos).split('\n').length
    throw new Error(`${path}:${line} is TypeScript that is more than types; write it as JavaScript.`)
  })
  let [imported, done] = ['', 0]
  for (const { fileName, pos } of ts.preProcessFile(source).importedFiles) {
    const extension = pos + fileName.length - 1
    // Imports of types have given way to spaces.
    if (!/^\..*\.ts$/.test(fileName) || code.slice(extension, extension + 2) !== 'ts') continue
    imported += `${code.slice(done, extension)}js`
    done = extension + 2
  }
  return imported + code.slice(done)
}
