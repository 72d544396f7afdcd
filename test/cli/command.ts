import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createProgram } from '../../src/cli/program.ts'
import { packageFolder } from '../../src/package-folder.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

/** What a command left. */
export interface Ended {
  /** Exit code; null where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command under way. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

/** Starts the command line in a process of its own. */
export function start(...args: string[]): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: packageFolder(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, OMP_NUM_THREADS: '1', NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  return { child, ended }
}

/** Runs a command to its end. */
export const command = (...args: string[]): Promise<Ended> => start(...args).ended

/**
 * Waits until something is true while a command runs.
 *
 * @throws Error with the command's output, if it ends before
 */
export async function until(running: Running, condition: () => boolean): Promise<void> {
  let over: Ended | undefined
  running.ended.then((ended) => (over = ended))
  while (!condition()) {
    if (over) throw new Error(`The command ended with ${over.code} too early:\n${over.stdout}${over.stderr}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** The address that a command with `--json` prints once it serves a viewer. */
export async function viewerUrl(running: Running): Promise<string> {
  let text = ''
  running.child.stdout?.on('data', (piece) => (text += piece))
  const found = () => /"url":"(http[^"]*)"/.exec(text)?.[1]
  await until(running, () => found() !== undefined)
  return found()!
}

/** Runs a command line in this process, which must not end it. */
export const run = (...args: string[]) => createProgram().parseAsync(args, { from: 'user' })

/** What a command line prints that runs in this process; nothing else may print meanwhile. */
export async function printed(...args: string[]): Promise<string> {
  const write = process.stdout.write
  let text = ''
  process.stdout.write = (piece: string | Uint8Array) => {
    text += piece
    return true
  }
  try {
    await run(...args)
  } finally {
    process.stdout.write = write
  }
  return text
}

/** The records that a command printed: every line must be one. */
export const records = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
