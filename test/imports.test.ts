import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import test from 'ava'
import { packageFolder } from '../src/package-folder.ts'

const root = packageFolder()

/** Each layer and the layers it may import, its own excepted. Files directly in `src` are for everybody. */
const ALLOWED: Record<string, string[]> = {
  'src/random': [],
  'src/engine': [],
  'src/env': ['src/random'],
  envs: ['src/env', 'src/random'],
  'src/weights': ['src/engine', 'src/random'],
  'src/nn': ['src/engine', 'src/random'],
  'src/diffusion': ['src/engine', 'src/random'],
  'src/coupling': ['src/engine', 'src/random'],
  'src/data': ['src/engine', 'src/random', 'src/env', 'src/weights'],
  'src/models': ['src/nn', 'src/engine', 'src/random', 'src/weights'],
  'src/pipeline': ['src/models', 'src/nn', 'src/diffusion', 'src/engine', 'src/random', 'src/weights'],
  'src/policy': [
    'src/config',
    'src/models',
    'src/nn',
    'src/diffusion',
    'src/data',
    'src/engine',
    'src/random',
    'src/env',
    'src/weights',
  ],
  'src/generate': [
    'src/config',
    'src/models',
    'src/nn',
    'src/diffusion',
    'src/data',
    'src/engine',
    'src/random',
  ],
  'src/evaluate': ['src/policy', 'src/data', 'src/engine', 'src/random', 'src/env'],
  'src/config': ['src/coupling', 'src/engine', 'src/random'],
  'src/run': ['src/config', 'src/data', 'src/engine', 'src/random', 'src/weights'],
  'src/train': [
    'src/config',
    'src/pipeline',
    'src/models',
    'src/nn',
    'src/diffusion',
    'src/coupling',
    'src/data',
    'src/policy',
    'src/generate',
    'src/evaluate',
    'src/run',
    'src/env',
    'src/engine',
    'src/random',
    'src/weights',
  ],
}
/** The viewer knows nothing of what it shows but the protocol, and its client runs in a browser. */
Object.assign(ALLOWED, {
  'viewer/protocol': [],
  'viewer/server': ['viewer/protocol'],
  'viewer/client': ['viewer/protocol'],
})
const ANYTHING_BUT_CLI = ['src/benchmark', 'src/diagnose']

const layerOf = (path: string) => {
  const parts = path.split('/')
  if (parts[0] === 'viewer') return `viewer/${parts[1]}`
  if (parts[0] !== 'src') return parts[0]
  return parts.length === 2 ? 'src' : `src/${parts[1]}`
}

const files = ['src', 'envs', 'viewer'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name)),
)

test('imports point down the layers', (t) => {
  t.true(files.length > 20)
  for (const file of files) {
    const layer = layerOf(file)
    // The public API and the command line are the composition roots.
    if (file === 'src/index.ts' || layer === 'src/cli') continue
    const source = readFileSync(join(root, file), 'utf8')
    for (const [, target] of source.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      const imported = layerOf(relative(root, resolve(root, dirname(file), target)))
      if (imported === layer || imported === 'src') continue
      const allowed = ANYTHING_BUT_CLI.includes(layer)
        ? imported !== 'src/cli' && imported !== 'envs' && !imported.startsWith('viewer')
        : ALLOWED[layer]?.includes(imported)
      t.true(allowed, `${file} imports ${target}: ${layer} must not depend on ${imported}`)
    }
  }
})

test('only the engine knows the runtimes', (t) => {
  for (const file of files) {
    if (file.startsWith('src/engine/')) continue
    const source = readFileSync(join(root, file), 'utf8')
    t.notRegex(source, /'(onnxruntime-node|@tensorflow\/[^']+)'/, file)
  }
})
