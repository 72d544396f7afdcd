export { type Contest, contested } from './contested.ts'
export {
  type CouplingDiagnosis,
  type DiagnoseOptions,
  type Diagnosis,
  diagnose,
  type NetworkDiagnosis,
  type Subject,
} from './diagnose.ts'
export { type Distinct, distinctSamples } from './distinct.ts'
export { idealPrediction, networkData, type PredictData } from './predict.ts'
export { type FirstStep, firstStep, type Response, responseCurve, separationTime } from './response.ts'
