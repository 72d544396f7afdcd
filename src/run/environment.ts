import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a run was made with, flat, so that two can be compared. */
export type EnvironmentRecord = Readonly<Record<string, string>>

/** Runtimes whose version changes the numbers. */
const RUNTIMES = ['onnxruntime-node/package.json', '@tensorflow/tfjs-core/package.json']

/** Versions of this package, its runtimes and Node, and the machine. */
export function describeEnvironment(): EnvironmentRecord {
  const processors = cpus()
  return {
    ...versions(),
    platform: `${process.platform}-${process.arch}`,
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: String(processors.length),
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
  }
}

/** Versions of this package, its runtimes and Node, for manifests. */
export function versions(): EnvironmentRecord {
  const require = createRequire(import.meta.url)
  const runtimes = RUNTIMES.flatMap((file) => {
    try {
      return [[dirname(file), readVersion(require.resolve(file))]]
    } catch {
      return []
    }
  })
  return { immiscible: ownVersion(), node: process.versions.node, ...Object.fromEntries(runtimes) }
}

/** What differs between two records, each as `name: before → now`. */
export function environmentChanges(before: EnvironmentRecord, now: EnvironmentRecord): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((name) => before[name] !== now[name])
    .map((name) => `${name}: ${before[name] ?? 'absent'} → ${now[name] ?? 'absent'}`)
}

function ownVersion(): string {
  // The source lies two folders below package.json and the build three.
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    try {
      return readVersion(join(folder, 'package.json'))
    } catch {
      if (folder === dirname(folder)) return 'unknown'
    }
  }
}

function readVersion(file: string): string {
  return JSON.parse(readFileSync(file, 'utf8')).version
}
