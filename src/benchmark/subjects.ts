import type { PlannerConfig } from '../config/planner.ts'
import { createEngine } from '../engine/index.ts'
import { imageSubject } from './image-subject.ts'
import { EVALUATIONS, isImageJob, type Job } from './job.ts'
import { type PlannerSources, plannerSubject } from './planner-subject.ts'
import type { TimingRecord } from './record.ts'
import type { Subject, Trained } from './subject.ts'
import { TASKS } from './task.ts'

/**
 * What a job trains and measures.
 *
 * @param folder run folder
 * @param sources of a planner; image generators read their images themselves
 */
export async function subjectOf(job: Job, folder: string, sources?: PlannerSources): Promise<Subject> {
  const engine = await createEngine({ device: job.config.engine.device, threads: 1 })
  if (isImageJob(job)) return imageSubject(job, folder, engine)
  const { constantStart = false } = TASKS[job.task]
  return plannerSubject(job as Job<PlannerConfig>, folder, sources!, constantStart, engine)
}

/** Milliseconds of single plans at every number of evaluations, if plans can be timed. */
export async function planTimes({ time }: Trained): Promise<Pick<TimingRecord, 'plan' | 'planP95'>> {
  if (!time) return {}
  const plan: Record<string, number> = {}
  const planP95: Record<string, number> = {}
  for (const count of EVALUATIONS) {
    const { p50, p95 } = await time(count)
    plan[count] = p50
    planP95[count] = p95
  }
  return { plan, planP95 }
}
