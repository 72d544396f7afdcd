#!/usr/bin/env node
import { ImmiscibleError, InputError } from '../errors.ts'
import { createProgram } from './program.ts'

/** Exit codes: 0 done, 1 failure, 2 bad input, 130 stopped by Ctrl-C. */
try {
  await createProgram().parseAsync()
} catch (error) {
  if (error instanceof ImmiscibleError) process.stderr.write(`error: ${error.message}\n`)
  else process.stderr.write(`error: ${error instanceof Error ? error.stack : error}\n`)
  process.exitCode = error instanceof InputError ? 2 : 1
}
// Native thread pools of the runtime keep a process alive for no reason.
process.exit()
