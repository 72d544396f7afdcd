export { decodeClientMessage, decodeServerMessage, encodeMessage, ProtocolError } from './codec.ts'
export {
  type ClientMessage,
  clientMessage,
  detailOf,
  keyOf,
  type MessageOf,
  PROTOCOL_VERSION,
  type ServerMessage,
  type ShapeMessage,
  type StateMessage,
  serverMessage,
} from './messages.ts'
export { decodeRecording, encodeRecord, RECORDING_MAGIC, type RecordedMessage } from './recording.ts'
