import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a run was made with, flat, so that two can be compared. */
export type EnvironmentRecord = Readonly<Record<string, string>>

/** Dependencies whose version changes the numbers. */
const RUNTIME = /^onnxruntime-|^@tensorflow\//

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
  const own = ownPackage()
  const runtimes = Object.keys({ ...own.dependencies, ...own.optionalDependencies }).filter((name) =>
    RUNTIME.test(name),
  )
  const installed = runtimes.flatMap((name) => {
    try {
      return [[name, readPackage(require.resolve(`${name}/package.json`)).version]]
    } catch {
      // An optional one that is not here.
      return []
    }
  })
  return { immiscible: own.version, node: process.versions.node, ...Object.fromEntries(installed) }
}

/** What differs between two records, each as `name: before → now`. */
export function environmentChanges(before: EnvironmentRecord, now: EnvironmentRecord): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((name) => before[name] !== now[name])
    .map((name) => `${name}: ${before[name] ?? 'absent'} → ${now[name] ?? 'absent'}`)
}

interface Package {
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

function ownPackage(): Package {
  // The source lies two folders below package.json and the build three.
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    try {
      return readPackage(join(folder, 'package.json'))
    } catch {
      if (folder === dirname(folder)) return { version: 'unknown' }
    }
  }
}

function readPackage(file: string): Package {
  return JSON.parse(readFileSync(file, 'utf8'))
}
