import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { FailureError } from '../src/errors.ts'

/** The interpreter of Debian's packages, whatever else is first on the path. */
const PYTHON = '/usr/bin/python3'

/** The peer's surroundings: with so many threads, and OpenBLAS as it finds the processor. */
export function peerEnvironment(threads: number): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...others } = process.env
  return { ...others, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) }
}

/** What the peer runs on. */
export interface PeerVersions {
  readonly python: string
  readonly torch: string
  /** The best instruction set that PyTorch uses here, such as `AVX2`. */
  readonly instructions: string
}

const ASK = `
import json, platform, torch
settings = torch.__config__.show()
after = settings.split("CPU capability usage: ")[1] if "CPU capability" in settings else "unknown"
print(json.dumps({"python": platform.python_version(), "torch": torch.__version__, "instructions": after.split()[0]}))
`

let asked: Promise<PeerVersions | undefined> | undefined

/** Versions of Python and PyTorch; undefined where either is absent. */
export function peerVersions(): Promise<PeerVersions | undefined> {
  asked ??= promisify(execFile)(PYTHON, ['-c', ASK]).then(
    ({ stdout }) => JSON.parse(stdout),
    () => undefined,
  )
  return asked
}

/**
 * Runs a script of this folder on PyTorch and reads the JSON that it prints.
 *
 * @param job the script's argument, as JSON
 * @param threads of PyTorch and of the libraries below it
 * @returns undefined where PyTorch is absent
 * @throws FailureError with the end of the script's complaint if it fails
 */
export async function runPeer<T>(script: string, job: unknown, threads: number): Promise<T | undefined> {
  if (!(await peerVersions())) return undefined
  const file = fileURLToPath(new URL(script, import.meta.url))
  const env = peerEnvironment(threads)
  try {
    const { stdout } = await promisify(execFile)(PYTHON, [file, JSON.stringify(job)], { env })
    return JSON.parse(stdout)
  } catch (error) {
    const complaint = String((error as { stderr?: string }).stderr ?? error).trim()
    throw new FailureError(`The peer's script ${script} failed: ${complaint.split('\n').at(-1)}`)
  }
}
