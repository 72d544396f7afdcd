/** The part of onnx.proto that a graph of static shapes needs, with its field numbers. */
import protobuf from 'protobufjs/light.js'

const INT64 = { type: 'int64' }
const STRING = { type: 'string' }

const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: { ...INT64, id: 1 },
        producerName: { ...STRING, id: 2 },
        graph: { type: 'GraphProto', id: 7 },
        opsetImport: { rule: 'repeated', type: 'OperatorSetIdProto', id: 8 },
      },
    },
    OperatorSetIdProto: { fields: { domain: { ...STRING, id: 1 }, version: { ...INT64, id: 2 } } },
    GraphProto: {
      fields: {
        node: { rule: 'repeated', type: 'NodeProto', id: 1 },
        name: { ...STRING, id: 2 },
        initializer: { rule: 'repeated', type: 'TensorProto', id: 5 },
        input: { rule: 'repeated', type: 'ValueInfoProto', id: 11 },
        output: { rule: 'repeated', type: 'ValueInfoProto', id: 12 },
      },
    },
    NodeProto: {
      fields: {
        input: { rule: 'repeated', ...STRING, id: 1 },
        output: { rule: 'repeated', ...STRING, id: 2 },
        opType: { ...STRING, id: 4 },
        attribute: { rule: 'repeated', type: 'AttributeProto', id: 5 },
        domain: { ...STRING, id: 7 },
      },
    },
    AttributeProto: {
      fields: {
        name: { ...STRING, id: 1 },
        f: { type: 'float', id: 2 },
        i: { ...INT64, id: 3 },
        s: { type: 'bytes', id: 4 },
        g: { type: 'GraphProto', id: 6 },
        ints: { rule: 'repeated', ...INT64, id: 8 },
        type: { type: 'int32', id: 20 },
      },
    },
    TensorProto: {
      fields: {
        dims: { rule: 'repeated', ...INT64, id: 1 },
        dataType: { type: 'int32', id: 2 },
        name: { ...STRING, id: 8 },
        rawData: { type: 'bytes', id: 9 },
        externalData: { rule: 'repeated', type: 'StringStringEntryProto', id: 13 },
        dataLocation: { type: 'int32', id: 14 },
      },
    },
    StringStringEntryProto: { fields: { key: { ...STRING, id: 1 }, value: { ...STRING, id: 2 } } },
    ValueInfoProto: { fields: { name: { ...STRING, id: 1 }, type: { type: 'TypeProto', id: 2 } } },
    TypeProto: {
      fields: {
        tensorType: { type: 'TensorTypeProto', id: 1 },
        sequenceType: { type: 'SequenceTypeProto', id: 4 },
      },
    },
    SequenceTypeProto: { fields: { elemType: { type: 'TypeProto', id: 1 } } },
    TensorTypeProto: {
      fields: { elemType: { type: 'int32', id: 1 }, shape: { type: 'TensorShapeProto', id: 2 } },
    },
    TensorShapeProto: { fields: { dim: { rule: 'repeated', type: 'DimensionProto', id: 1 } } },
    DimensionProto: { fields: { dimValue: { ...INT64, id: 1 } } },
  },
})

/** The message that an `.onnx` file holds. */
export const ModelProto = root.lookupType('ModelProto')

/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const

/** TensorProto.DataLocation of a tensor that lies in a file of its own. */
export const EXTERNAL = 1
