import test from 'ava'
import { loadEnvironment } from '../../envs/index.ts'
import { ARMS } from '../../src/benchmark/arm.ts'
import {
  configChanges,
  createJob,
  isImageJob,
  type Job,
  jobName,
  settingsChanges,
} from '../../src/benchmark/job.ts'
import { PROTOCOLS, protocolJobs } from '../../src/benchmark/protocol.ts'
import { TASKS } from '../../src/benchmark/task.ts'
import type { PlannerConfig } from '../../src/config/planner.ts'
import { createCoupling } from '../../src/coupling/index.ts'
import { createPolicy } from '../../src/policy/policy.ts'

const plannerJob = (...about: Parameters<typeof createJob>) => createJob(...about) as Job<PlannerConfig>

test('jobs of one task and seed differ in nothing but the arm', (t) => {
  const vanilla = createJob('two-way/mlp', 'independent', 3).config
  const local = createJob('two-way/mlp', 'local', 3).config
  const changes = configChanges(vanilla, local)
  t.true(changes.length > 0)
  t.true(
    changes.every((change) => change.startsWith('coupling.')),
    changes.join(),
  )
})

test('seeds share neither demonstrations nor test episodes', (t) => {
  const [one, two] = [0, 1].map((seed) => plannerJob('two-way/mlp', 'local', seed).config)
  t.not(one.seed, two.seed)
  t.not(one.demonstrations.seed, two.demonstrations.seed)
  t.true(two.evaluation.seed >= one.evaluation.seed + one.evaluation.episodes)
})

test('every arm fits every task', async (t) => {
  for (const task of Object.keys(TASKS)) {
    for (const arm of Object.keys(ARMS)) {
      const job = createJob(task, arm, 0)
      const { coupling, training } = job.config
      t.notThrows(() => createCoupling(coupling))
      t.is(training.steps % training.checkpointEvery, 0)
      if (isImageJob(job)) continue
      const { config } = job as Job<PlannerConfig>
      createPolicy(config, await loadEnvironment(config.environment))
    }
  }
})

test('protocols go seed by seed, and can be cut down', (t) => {
  const jobs = protocolJobs('few-step')
  t.is(jobs[0].seed, 0)
  t.deepEqual(
    [...jobs].sort((a, b) => a.seed - b.seed),
    jobs,
  )
  t.is(new Set(jobs.map(jobName)).size, jobs.length)
  const few = protocolJobs('closed-loop', {
    tasks: ['two-way/mlp'],
    arms: ['local', 'independent'],
    seeds: 2,
  })
  t.deepEqual(few.map(jobName), [
    'two-way/mlp/independent/seed-0',
    'two-way/mlp/local/seed-0',
    'two-way/mlp/independent/seed-1',
    'two-way/mlp/local/seed-1',
  ])
})

test('each protocol has vanilla, and what its arms are compared with, with as many seeds', (t) => {
  for (const [name, { arms }] of Object.entries(PROTOCOLS)) {
    for (const [arm, seeds] of Object.entries(arms)) {
      const { against } = ARMS[arm]
      if (against !== undefined) t.true(arms[against] >= seeds, `${name}: ${arm}`)
    }
  }
})

test('unknown names are refused with the nearest ones', (t) => {
  t.throws(() => protocolJobs('few-steps'), { name: 'InputError', message: /did you mean "few-step"/ })
  t.throws(() => protocolJobs('few-step', { seeds: 0 }), { name: 'InputError', message: /"seeds" is 0/ })
  t.throws(() => protocolJobs('few-step', { arms: ['locale'] }), { message: /did you mean "local"/ })
  t.throws(() => protocolJobs('closed-loop', { tasks: ['two-way/mlq'] }), { message: /"two-way\/mlp"/ })
  t.throws(() => createJob('two-way/mlp', 'lokal', 0), { name: 'InputError', message: /Unknown arm/ })
})

test('settings that a run did not know yet had their defaults', (t) => {
  const job = plannerJob('two-way/mlp', 'local', 0)
  const { mirror, ...demonstrations } = job.config.demonstrations
  t.is(mirror, 'none')
  t.deepEqual(settingsChanges({ ...job.config, demonstrations }, job, 'run'), [])
  t.deepEqual(
    settingsChanges({ ...job.config, demonstrations: { ...demonstrations, count: 3 } }, job, 'run'),
    ['demonstrations.count: 3 → 200'],
  )
})

test('changes between configs are named by their keys', (t) => {
  t.deepEqual(configChanges({ a: { b: 1, c: [1] } }, { a: { b: 2, c: [1] }, d: true }), [
    'a.b: 1 → 2',
    'd: absent → true',
  ])
})
