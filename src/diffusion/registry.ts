import { InputError, lookUp } from '../errors.ts'
import { type ConsistencyOptions, consistency } from './consistency.ts'
import { type DdpmOptions, ddpm } from './ddpm.ts'
import { type FlowOptions, flow } from './flow.ts'
import type { Process } from './process.ts'
import { type ConsistencySamplerOptions, consistencyGrid, sampleConsistency } from './samplers/consistency.ts'
import { type DdimOptions, ddimGrid, sampleDdim } from './samplers/ddim.ts'
import { type DdpmSamplerOptions, ddpmGrid, sampleDdpm } from './samplers/ddpm.ts'
import { type Dopri5Options, sampleDopri5 } from './samplers/dopri5.ts'
import { dpmSolverGrid, sampleDpmSolver } from './samplers/dpm-solver.ts'
import { sampleEuler } from './samplers/euler.ts'
import { type OdeOptions, odeGrid } from './samplers/fixed-steps.ts'
import { sampleHeun } from './samplers/heun.ts'
import { sampleMidpoint } from './samplers/midpoint.ts'
import { type PndmOptions, pndmGrid, samplePndm } from './samplers/pndm.ts'
import type { Sampler, Sampling } from './samplers/sampler.ts'
import type { GridOptions } from './time-grid.ts'

/** A process in a config, such as `{ type: 'ddpm', steps: 100 }` or `{ type: 'flow' }`. */
export type ProcessConfig =
  | ({ readonly type: 'ddpm' } & DdpmOptions)
  | ({ readonly type: 'flow' } & FlowOptions)
  | ({ readonly type: 'consistency' } & ConsistencyOptions)

/** A sampler in a config, such as `{ type: 'ddim', steps: 16 }`. */
export type SamplerConfig =
  | ({ readonly type: 'ddpm' } & DdpmSamplerOptions)
  | ({ readonly type: 'ddim' } & DdimOptions)
  | ({ readonly type: 'pndm' } & PndmOptions)
  | ({ readonly type: 'dpm-solver' } & GridOptions)
  | ({ readonly type: 'euler' } & OdeOptions)
  | ({ readonly type: 'heun' } & OdeOptions)
  | ({ readonly type: 'midpoint' } & OdeOptions)
  | ({ readonly type: 'dopri5' } & Dopri5Options)
  | ({ readonly type: 'consistency' } & ConsistencySamplerOptions)

interface ProcessOptions {
  readonly ddpm: DdpmOptions
  readonly flow: FlowOptions
  readonly consistency: ConsistencyOptions
}

interface SamplerOptions {
  readonly ddpm: DdpmSamplerOptions
  readonly ddim: DdimOptions
  readonly pndm: PndmOptions
  readonly 'dpm-solver': GridOptions
  readonly euler: OdeOptions
  readonly heun: OdeOptions
  readonly midpoint: OdeOptions
  readonly dopri5: Dopri5Options
  readonly consistency: ConsistencySamplerOptions
}

interface SamplerEntry<Options> {
  readonly run: (sampling: Sampling, options: Options) => ReturnType<Sampler>
  /** Types of the processes that it fits. */
  readonly fits: readonly string[]
  /** Looks at steps and spacing before anything runs. */
  readonly check?: (process: Process, options: Options) => unknown
}

const processes: { readonly [Name in keyof ProcessOptions]: (options: ProcessOptions[Name]) => Process } = {
  ddpm,
  flow,
  consistency,
}

const samplers: { readonly [Name in keyof SamplerOptions]: SamplerEntry<SamplerOptions[Name]> } = {
  ddpm: { run: sampleDdpm, fits: ['ddpm'], check: ddpmGrid },
  ddim: { run: sampleDdim, fits: ['ddpm'], check: ddimGrid },
  pndm: { run: samplePndm, fits: ['ddpm'], check: pndmGrid },
  'dpm-solver': { run: sampleDpmSolver, fits: ['ddpm', 'flow'], check: dpmSolverGrid },
  euler: { run: sampleEuler, fits: ['ddpm', 'flow'], check: odeGrid },
  heun: { run: sampleHeun, fits: ['ddpm', 'flow'], check: odeGrid },
  midpoint: { run: sampleMidpoint, fits: ['ddpm', 'flow'], check: odeGrid },
  dopri5: { run: sampleDopri5, fits: ['ddpm', 'flow'] },
  consistency: { run: sampleConsistency, fits: ['consistency'], check: consistencyGrid },
}

/** Makes a process from its config. @throws InputError for an unknown type or a setting out of range */
export function createProcess(config: ProcessConfig): Process {
  return makeProcess(config.type, config)
}

/** Makes a sampler from its config. @throws InputError for an unknown type */
export function createSampler(config: SamplerConfig): Sampler {
  return makeSampler(config.type, config)
}

/**
 * Checks that a sampler can run on a process, before anything is trained.
 *
 * @throws InputError naming both and the samplers that fit, or saying why its steps do not
 */
export function checkSampler(config: SamplerConfig, process: Process): void {
  checkFit(config.type, config, process)
}

/** Names of the samplers that fit a process. */
export function samplersFor(process: Process): SamplerConfig['type'][] {
  const names = Object.keys(samplers) as SamplerConfig['type'][]
  return names.filter((name) => samplers[name].fits.includes(process.type))
}

function makeProcess<Name extends keyof ProcessOptions>(type: Name, options: ProcessOptions[Name]): Process {
  lookUp<unknown>('process', processes, type)
  return processes[type](options)
}

function makeSampler<Name extends keyof SamplerOptions>(type: Name, options: SamplerOptions[Name]): Sampler {
  lookUp<unknown>('sampler', samplers, type)
  const { run } = samplers[type]
  return (sampling) => {
    checkFit(type, options, sampling.process)
    return run(sampling, options)
  }
}

function checkFit<Name extends keyof SamplerOptions>(
  type: Name,
  options: SamplerOptions[Name],
  process: Process,
): void {
  lookUp<unknown>('sampler', samplers, type)
  const { fits, check } = samplers[type]
  if (!fits.includes(process.type)) {
    const others = samplersFor(process).join(', ')
    throw new InputError(
      `The sampler "${type}" does not fit the process ${process.name}; use one of: ${others || 'none that there is'}.`,
    )
  }
  check?.(process, options)
}
