import test from 'ava'
import { openResults } from '../../src/benchmark/results.ts'
import { type PaceOptions, pace } from '../../src/cli/bench.ts'
import type { Output } from '../../src/cli/output.ts'
import { syntheticResult } from '../benchmark/synthetic.ts'
import { scratch } from '../scratch.ts'

test('paces are asked for by tasks and arms that have results, and others are named', async (t) => {
  const out = scratch()
  const made = syntheticResult({ task: 'two-way/mlp', arm: 'local', seed: 0, success: () => 0.5 })
  const file = openResults(out, made.job.versions)
  file.append(made)
  file.close()
  const refused = (options: Partial<PaceOptions>, message: RegExp) =>
    t.throwsAsync(pace({ out, rounds: 1, ...options }, {} as Output, new AbortController().signal), {
      name: 'InputError',
      message,
    })
  await refused({ tasks: ['two-way/mpl'] }, /task of the results in .*; did you mean "two-way\/mlp"/)
  await refused({ arms: ['local', 'locale'] }, /arm of the results in .*"locale"; did you mean "local"/)
  await refused({ out: scratch() }, /no results in/)
})
