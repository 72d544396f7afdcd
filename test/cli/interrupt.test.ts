import test from 'ava'
import { stoppable } from '../../src/cli/interrupt.ts'
import { createOutput } from '../../src/cli/output.ts'

/** Ctrl-C, as far as this process can tell. */
const interrupt = () => process.emit('SIGINT')

test.serial('Ctrl-C tells what stopping means, and what gives up for it gives nothing', async (t) => {
  const warnings: string[] = []
  const output = { ...createOutput(true), warn: (text: string) => warnings.push(text) }
  const givesUp = async (signal: AbortSignal) => {
    interrupt()
    signal.throwIfAborted()
    return 'all of it'
  }
  t.is(await stoppable(output, givesUp, 'stopping'), undefined)
  t.deepEqual(warnings, ['stopping'])
  const endsEarly = async (signal: AbortSignal) => {
    interrupt()
    return signal.aborted ? 'a part' : 'all of it'
  }
  t.is(await stoppable(output, endsEarly), 'a part')
  t.regex(warnings[1], /with a checkpoint/)
  t.is(process.listenerCount('SIGINT'), 0)
})

test.serial('an error of its own stays an error', async (t) => {
  const fails = async () => {
    interrupt()
    throw new TypeError('bug')
  }
  const output = { ...createOutput(true), warn() {} }
  await t.throwsAsync(stoppable(output, fails), { message: 'bug' })
})
