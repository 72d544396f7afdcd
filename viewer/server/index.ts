export { createHub, type Hub, type HubLimits, type Subscriber } from './hub.ts'
export { DEFAULT_PORT } from './port.ts'
export { record } from './recorder.ts'
export { exportPage, type ServeOptions, serve, type Viewer } from './serve.ts'
